// The rules of validation, one body per case.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validator.h"

namespace wasmc::wasm::test {
namespace {

// Types of the module around each body.
constexpr uint8_t kNothing = 0, kTakesI32 = 2, kI32ToI32 = 3, kGivesTwo = 4, kSwaps = 5;
// Functions: the body itself, and
constexpr uint8_t kUndeclared = 1, kDeclared = 2;

/// The error of a body `(param i32 i64) (local f32)` of a type, or "valid".
std::string check(const Bytes &body, Bytes results = {}, bool has_data_count = true) {
  Builder module;
  module.type({}, {});
  module.type({}, {kI32Byte});
  module.type({kI32Byte}, {});
  module.type({kI32Byte}, {kI32Byte});
  module.type({}, {kI32Byte, kI64Byte});
  module.type({kI32Byte, kI64Byte}, {kI64Byte, kI32Byte});
  module.function(module.type({kI32Byte, kI64Byte}, results), body, {Bytes{1, kF32Byte}});
  module.function(kNothing, {});
  module.function(kI32ToI32, code({op::LocalGet, 0}));
  module.table(kFuncRefByte, 1);
  module.table(kExternRefByte, 1);
  module.memory(1);
  module.global(kI32Byte, true, code({op::I32Const, 0}));
  module.global(kI64Byte, false, code({op::I64Const, 0}));
  module.element(Bytes{3, 0, 1, kDeclared});
  module.element(Bytes{5, kExternRefByte, 0});
  if (has_data_count) module.data_count(1);
  module.data(Bytes{1, 0});
  const Bytes bytes = module.build();
  const Result<> result = validate_module(bytes, 1);
  if (result) return "valid";
  EXPECT_EQ(result.error().where, "function 0");
  EXPECT_LE(result.error().offset, bytes.size());
  return result.error().message;
}

constexpr const char *kI32FoundI64 = "type mismatch: expected i32, found i64";
constexpr const char *kI32FoundNothing = "type mismatch: expected i32, found nothing";
constexpr const char *kOneTooMany = "type mismatch: 1 more values on the stack than the block has results";

TEST(Checker, FixedSignatures) {
  EXPECT_EQ(check(code({op::I32Const, 1, op::I32Const, 2, op::I32Add, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I64Const, 2, op::I32Add, op::Drop})), kI32FoundI64);
  EXPECT_EQ(check(code({op::I64Const, 1, op::I32Const, 2, op::I32Add, op::Drop})), kI32FoundI64);
  EXPECT_EQ(check(code({op::I32Const, 1, op::I32Add, op::Drop})), kI32FoundNothing);
  EXPECT_EQ(check(code({op::I64Const, 1, op::I64Eqz}), {kI32Byte}), "valid");
  EXPECT_EQ(check(code({op::I64Const, 1, op::I32WrapI64, op::F64ConvertI32U, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I64TruncSatF32S, op::Drop})), "type mismatch: expected f32, found i32");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I64Extend8S, op::Drop})), "type mismatch: expected i64, found i32");
}

TEST(Checker, Results) {
  EXPECT_EQ(check({}), "valid");
  EXPECT_EQ(check({}, {kI32Byte}), kI32FoundNothing);
  EXPECT_EQ(check(code({op::I32Const, 1})), kOneTooMany);
  EXPECT_EQ(check(code({op::I32Const, 1, op::I64Const, 1}), {kI32Byte, kI64Byte}), "valid");
  EXPECT_EQ(check(code({op::I64Const, 1, op::I32Const, 1}), {kI32Byte, kI64Byte}), "type mismatch: expected i64, found i32");
}

TEST(Checker, Locals) {
  EXPECT_EQ(check(code({op::LocalGet, 0, op::LocalSet, 0, op::LocalGet, 1, op::LocalTee, 1, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::LocalSet, 0})), "type mismatch: expected i32, found f32");
  EXPECT_EQ(check(code({op::LocalGet, 3})), "unknown local 3");
}

TEST(Checker, Globals) {
  EXPECT_EQ(check(code({op::GlobalGet, 0, op::GlobalSet, 0})), "valid");
  EXPECT_EQ(check(code({op::GlobalGet, 1, op::GlobalSet, 0})), kI32FoundI64);
  EXPECT_EQ(check(code({op::GlobalGet, 1, op::GlobalSet, 1})), "immutable global 1");
  EXPECT_EQ(check(code({op::GlobalGet, 2})), "unknown global 2");
}

TEST(Checker, Memory) {
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Load, 2, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Load8U, 1, 0, op::Drop})), "alignment must not be larger than natural");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I64Store, 4, 0})), "alignment must not be larger than natural");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Load, 0}) + uleb(0xffffffff) + code({op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Load, 0}) + uleb(0x100000000) + code({op::Drop})), "offset out of range");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I64Const, 1, op::I64Store16, 1, 0})), "valid");
  EXPECT_EQ(check(code({op::I64Const, 0, op::I64Const, 1, op::I64Store16, 1, 0})), kI32FoundI64);
  EXPECT_EQ(check(code({op::MemorySize, 0, op::MemoryGrow, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::MemorySize, 1, op::Drop})), "unknown memory 1");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 0, op::MemoryFill, 0})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I64Const, 0, op::I32Const, 0, op::MemoryCopy, 0, 0})), kI32FoundI64);
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 0, op::MemoryCopy, 0, 1})), "unknown memory 1");
}

TEST(Checker, DataSegmentsInCode) {
  const Bytes operands = code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 0});
  EXPECT_EQ(check(operands + code({op::MemoryInit, 0, 0, op::DataDrop, 0})), "valid");
  EXPECT_EQ(check(operands + code({op::MemoryInit, 1, 0})), "unknown data segment 1");
  EXPECT_EQ(check(code({op::DataDrop, 1})), "unknown data segment 1");
  EXPECT_EQ(check(code({op::DataDrop, 0}), {}, false), "data count section required");
}

TEST(Checker, Tables) {
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Const, 0, op::TableGet, 0, op::TableSet, 0})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 0, op::I32Const, 0, op::TableGet, 0, op::TableSet, 1})),
            "type mismatch: expected externref, found funcref");
  EXPECT_EQ(check(code({op::TableSize, 1, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::TableSize, 2, op::Drop})), "unknown table 2");
  EXPECT_EQ(check(code({op::RefNull, kExternRefByte, op::I32Const, 1, op::TableGrow, 1, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::RefNull, kExternRefByte, op::I32Const, 1, op::TableGrow, 0, op::Drop})),
            "type mismatch: expected funcref, found externref");
  EXPECT_EQ(check(code({op::I32Const, 0, op::RefNull, kFuncRefByte, op::I32Const, 1, op::TableFill, 0})), "valid");
  const Bytes operands = code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 0});
  EXPECT_EQ(check(operands + code({op::TableCopy, 0, 0})), "valid");
  EXPECT_EQ(check(operands + code({op::TableCopy, 0, 1})), "type mismatch: expected funcref, found externref");
  EXPECT_EQ(check(operands + code({op::TableInit, 0, 0, op::ElemDrop, 1})), "valid");
  EXPECT_EQ(check(operands + code({op::TableInit, 1, 0})), "type mismatch: expected funcref, found externref");
  EXPECT_EQ(check(operands + code({op::TableInit, 2, 0})), "unknown elem segment 2");
  EXPECT_EQ(check(code({op::ElemDrop, 2})), "unknown elem segment 2");
}

TEST(Checker, Calls) {
  EXPECT_EQ(check(code({op::Call, kUndeclared, op::I32Const, 1, op::Call, kDeclared, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Call, kDeclared, op::Drop})), kI32FoundNothing);
  EXPECT_EQ(check(code({op::Call, 9})), "unknown function 9");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I32Const, 0, op::CallIndirect, kI32ToI32, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 0, op::CallIndirect, kNothing, 1})), "type mismatch: expected funcref, found externref");
  EXPECT_EQ(check(code({op::I32Const, 0, op::CallIndirect, kNothing, 2})), "unknown table 2");
  EXPECT_EQ(check(code({op::I32Const, 0, op::CallIndirect, 99, 0})), "unknown type 99");
}

TEST(Checker, References) {
  EXPECT_EQ(check(code({op::RefFunc, kDeclared, op::RefIsNull, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::RefFunc, kUndeclared, op::Drop})), "undeclared function reference 1");
  EXPECT_EQ(check(code({op::RefFunc, 9, op::Drop})), "unknown function 9");
  EXPECT_EQ(check(code({op::I32Const, 0, op::RefIsNull, op::Drop})), "type mismatch: expected a reference, found i32");
}

TEST(Checker, Select) {
  EXPECT_EQ(check(code({op::I64Const, 1, op::I64Const, 2, op::I32Const, 0, op::Select}), {kI64Byte}), "valid");
  EXPECT_EQ(check(code({op::I64Const, 1, op::I32Const, 2, op::I32Const, 0, op::Select, op::Drop})),
            "type mismatch: expected i64, found i32");
  const Bytes nulls = code({op::RefNull, kFuncRefByte, op::RefNull, kFuncRefByte, op::I32Const, 0});
  EXPECT_EQ(check(nulls + code({op::Select, op::Drop})),
            "type mismatch: select without a type takes numbers, found funcref");
  EXPECT_EQ(check(nulls + code({op::SelectTyped, 1, kFuncRefByte, op::Drop})), "valid");
  EXPECT_EQ(check(nulls + code({op::SelectTyped, 1, kExternRefByte, op::Drop})),
            "type mismatch: expected externref, found funcref");
  EXPECT_EQ(check(nulls + code({op::SelectTyped, 0, op::Drop})), "invalid result arity: select takes one type");
}

TEST(Checker, Blocks) {
  EXPECT_EQ(check(code({op::Block, kI32Byte, op::I32Const, 1, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Block, kI32Byte, op::End, op::Drop})), kI32FoundNothing);
  EXPECT_EQ(check(code({op::Block, kEmptyBlock, op::I32Const, 1, op::End})), kOneTooMany);
  EXPECT_EQ(check(code({op::I32Const, 1, op::Block, kEmptyBlock, op::Drop, op::End})), "type mismatch: expected a value, found nothing");
  EXPECT_EQ(check(code({op::I32Const, 1, op::Block, kI32ToI32, op::I32Eqz, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I64Const, 1, op::Block, kSwaps, op::Drop, op::Drop, op::I64Const, 0,  //
                        op::I32Const, 0, op::End, op::Drop, op::Drop})),
            "valid");
  EXPECT_EQ(check(code({op::Block, kGivesTwo, op::I32Const, 1, op::End, op::Drop, op::Drop})),
            "type mismatch: expected i64, found i32");
  EXPECT_EQ(check(code({op::I32Const, 1, op::Loop, kTakesI32, op::Br, 0, op::End})), "valid");
  EXPECT_EQ(check(code({op::Loop, kI32Byte, op::Br, 0, op::End, op::Drop})), "valid");  // A loop's label takes its parameters.
  EXPECT_EQ(check(code({op::Block, kI32Byte, op::Br, 0, op::End, op::Drop})), kI32FoundNothing);
}

TEST(Checker, If) {
  EXPECT_EQ(check(code({op::I32Const, 1, op::If, kI32Byte, op::I32Const, 1, op::Else, op::I32Const, 2, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::If, kI32Byte, op::I32Const, 1, op::End, op::Drop})),
            "type mismatch: an if without else must have results like its parameters");
  EXPECT_EQ(check(code({op::I32Const, 1, op::I32Const, 1, op::If, kI32ToI32, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::If, kI32Byte, op::I32Const, 1, op::Else, op::End, op::Drop})), kI32FoundNothing);
  EXPECT_EQ(check(code({op::I64Const, 1, op::If, kEmptyBlock, op::End})), kI32FoundI64);
  EXPECT_EQ(check(code({op::Else, op::End})), "END opcode expected: else without an if");
  EXPECT_EQ(check(code({op::I32Const, 1, op::If, kEmptyBlock, op::Else, op::Else, op::End})), "END opcode expected: else without an if");
}

TEST(Checker, Branches) {
  EXPECT_EQ(check(code({op::Br, 0})), "valid");
  EXPECT_EQ(check(code({op::Br, 1})), "unknown label 1");
  EXPECT_EQ(check(code({op::Block, kEmptyBlock, op::Br, 5, op::End})), "unknown label 5");
  EXPECT_EQ(check(code({op::I32Const, 7, op::I32Const, 1, op::BrIf, 0}), {kI32Byte}), "valid");
  EXPECT_EQ(check(code({op::I32Const, 1, op::BrIf, 0, op::I32Const, 7}), {kI32Byte}), kI32FoundNothing);
  EXPECT_EQ(check(code({op::Block, kI32Byte, op::I32Const, 1, op::I32Const, 0, op::BrTable, 1, 0, 0, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Block, kI32Byte, op::I32Const, 1, op::I32Const, 0, op::BrTable, 1, 0, 1, op::End, op::Drop})),
            "type mismatch: label 0 takes 1 values, the default label 0");
  EXPECT_EQ(check(code({op::Block, kI64Byte, op::Block, kI32Byte, op::I32Const, 1, op::I32Const, 0, op::BrTable, 1, 1, 0,  //
                        op::End, op::Drop, op::I64Const, 0, op::End, op::Drop})),
            "type mismatch: expected i64, found i32");
  EXPECT_EQ(check(code({op::I32Const, 0, op::BrTable, 1, 9, 0})), "unknown label 9");
  EXPECT_EQ(check(code({op::I32Const, 3, op::Return, op::I32Const, 2}), {kI32Byte}), "valid");
  EXPECT_EQ(check(code({op::Return}), {kI32Byte}), kI32FoundNothing);
}

TEST(Checker, UnreachableCodeHasAnyOperandsButIsChecked) {
  EXPECT_EQ(check(code({op::Unreachable, op::I32Add, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Unreachable}), {kI32Byte}), "valid");
  EXPECT_EQ(check(code({op::Unreachable, op::I64Const, 1, op::I32Add, op::Drop})), kI32FoundI64);
  EXPECT_EQ(check(code({op::Unreachable, op::Select, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Unreachable, op::I64Const, 1, op::I32Const, 0, op::Select}), {kI32Byte}), kI32FoundI64);
  EXPECT_EQ(check(code({op::Unreachable, op::I32Const, 1, op::I32Const, 1}), {kI32Byte}), kOneTooMany);
  EXPECT_EQ(check(code({op::Unreachable, op::LocalGet, 9})), "unknown local 9");
  EXPECT_EQ(check(code({op::Unreachable, op::RefIsNull, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Unreachable, op::BrIf, 0, op::I64Eqz, op::Drop}), {kI32Byte}), "type mismatch: expected i64, found i32");
  EXPECT_EQ(check(code({op::Unreachable, op::Block, kEmptyBlock, op::I32Add, op::End})), kI32FoundNothing);  // The block is not
  EXPECT_EQ(check(code({op::Unreachable, op::If, kEmptyBlock, op::Unreachable, op::Else, op::I32Eqz, op::End})), kI32FoundNothing);
  // Labels of different types but one arity, from the unreachable stack.
  EXPECT_EQ(check(code({op::Block, kI64Byte, op::Block, kI32Byte, op::Unreachable, op::BrTable, 1, 1, 0, op::End, op::Drop,  //
                        op::I64Const, 0, op::End, op::Drop})),
            "valid");
}

TEST(Checker, EndsOfBodies) {
  const auto raw = [](const Bytes &body) {
    Builder module;
    const uint32_t type = module.type({}, {});
    module.raw_function(type, body);
    module.function(type, {});
    const Bytes bytes = module.build();
    const Result<> result = validate_module(bytes, 1);
    return result ? "valid" : result.error().message;
  };
  EXPECT_EQ(raw({0, 0x0b}), "valid");
  EXPECT_EQ(raw({0}), "END opcode expected");
  EXPECT_EQ(raw({0, 0x0b, 0x0b}), "section size mismatch: code after the function's end");
  EXPECT_EQ(raw({}), "unexpected end of section or function");
  EXPECT_EQ(raw({0, 0x41}), "unexpected end of section or function");
  EXPECT_EQ(raw({0, 0xff, 0x0b}), "illegal opcode ff");
}

TEST(Checker, TooManyLocals) {
  const auto locals = [](const std::vector<Bytes> &groups) {
    Builder module;
    module.function(module.type({kI32Byte}, {}), {}, groups);
    const Bytes bytes = module.build();
    const Result<> result = validate_module(bytes, 1);
    return result ? "valid" : result.error().message;
  };
  EXPECT_EQ(locals({uleb(49999) + Bytes{kI32Byte}}), "valid");
  EXPECT_EQ(locals({uleb(50000) + Bytes{kI32Byte}}), "too many locals: the limit is 50000");
  EXPECT_EQ(locals({uleb(0xffffffff) + Bytes{kI32Byte}, uleb(0xffffffff) + Bytes{kI32Byte}}), "too many locals: the limit is 50000");
  EXPECT_EQ(locals(std::vector<Bytes>(49999, Bytes{1, kI64Byte})), "valid");
}

/// The bytes of a vector instruction.
Bytes simd(uint32_t op, const Bytes &immediate = {}) { return Bytes{0xfd} + uleb(op & 0xffff) + immediate; }
const Bytes kVector = simd(op::V128Const, Bytes(16, 1));

TEST(Checker, Vectors) {
  const Bytes address = code({op::I32Const, 0}), drop = code({op::Drop});
  EXPECT_EQ(check(kVector + kVector + simd(op::I8x16Add) + drop), "valid");
  EXPECT_EQ(check(kVector + code({op::I32Const, 1}) + simd(op::I8x16Add) + drop), "type mismatch: expected v128, found i32");
  EXPECT_EQ(check(kVector + simd(op::I8x16Bitmask), {kI32Byte}), "valid");
  EXPECT_EQ(check(kVector + code({op::I32Const, 1}) + simd(op::I64x2Shl) + drop), "valid");
  EXPECT_EQ(check(kVector + kVector + kVector + simd(op::V128Bitselect) + drop), "valid");
  EXPECT_EQ(check(kVector + kVector + simd(op::V128Bitselect) + drop), "type mismatch: expected v128, found nothing");
  EXPECT_EQ(check(kVector + kVector + kVector + simd(op::F32x4RelaxedMadd) + drop), "valid");
  EXPECT_EQ(check(address + simd(op::V128Load, {4, 0}) + drop), "valid");
  EXPECT_EQ(check(address + simd(op::V128Load, {5, 0}) + drop), "alignment must not be larger than natural");
  EXPECT_EQ(check(address + simd(op::V128Load8x8S, {4, 0}) + drop), "alignment must not be larger than natural");
  EXPECT_EQ(check(address + simd(op::V128Load32Zero, {3, 0}) + drop), "alignment must not be larger than natural");
}

TEST(Checker, Lanes) {
  const Bytes address = code({op::I32Const, 0}), drop = code({op::Drop});
  EXPECT_EQ(check(kVector + simd(op::I8x16ExtractLaneS, {15}), {kI32Byte}), "valid");
  EXPECT_EQ(check(kVector + simd(op::I8x16ExtractLaneS, {16}), {kI32Byte}), "invalid lane index 16: there are 16 lanes");
  EXPECT_EQ(check(kVector + code({op::I64Const, 1}) + simd(op::I64x2ReplaceLane, {2}) + drop), "invalid lane index 2: there are 2 lanes");
  EXPECT_EQ(check(kVector + kVector + simd(op::I8x16Shuffle, Bytes(16, 31)) + drop), "valid");
  EXPECT_EQ(check(kVector + kVector + simd(op::I8x16Shuffle, Bytes(16, 32)) + drop), "invalid lane index 32: there are 32 lanes");
  EXPECT_EQ(check(address + kVector + simd(op::V128Load16Lane, {1, 0, 7}) + drop), "valid");
  EXPECT_EQ(check(address + kVector + simd(op::V128Load16Lane, {1, 0, 8}) + drop), "invalid lane index 8: there are 8 lanes");
  EXPECT_EQ(check(address + kVector + simd(op::V128Store64Lane, {3, 0, 2})), "invalid lane index 2: there are 2 lanes");
}

TEST(Checker, WideArithmetic) {
  const Bytes number = code({op::I64Const, 1}), drop = code({op::Drop});
  const Bytes add = Bytes{0xfc} + uleb(op::I64Add128 & 0xffff), multiply = Bytes{0xfc} + uleb(op::I64MulWideU & 0xffff);
  EXPECT_EQ(check(number + number + number + number + add + drop + drop), "valid");
  EXPECT_EQ(check(number + number + number + add + drop + drop), "type mismatch: expected i64, found nothing");
  EXPECT_EQ(check(number + number + multiply + drop + drop), "valid");
  EXPECT_EQ(check(number + code({op::I32Const, 1}) + multiply + drop + drop), "type mismatch: expected i64, found i32");
}

}  // namespace
}  // namespace wasmc::wasm::test
