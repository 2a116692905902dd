#include "wasm/reader.h"

#include <gtest/gtest.h>

#include "build.h"

namespace wasmc::wasm::test {
namespace {

template <class T> std::string message(const Result<T> &result) { return result ? "accepted" : result.error().message; }

Result<uint32_t> u32(Bytes bytes) { return Reader(bytes).u32(); }
Result<uint64_t> u64(Bytes bytes) { return Reader(bytes).u64(); }
Result<int64_t> s33(Bytes bytes) { return Reader(bytes).s33(); }
Result<std::string_view> name(const Bytes &bytes) { return Reader(bytes).name(); }

template <class Imm> Result<Imm> immediate(uint32_t opcode, const Bytes &bytes) {
  Reader reader(bytes);
  Imm imm{};
  TRY(reader.read(*find_op(opcode), imm));
  EXPECT_TRUE(reader.done());
  return imm;
}

TEST(Reader, UnsignedIntegers) {
  EXPECT_EQ(u32({0}), 0u);
  EXPECT_EQ(u32({0x7f}), 127u);
  EXPECT_EQ(u32({0x80, 0x01}), 128u);
  EXPECT_EQ(u32({0x80, 0x80, 0x80, 0x80, 0x00}), 0u);
  EXPECT_EQ(u32({0xff, 0xff, 0xff, 0xff, 0x0f}), 0xffffffffu);
  EXPECT_EQ(u64({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}), ~uint64_t{0});
}

TEST(Reader, SignedIntegers) {
  EXPECT_EQ(immediate<ConstImm>(op::I32Const, {0x7f})->bits, 0xffffffffu);
  EXPECT_EQ(immediate<ConstImm>(op::I32Const, {0x3f})->bits, 63u);
  EXPECT_EQ(immediate<ConstImm>(op::I32Const, {0x40})->bits, uint32_t(-64));
  EXPECT_EQ(immediate<ConstImm>(op::I32Const, {0x80, 0x7f})->bits, uint32_t(-128));
  EXPECT_EQ(immediate<ConstImm>(op::I32Const, {0x80, 0x80, 0x80, 0x80, 0x78})->bits, 0x80000000u);
  EXPECT_EQ(immediate<ConstImm>(op::I64Const, {0x7f})->bits, ~uint64_t{0});
  EXPECT_EQ(immediate<ConstImm>(op::I64Const, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f})->bits,
            uint64_t{1} << 63);
  EXPECT_EQ(s33({0xff, 0xff, 0xff, 0xff, 0x0f}), 0xffffffff);
  EXPECT_EQ(s33({0x80, 0x80, 0x80, 0x80, 0x70}), -int64_t{0x100000000});
}

TEST(Reader, IntegersThatAreTooLong) {
  EXPECT_EQ(message(u32({0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), "integer representation too long");
  EXPECT_EQ(message(u64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})),
            "integer representation too long");
  EXPECT_EQ(message(immediate<ConstImm>(op::I32Const, {0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})), "integer representation too long");
}

TEST(Reader, IntegersThatAreTooLarge) {
  EXPECT_EQ(message(u32({0x80, 0x80, 0x80, 0x80, 0x10})), "integer too large");
  EXPECT_EQ(message(u64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02})), "integer too large");
  EXPECT_EQ(message(immediate<ConstImm>(op::I32Const, {0x80, 0x80, 0x80, 0x80, 0x08})), "integer too large");
  EXPECT_EQ(message(immediate<ConstImm>(op::I32Const, {0xff, 0xff, 0xff, 0xff, 0x4f})), "integer too large");
  EXPECT_EQ(message(s33({0x80, 0x80, 0x80, 0x80, 0x10})), "integer too large");
}

TEST(Reader, IntegersThatEndEarly) {
  EXPECT_EQ(message(u32({})), "unexpected end of section or function");
  EXPECT_EQ(message(u32({0x80})), "unexpected end of section or function");
  EXPECT_EQ(u32({0x80}).error().offset, 1u);
}

TEST(Reader, AnIntegerThatRunsOutOfItsPartIsJudgedWhole) {
  const Bytes module = {0x80, 0x80, 0x80, 0x80, 0x10, 0x80, 0x01};
  const std::span<const uint8_t> bytes = module;
  EXPECT_EQ(message(Reader::of_part(bytes, bytes.first(2)).u32()), "integer too large");
  EXPECT_EQ(message(Reader::of_part(bytes, bytes.subspan(5, 1)).u32()), "unexpected end of section or function");
}

TEST(Reader, FloatsAreBits) {
  EXPECT_EQ(immediate<ConstImm>(op::F32Const, {0x00, 0x00, 0xa0, 0x7f})->bits, 0x7fa00000u);
  EXPECT_EQ(immediate<ConstImm>(op::F64Const, {1, 2, 3, 4, 5, 6, 7, 8})->bits, 0x0807060504030201u);
  EXPECT_EQ(message(immediate<ConstImm>(op::F64Const, {1, 2, 3, 4, 5, 6, 7})), "unexpected end of section or function");
}

TEST(Reader, Names) {
  EXPECT_EQ(name(text("grün")), "grün");
  EXPECT_EQ(message(name({3, 'a', 'b'})), "length out of bounds");
  EXPECT_EQ(message(name({1, 0xff})), "malformed UTF-8 encoding");
}

TEST(Reader, Utf8) {
  for (const Bytes &good : {Bytes{}, Bytes{0xc2, 0x80}, Bytes{0xe0, 0xa0, 0x80}, Bytes{0xed, 0x9f, 0xbf}, Bytes{0xee, 0x80, 0x80},
                            Bytes{0xf0, 0x90, 0x80, 0x80}, Bytes{0xf4, 0x8f, 0xbf, 0xbf}})
    EXPECT_TRUE(is_utf8(good));
  for (const Bytes &bad : {Bytes{0x80}, Bytes{0xc0, 0x80}, Bytes{0xc1, 0xbf}, Bytes{0xc2}, Bytes{0xe0, 0x9f, 0xbf},
                           Bytes{0xed, 0xa0, 0x80}, Bytes{0xf0, 0x8f, 0xbf, 0xbf}, Bytes{0xf4, 0x90, 0x80, 0x80},
                           Bytes{0xf5, 0x80, 0x80, 0x80}, Bytes{0xe2, 0x82}, Bytes{0xe2, 0x28, 0xa1}})
    EXPECT_FALSE(is_utf8(bad));
  // At every place of a word, as ASCII is skipped eight bytes at a time.
  for (size_t at = 0; at < 20; ++at) {
    Bytes bytes(20, 'a');
    EXPECT_TRUE(is_utf8(bytes));
    bytes[at] = 0x80;
    EXPECT_FALSE(is_utf8(bytes)) << at;
  }
}

TEST(Reader, CountsAreBoundedByWhatIsLeft) {
  const Bytes bytes = {0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0};
  EXPECT_EQ(message(Reader(bytes).count()), "unexpected end of section or function");
}

TEST(Reader, Types) {
  const Bytes bytes = {0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f};
  Reader reader(bytes);
  for (ValType type : {kI32, kI64, kF32, kF64, kFuncRef, kExternRef}) EXPECT_EQ(reader.val_type(), type);
  EXPECT_EQ(message(Reader(Bytes{0x01}).val_type()), "malformed value type 01");
  EXPECT_EQ(message(Reader(Bytes{0x7f}).ref_type()), "malformed reference type 7f");
  EXPECT_EQ(Reader(Bytes{0x6f}).heap_type()->kind, HeapKind::Extern);
  EXPECT_EQ(message(Reader(Bytes{0x7f}).heap_type()), "malformed heap type 7f");
}

TEST(Reader, BlockTypes) {
  Module module;
  module.types.push_back({.func = {{kI32}, {kI64, kF32}}});
  const auto read = [&](const Bytes &bytes) -> Result<BlockType> {
    module.bytes = bytes;
    CodeReader reader(module);
    reader.start(bytes);
    BlockImm imm;
    TRY(reader.read(*find_op(op::Block), imm));
    return imm.type;
  };
  EXPECT_TRUE(read({0x40})->results.empty());
  for (auto [byte, type] : {std::pair(0x7f, kI32), std::pair(0x7c, kF64), std::pair(0x6f, kExternRef)}) {
    const BlockType block = *read({uint8_t(byte)});
    ASSERT_EQ(block.results.size(), 1u);
    EXPECT_EQ(block.results[0], type);
    EXPECT_TRUE(block.params.empty());
  }
  EXPECT_EQ(read({0})->params.data(), module.types[0].func.params.data());
  EXPECT_EQ(read({0})->results.size(), 2u);
  EXPECT_EQ(message(read({1})), "unknown type 1");
  EXPECT_EQ(message(read({0x80, 0x7f})), "malformed block type");
  EXPECT_EQ(message(read({0x7a})), "malformed value type 7a");
}

TEST(Reader, Immediates) {
  const auto call = *immediate<CallIndirectImm>(op::CallIndirect, {5, 6});
  EXPECT_EQ(raw(call.type), 5u);
  EXPECT_EQ(raw(call.table), 6u);
  const auto copy = *immediate<TableCopyImm>(op::TableCopy, {1, 2});
  EXPECT_EQ(raw(copy.destination), 1u);
  EXPECT_EQ(raw(copy.source), 2u);
  const auto arg = *immediate<MemArg>(op::I32Load, {2, 0x80, 0x01});
  EXPECT_EQ(arg.align_log2, 2u);
  EXPECT_EQ(arg.offset, 128u);
  const auto second = *immediate<MemArg>(op::I32Load, {0x41, 7, 3});
  EXPECT_EQ(second.align_log2, 1u);
  EXPECT_EQ(raw(second.memory), 7u);
  EXPECT_EQ(second.offset, 3u);
  EXPECT_EQ(message(immediate<MemArg>(op::I32Load, {0x40})), "unexpected end of section or function");
  EXPECT_EQ(message(immediate<MemArg>(op::I32Load, {0x80, 0x01, 0})), "malformed memop flags");
  EXPECT_EQ(message(immediate<SelectImm>(op::SelectTyped, {2, 0x7f, 0x7f})), "invalid result arity: select takes one type");
}

TEST(Reader, Opcodes) {
  for (const OpInfo &expected : kOpTable) {
    const Bytes bytes = code({expected.code});
    Reader reader(bytes);
    const OpInfo *op = nullptr;
    ASSERT_TRUE(bool(reader.read(op)));
    EXPECT_EQ(op, &expected);
    EXPECT_TRUE(reader.done());
  }
  for (auto [bytes, expected] : {std::pair(Bytes{0xff}, "illegal opcode ff"), std::pair(Bytes{0x27}, "illegal opcode 27"),
                                 std::pair(Bytes{0xfc, 0x20}, "illegal opcode fc 20"),
                                 std::pair(Bytes{0xfc, 0x80, 0x80, 0x04}, "illegal opcode fc 65536"),
                                 std::pair(Bytes{0xfd, 0xff, 0x7f}, "illegal opcode fd 16383")}) {
    Reader reader(bytes);
    const OpInfo *op = nullptr;
    Status status = reader.read(op);
    ASSERT_FALSE(bool(status));
    EXPECT_EQ(std::move(status).error().message, expected);
  }
}

}  // namespace
}  // namespace wasmc::wasm::test
