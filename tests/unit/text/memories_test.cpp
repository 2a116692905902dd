// The types of instructions that depend on which memory or table they name, from the text to the validator's judgement.
#include <gtest/gtest.h>

#include "text/assemble.h"
#include "wasm/validator.h"

namespace wasmc::text {
namespace {

/// What is wrong with a body, and fields behind it, that have memories and tables of every kind; "valid" if nothing.
std::string body(const std::string &code, const std::string &fields = "") {
  const auto module = assemble(R"((memory $a 1) (memory $b i64 1) (memory $s 1 2 shared) (memory $p i64 9 (pagesize 1))
    (table $t 1 funcref) (table $u i64 1 funcref) (data $d "x") (elem $e func) (type $f (func)) (func )" + code + ")" + fields);
  if (!module) return module.error().message;
  const auto valid = wasm::validate_module(module->bytes, 1);
  return valid ? "valid" : valid.error().message;
}

constexpr char k32Found64[] = "type mismatch: expected i32, found i64", k64Found32[] = "type mismatch: expected i64, found i32";

TEST(MemoryTypes, AccessesTakeTheAddressTypeOfTheirMemory) {
  EXPECT_EQ(body("(drop (i32.load (i32.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i32.load $b (i64.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i64.load32_s $p offset=0xffff_ffff_ffff_ffff align=1 (i64.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i32.load (i64.const 0)))"), k32Found64);
  EXPECT_EQ(body("(drop (i32.load $b (i32.const 0)))"), k64Found32);
  EXPECT_EQ(body("(drop (i32.load $s (i64.const 0)))"), k32Found64) << "memories behind a 64-bit one";
  EXPECT_EQ(body("(drop (i32.load $s (i32.const 0)))"), "valid");
  EXPECT_EQ(body("(f64.store $b (i64.const 0) (f64.const 0))"), "valid");
  EXPECT_EQ(body("(f64.store $b (i32.const 0) (f64.const 0))"), k64Found32);
  EXPECT_EQ(body("(f64.store $b (i64.const 0) (f32.const 0))"), "type mismatch: expected f64, found f32");
  EXPECT_EQ(body("(i32.load $b (unreachable)) (i32.eqz) (drop)"), "valid");
  EXPECT_EQ(body("unreachable i32.load $b i64.eqz drop"), "type mismatch: expected i64, found i32");
}

TEST(MemoryTypes, AlignmentAndOffsetOfEveryMemory) {
  EXPECT_EQ(body("(drop (i32.load $b align=8 (i64.const 0)))"), "alignment must not be larger than natural");
  EXPECT_EQ(body("(drop (i32.load $s offset=0x1_0000_0000 (i32.const 0)))"), "offset out of range");
  EXPECT_EQ(body("(drop (i32.load offset=0x1_0000_0000 (i32.const 0)))"), "offset out of range");
  EXPECT_EQ(body("(drop (i32.load 4 (i32.const 0)))"), "unknown memory 4");
  EXPECT_EQ(body("(drop (i32.load 64 align=4 (i32.const 0)))"), "unknown memory 64");
}

TEST(MemoryTypes, SizesAndLengths) {
  EXPECT_EQ(body("(drop (i64.eqz (memory.size $b)))"), "valid");
  EXPECT_EQ(body("(drop (i64.eqz (memory.grow $b (i64.const 1))))"), "valid");
  EXPECT_EQ(body("(drop (i32.eqz (memory.size $b)))"), k32Found64);
  EXPECT_EQ(body("(drop (memory.grow $b (i32.const 1)))"), k64Found32);
  EXPECT_EQ(body("(memory.fill $b (i64.const 0) (i32.const 0) (i64.const 0))"), "valid");
  EXPECT_EQ(body("(memory.fill $b (i64.const 0) (i32.const 0) (i32.const 0))"), k64Found32);
  EXPECT_EQ(body("(memory.init $b $d (i64.const 0) (i32.const 0) (i32.const 0))"), "valid");
  EXPECT_EQ(body("(memory.init $b $d (i64.const 0) (i32.const 0) (i64.const 0))"), k32Found64);
  EXPECT_EQ(body("(memory.copy $b $p (i64.const 0) (i64.const 0) (i64.const 0))"), "valid");
  EXPECT_EQ(body("(memory.copy $a $b (i32.const 0) (i64.const 0) (i32.const 0))"), "valid") << "the shorter type";
  EXPECT_EQ(body("(memory.copy $b $a (i64.const 0) (i32.const 0) (i32.const 0))"), "valid");
  EXPECT_EQ(body("(memory.copy $b $a (i64.const 0) (i32.const 0) (i64.const 0))"), k32Found64);
  EXPECT_EQ(body("(memory.copy $a $b (i64.const 0) (i32.const 0) (i32.const 0))"), k64Found32);
}

TEST(MemoryTypes, Tables) {
  EXPECT_EQ(body("(call_indirect $u (type $f) (i64.const 0))"), "valid");
  EXPECT_EQ(body("(call_indirect $u (type $f) (i32.const 0))"), k64Found32);
  EXPECT_EQ(body("(call_indirect $t (type $f) (i64.const 0))"), k32Found64);
  EXPECT_EQ(body("(table.set $u (i64.const 0) (table.get $t (i32.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i64.eqz (table.size $u))) (drop (i64.eqz (table.grow $u (ref.null func) (i64.const 0))))"), "valid");
  EXPECT_EQ(body("(table.fill $u (i64.const 0) (ref.null func) (i64.const 0))"), "valid");
  EXPECT_EQ(body("(table.copy $u $t (i64.const 0) (i32.const 0) (i32.const 0)) (table.copy $u $u (i64.const 0) (i64.const 0) (i64.const 0))"), "valid");
  EXPECT_EQ(body("(table.copy $u $t (i64.const 0) (i32.const 0) (i64.const 0))"), k32Found64);
  EXPECT_EQ(body("(table.init $u $e (i64.const 0) (i32.const 0) (i32.const 0))"), "valid");
  EXPECT_EQ(body("", "(elem (table $u) (i64.const 0) func) (data (memory $b) (i64.const 0) \"\")"), "valid");
  EXPECT_EQ(body("", "(elem (table $u) (i32.const 0) func)"), k64Found32);
  EXPECT_EQ(body("", "(data (memory $b) (i32.const 0) \"\")"), k64Found32);
}

TEST(Atomics, AlignmentMustBeNatural) {
  EXPECT_EQ(body("(drop (i32.atomic.load (i32.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i32.atomic.load align=2 (i32.const 0)))"), "atomic alignment must be natural");
  EXPECT_EQ(body("(drop (i32.atomic.load align=8 (i32.const 0)))"), "atomic alignment must be natural");
  EXPECT_EQ(body("(drop (i64.atomic.rmw16.add_u $s align=2 (i32.const 0) (i64.const 0)))"), "valid");
  EXPECT_EQ(body("(drop (i64.atomic.rmw16.add_u $s align=1 (i32.const 0) (i64.const 0)))"), "atomic alignment must be natural");
  EXPECT_EQ(body("(drop (memory.atomic.wait64 $s align=4 (i32.const 0) (i64.const 0) (i64.const 0)))"), "atomic alignment must be natural");
}

TEST(Atomics, Types) {
  EXPECT_EQ(body("(i64.atomic.store32 $b (i64.const 0) (i64.const 0)) (atomic.fence)"), "valid");
  EXPECT_EQ(body("(i64.atomic.store32 $b (i32.const 0) (i64.const 0))"), k64Found32);
  EXPECT_EQ(body("(drop (i32.eqz (i32.atomic.rmw8.cmpxchg_u $s (i32.const 0) (i32.const 1) (i32.const 2))))"), "valid");
  EXPECT_EQ(body("(drop (i32.eqz (memory.atomic.wait32 $s (i32.const 0) (i32.const 1) (i64.const -1))))"), "valid");
  EXPECT_EQ(body("(drop (i32.eqz (memory.atomic.wait64 $b (i64.const 0) (i64.const 1) (i64.const -1))))"), "valid");
  EXPECT_EQ(body("(drop (i32.eqz (memory.atomic.notify $s offset=4 (i32.const 0) (i32.const 1))))"), "valid");
  EXPECT_EQ(body("(drop (memory.atomic.wait32 $s (i32.const 0) (i64.const 1) (i64.const -1)))"), k32Found64);
  EXPECT_EQ(body("(drop (i32.atomic.load 9 (i32.const 0)))"), "unknown memory 9");
  EXPECT_EQ(body("(drop (i32.atomic.load $s offset=0x1_0000_0000 (i32.const 0)))"), "offset out of range");
}

TEST(Atomics, TheFenceKeepsAByte) {
  auto module = assemble("(func (atomic.fence))");
  ASSERT_TRUE(module);
  ASSERT_TRUE(wasm::validate_module(module->bytes, 1));
  ASSERT_EQ(module->bytes[module->bytes.size() - 2], 0);
  module->bytes[module->bytes.size() - 2] = 1;
  EXPECT_EQ(wasm::validate_module(module->bytes, 1).error().message, "zero byte expected");
}

}  // namespace
}  // namespace wasmc::text
