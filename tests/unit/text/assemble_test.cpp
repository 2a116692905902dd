// What abbreviations stand for: a text and its longer form must become the same bytes, and both must be valid.
#include "text/assemble.h"

#include <gtest/gtest.h>

#include "wasm/validator.h"

namespace wasmc::text {
namespace {

std::vector<uint8_t> binary(std::string_view text) {
  const auto out = assemble(text);
  EXPECT_TRUE(out) << text << '\n' << (out ? "" : out.error().describe());
  return out ? out->bytes : std::vector<uint8_t>();
}

std::string validity(const std::vector<uint8_t> &bytes) {
  const auto valid = wasm::validate_module(bytes, 1);
  return valid ? "valid" : valid.error().describe();
}

void expect_same(std::string_view brief, std::string_view full) {
  const auto bytes = binary(brief);
  EXPECT_EQ(bytes, binary(full)) << brief;
  EXPECT_EQ(validity(bytes), "valid") << brief;
}

TEST(Assemble, Empty) {
  const std::vector<uint8_t> header = {0, 'a', 's', 'm', 1, 0, 0, 0};
  EXPECT_EQ(binary("(module)"), header);
  EXPECT_EQ(binary(""), header);
  EXPECT_EQ(binary(";; nothing"), header);
}

TEST(Assemble, BytesOfAFunction) {
  const std::vector<uint8_t> expected = {0,    'a',  's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0,
                                         7,    5,    1,   1,   'f', 0, 0, 10, 10, 1, 8, 0, 0x20, 0, 0x41, 0x7f, 0x6a, 0x0f, 0x0b};
  EXPECT_EQ(binary(R"((func (export "f") (param i32) (result i32) local.get 0 i32.const -1 i32.add return))"), expected);
}

TEST(Assemble, TypeUses) {
  expect_same("(func (param i32) (result i32) (local.get 0))", "(type (func (param i32) (result i32))) (func (type 0) local.get 0)");
  expect_same("(func (param i32 i64) (param f32) (result))", "(type (func (param i32) (param i64) (param f32))) (func (type 0))");
  expect_same("(func (param i32)) (type (func (param i32)))", "(type (func (param i32))) (func (type 0))");
  expect_same("(type (func)) (func) (func (param i32)) (func (param i32))", "(type (func)) (type (func (param i32))) (func (type 0)) (func (type 1)) (func (type 1))");
  expect_same("(type (func (param i32))) (func (type 0) (local i64) (local.set 1 (i64.const 0)))", "(type (func (param i32))) (func (type 0) (local i64) i64.const 0 local.set 1)");
}

TEST(Assemble, FoldedInstructions) {
  expect_same("(func (result i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
              "(func (result i32) i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add)");
  expect_same("(func (if (i32.const 1) (then nop) (else (unreachable))))", "(func i32.const 1 if nop else unreachable end)");
  expect_same("(func (result i32) (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3))))",
              "(func (result i32) i32.const 1 if (result i32) i32.const 2 else i32.const 3 end)");
  expect_same("(func (i32.const 0) (if (then)))", "(func i32.const 0 if end)");
  expect_same("(func (block (loop (br 1))) nop)", "(func block loop br 1 end end nop)");
  expect_same("(func (result i32) (block (result i32) (i32.const 1) (br_if 0 (i32.const 2))))",
              "(func (result i32) block (result i32) i32.const 1 i32.const 2 br_if 0 end)");
}

TEST(Assemble, Labels) {
  expect_same("(func (block $a (loop $b (br_table $a $b $a (i32.const 0)))))", "(func block $a loop $b i32.const 0 br_table 1 0 1 end end)");
  expect_same("(func (block $a (block $a (br $a))))", "(func block $a block $a br 0 end end)");
  expect_same("(func block $a i32.const 0 if $b else $b end $b end $a)", "(func block $a i32.const 0 if $b else end end)");
}

TEST(Assemble, LabelOfAFoldedIfIsNotInScopeInItsCondition) {
  expect_same("(func (block $l (if $l (br $l) (then (br $l)))))", "(func block $l br 0 if $l br 0 end end)");
}

TEST(Assemble, BlockTypes) {
  expect_same("(func i32.const 0 (block (param i32) drop))", "(type (func)) (type (func (param i32))) (func (type 0) i32.const 0 block (type 1) drop end)");
}

TEST(Assemble, MemoryInstructions) {
  expect_same("(memory 1) (func (drop (i64.load32_u (i32.const 0))))", "(memory 1) (func i32.const 0 i64.load32_u offset=0 align=4 drop)");
  expect_same("(memory 1) (func (i32.store8 offset=0x10 align=1 (i32.const 0) (i32.const 1)))", "(memory 1) (func i32.const 0 i32.const 1 i32.store8 0 offset=16)");
  expect_same("(memory $m 1) (func (drop (memory.size $m)) (drop (memory.grow (i32.const 0))))", "(memory $m 1) (func memory.size drop i32.const 0 memory.grow 0 drop)");
  expect_same("(memory 1) (data $d \"a\") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d))",
              "(memory 1) (data $d \"a\") (func i32.const 0 i32.const 0 i32.const 0 memory.init 0 0 data.drop 0)");
}

TEST(Assemble, TableInstructions) {
  expect_same("(table $t 1 funcref) (elem $e func) (func (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)) (table.copy (i32.const 0) (i32.const 0) (i32.const 0)))",
              "(table $t 1 funcref) (elem $e func) (func i32.const 0 i32.const 0 i32.const 0 table.init $t $e i32.const 0 i32.const 0 i32.const 0 table.copy $t $t)");
  expect_same("(table 1 funcref) (func (call_indirect (param i32) (i32.const 1) (i32.const 0)))",
              "(type (func)) (type (func (param i32))) (table 1 funcref) (func i32.const 1 i32.const 0 call_indirect 0 (type 1))");
}

TEST(Assemble, InlineImportsAndExports) {
  expect_same(R"((func $f (export "a") (export "b") (import "m" "n") (param i32)))",
              R"((import "m" "n" (func $f (param i32))) (export "a" (func 0)) (export "b" (func $f)))");
  expect_same(R"((memory (export "m") (import "a" "b") 1 2))", R"((import "a" "b" (memory 1 2)) (export "m" (memory 0)))");
  expect_same(R"((table (import "a" "b") 1 funcref) (global (import "a" "c") (mut i32)))",
              R"((import "a" "b" (table 1 funcref)) (import "a" "c" (global (mut i32))))");
}

TEST(Assemble, InlineSegments) {
  expect_same(R"((memory (data "ab" "c")))", R"((memory 1 1) (data (i32.const 0) "abc"))");
  expect_same("(func) (table funcref (elem 0 0))", "(func) (table 2 2 funcref) (elem (table 0) (i32.const 0) func 0 0)");
}

TEST(Assemble, Segments) {
  expect_same("(table 1 funcref) (func $f) (elem (i32.const 0) $f)", "(table 1 funcref) (func $f) (elem (table 0) (offset i32.const 0) func $f)");
  expect_same("(table 1 funcref) (memory 1) (func $f) (elem 0 (i32.const 0) $f) (data 0 (i32.const 0) \"a\")",
              "(table 1 funcref) (memory 1) (func $f) (elem (table 0) (i32.const 0) func $f) (data (memory 0) (i32.const 0) \"a\")");
  expect_same("(func $f) (elem funcref (ref.func $f) (item ref.null func))", "(func $f) (elem funcref (item (ref.func 0)) (ref.null func))");
  expect_same("(func $f) (elem declare func $f)", "(func $f) (elem declare func 0)");
  expect_same("(memory 1) (data (memory 0) (i32.const 1) \"a\")", "(memory 1) (data (offset (i32.const 1)) \"a\")");
}

TEST(Assemble, Names) {
  const auto bytes = binary("(module $m (func $f (param $p i32) (local $l i64)) (global $g i32 (i32.const 0)))");
  const auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module);
  EXPECT_EQ(module->name, "m");
  EXPECT_EQ(module->function_name(wasm::FuncIndex(0)), "f");
}

TEST(Assemble, DeepNestingTakesNoStack) {
  std::string text = "(func ";
  for (int i = 0; i < 200'000; ++i) text += "(block ";
  text += std::string(200'000, ')') + ")";
  EXPECT_EQ(validity(binary(text)), "valid");
}

TEST(Assemble, VectorConstants) {
  const auto same = [](const char *lanes, const char *words) {
    const auto function = [](const char *constant) { return std::string("(func (result v128) v128.const ") + constant + ")"; };
    expect_same(function(lanes), function(words));
  };
  same("i8x16 0 1 2 3 -1 255 0x7f -128 0 0 0 0 0 0 0 0", "i32x4 0x03020100 0x807fffff 0 0");
  same("i16x8 -1 65535 1 2 3 4 5 6", "i32x4 -1 0x00020001 0x00040003 0x00060005");
  same("i64x2 -2 0x1_0000_0000", "i32x4 -2 -1 0 1");
  same("f32x4 1 -0 inf nan:0x1", "i32x4 0x3f800000 0x80000000 0x7f800000 0x7f800001");
  same("f64x2 -inf 0x1p-1074", "i32x4 0 0xfff00000 1 0");
}

TEST(Assemble, Lanes) {
  expect_same("(memory 1) (func (param v128) i32.const 0 local.get 0 v128.load8_lane 3 drop)",
              "(memory 1) (func (param v128) i32.const 0 local.get 0 v128.load8_lane 0 offset=0 align=1 3 drop)");
  EXPECT_EQ(validity(binary("(func (param v128 v128) (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31 (local.get 0) (local.get 1))))")), "valid");
}

/// The first line of the error, without its place.
std::string refusal(std::string_view text) {
  const auto out = assemble(text);
  return out ? "accepted" : out.error().message;
}

TEST(Assemble, WrongLanes) {
  EXPECT_EQ(refusal("(func v128.const i32x4 1 2 3)"), "wrong number of lane literals: i32x4 has 4");
  EXPECT_EQ(refusal("(func v128.const i64x2 1 2 3)"), "wrong number of lane literals: i64x2 has 2");
  EXPECT_EQ(refusal("(func v128.const i8x16 256 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)"), "constant out of range");
  EXPECT_EQ(refusal("(func i8x16.extract_lane_u 256)"), "i8 constant out of range: lane index 256");
  EXPECT_EQ(refusal("(func i8x16.extract_lane_u -1)"), "unexpected token -1");
  EXPECT_EQ(refusal("(func i8x16.shuffle 0 1 2)"), "invalid lane length: i8x16.shuffle takes 16 lane indices");
}

}  // namespace
}  // namespace wasmc::text
