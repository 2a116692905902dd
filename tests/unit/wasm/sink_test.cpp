// What a sink gets to see: validator.h's contract, shown by a sink that writes down every call.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validator.h"

namespace wasmc::wasm::test {
namespace {

class Recorder {
 public:
  std::string log;
  std::vector<uint64_t> offsets;
  std::vector<ValType> locals;
  std::vector<std::span<const ValType>> block_results;

  void begin(const FuncType &type, std::span<const ValType> all) {
    log += "begin" + to_string(type);
    locals.assign(all.begin(), all.end());
  }
  void at(uint64_t offset) { offsets.push_back(offset); }
  void finish() { log += "; finish"; }
#define WASM_FAMILY(family, Imm)                       \
  void family(const OpInfo &op, const Imm &imm) {      \
    log += "; " + std::string(op.text) + show(imm);    \
    note(imm);                                         \
  }
#include "wasm/opcodes.def"

 private:
  template <class Imm> std::string show(const Imm &) { return ""; }
  std::string show(const ConstImm &imm) { return " " + std::to_string(imm.bits); }
  std::string show(const LabelImm &imm) { return " " + std::to_string(imm.depth); }
  std::string show(const BrTableImm &imm) {
    std::string out;
    for (uint32_t depth : imm.depths) out += " " + std::to_string(depth);
    return out + " else " + std::to_string(imm.default_depth);
  }
  template <class Imm> void note(const Imm &) {}
  void note(const BlockImm &imm) { block_results.push_back(imm.type.results); }
};

class Sink : public ::testing::Test {
 protected:
  std::string record(const Bytes &body, Bytes results = {}) {
    Builder module;
    module.function(module.type({}, results), body);
    return run(module);
  }
  std::string run(const Builder &module) {
    bytes = module.build();
    Result<Module> decoded = decode_module(bytes);
    if (!decoded) return decoded.error().describe();
    this->module = std::move(*decoded);
    recorder = Recorder();
    const Result<> result = validate_function(this->module, FuncIndex(0), recorder);
    return result ? recorder.log : result.error().message;
  }

  Bytes bytes;
  Module module;
  Recorder recorder;
};

TEST_F(Sink, SeesAFunctionInOrder) {
  EXPECT_EQ(record(code({op::I32Const, 7, op::I32Const, 8, op::I32Add}), {kI32Byte}),
            "begin() -> (i32); i32.const 7; i32.const 8; i32.add; end; finish");
}

TEST_F(Sink, GetsParametersThenLocals) {
  Builder builder;
  builder.function(builder.type({kI64Byte}, {}), {}, {Bytes{2, kI32Byte}, Bytes{0, kF64Byte}, Bytes{1, kFuncRefByte}});
  EXPECT_EQ(run(builder), "begin(i64) -> (); end; finish");
  EXPECT_EQ(recorder.locals, (std::vector<ValType>{kI64, kI32, kI32, kFuncRef}));
}

TEST_F(Sink, GetsOffsetsInTheModule) {
  record(code({op::Nop, op::I32Const, 1, op::Drop}));
  const uint64_t first = module.bodies[0].offset + 1;  // The byte before counts the locals.
  EXPECT_EQ(recorder.offsets, (std::vector<uint64_t>{first, first + 1, first + 3, first + 4}));
  EXPECT_EQ(bytes[first], op::Nop);
}

TEST_F(Sink, DoesNotSeeUnreachableInstructions) {
  EXPECT_EQ(record(code({op::Unreachable, op::I32Const, 1, op::Drop, op::Nop})), "begin() -> (); unreachable; end; finish");
  EXPECT_EQ(record(code({op::Br, 0, op::I32Const, 1, op::Drop})), "begin() -> (); br 0; end; finish");
  EXPECT_EQ(record(code({op::Return, op::Unreachable})), "begin() -> (); return; end; finish");
  EXPECT_EQ(record(code({op::I32Const, 0, op::BrTable, 2, 0, 0, 0, op::Nop})),
            "begin() -> (); i32.const 0; br_table 0 0 else 0; end; finish");
  EXPECT_EQ(recorder.offsets.size(), 3u);  // `at` is called only for what is shown.
}

TEST_F(Sink, DoesNotSeeBlocksThatOpenInUnreachableCode) {
  EXPECT_EQ(record(code({op::Unreachable, op::Block, kEmptyBlock, op::Loop, kEmptyBlock, op::Nop, op::End, op::End, op::Nop})),
            "begin() -> (); unreachable; end; finish");
  EXPECT_EQ(record(code({op::Unreachable, op::I32Const, 1, op::If, kEmptyBlock, op::Nop, op::Else, op::Nop, op::End})),
            "begin() -> (); unreachable; end; finish");
}

TEST_F(Sink, SeesTheEndOfABlockWhoseBodyBecameUnreachable) {
  EXPECT_EQ(record(code({op::Block, kEmptyBlock, op::Br, 0, op::Nop, op::Block, kEmptyBlock, op::End, op::End, op::Nop})),
            "begin() -> (); block; br 0; end; nop; end; finish");
}

TEST_F(Sink, SeesElseAfterAnUnreachableFirstHalf) {
  EXPECT_EQ(record(code({op::I32Const, 1, op::If, kEmptyBlock, op::Unreachable, op::Nop, op::Else, op::Nop, op::End, op::Nop})),
            "begin() -> (); i32.const 1; if; unreachable; else; nop; end; nop; end; finish");
  EXPECT_EQ(record(code({op::I32Const, 1, op::If, kEmptyBlock, op::Nop, op::Else, op::Return, op::Nop, op::End, op::Nop})),
            "begin() -> (); i32.const 1; if; nop; else; return; end; nop; end; finish");
}

TEST_F(Sink, HiddenBlocksEndWhereTheyBegan) {
  // The inner hidden `if` has an else of its own; the next thing shown is the outer else.
  EXPECT_EQ(record(code({op::I32Const, 1, op::If, kEmptyBlock, op::Unreachable, op::I32Const, 1, op::If, kEmptyBlock,  //
                         op::Else, op::End, op::Nop, op::Else, op::Nop, op::End})),
            "begin() -> (); i32.const 1; if; unreachable; else; nop; end; end; finish");
}

TEST_F(Sink, BlockTypesStayValidWhileTheBlockIsOpen) {
  EXPECT_EQ(record(code({op::Block, kI32Byte, op::Block, kI64Byte, op::Block, kF64Byte, op::Unreachable, op::End, op::Drop,  //
                         op::I64Const, 0, op::End, op::Drop, op::I32Const, 0, op::End, op::Drop})),
            "begin() -> (); block; block; block; unreachable; end; drop; i64.const 0; end; drop; i32.const 0; end; drop; end; finish");
  ASSERT_EQ(recorder.block_results.size(), 3u);
  EXPECT_EQ(recorder.block_results[0][0], kI32);
  EXPECT_EQ(recorder.block_results[1][0], kI64);
  EXPECT_EQ(recorder.block_results[2][0], kF64);
}

TEST_F(Sink, ConstantsAreZeroExtendedBits) {
  EXPECT_EQ(record(code({op::I32Const, 0x7f, op::Drop, op::I64Const, 0x7f, op::Drop, op::F32Const, 0, 0, 0x80, 0x3f, op::Drop})),
            "begin() -> (); i32.const 4294967295; drop; i64.const 18446744073709551615; drop; f32.const 1065353216; drop; end; finish");
}

TEST_F(Sink, SeesNothingOfAnInvalidInstruction) {
  EXPECT_EQ(record(code({op::I32Const, 1, op::I64Eqz})), "type mismatch: expected i64, found i32");
  EXPECT_EQ(recorder.log, "begin() -> (); i32.const 1");
}

}  // namespace
}  // namespace wasmc::wasm::test
