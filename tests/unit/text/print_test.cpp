// Modules as text: a text in the printer's own form is printed as it is, and every text is printed as one that becomes the same bytes.
#include "text/print.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "text/assemble.h"

namespace wasmc::text {
namespace {

std::vector<uint8_t> binary(std::string_view text) {
  const auto out = assemble(text);
  EXPECT_TRUE(out) << text << '\n' << (out ? "" : out.error().describe());
  return out ? out->bytes : std::vector<uint8_t>();
}

struct Printed {
  std::string text, error;
};
Printed print_bytes(const std::vector<uint8_t> &bytes, const PrintOptions &options = {}) {
  Printed out;
  const auto done = print(wasm::decode_partially(bytes), options, [&](std::string_view part) -> Result<> {
    out.text += part;
    return {};
  });
  if (!done) out.error = done.error().describe();
  return out;
}
std::string print_text(std::string_view text) {
  const Printed printed = print_bytes(binary(text));
  EXPECT_EQ(printed.error, "");
  return printed.text;
}

/// The module of `fields`, whose lines must be printed as they are written.
void expect_kept(const std::string &fields) {
  const std::string text = "(module\n" + fields + ")\n";
  EXPECT_EQ(print_text(text), text);
}
/// Any text.
void expect_same_bytes(std::string_view text) { EXPECT_EQ(binary(print_text(text)), binary(text)) << print_text(text); }

TEST(Print, Empty) {
  EXPECT_EQ(print_text("(module)"), "(module\n)\n");
  EXPECT_EQ(print_text("(module $m)"), "(module $m\n)\n");
  EXPECT_EQ(print_text("(module $\"a b\")"), "(module $\"a b\"\n)\n");
}

TEST(Print, Fields) {
  expect_kept(R"(  (type $t (;0;) (func (param i32) (result i32)))
  (type (;1;) (func))
  (import "m" "f" (func $f (;0;) (type $t) (param $x i32) (result i32)))
  (import "m" "t" (table $table (;0;) 1 10 funcref))
  (import "m" "g" (global (;0;) i32))
  (table (;1;) 3 externref)
  (memory $memory (;0;) 1 2)
  (global $g (;1;) (mut i64) (i64.const -5))
  (global (;2;) i32 global.get 0 i32.const 4 i32.add)
  (export "memory" (memory $memory))
  (export "" (func $f))
  (start 1)
  (func (;1;) (type 1)
  )
)");
}

TEST(Print, Segments) {
  expect_kept(R"(  (type (;0;) (func))
  (import "m" "g" (global $g (;0;) i32))
  (table (;0;) 10 funcref)
  (table $other (;1;) 10 funcref)
  (table (;2;) 10 externref)
  (memory (;0;) 1)
  (elem $e (;0;) (i32.const 0) func 0 0)
  (elem (;1;) func 0)
  (elem (;2;) (table $other) (global.get $g) func 0)
  (elem (;3;) declare func 0)
  (elem (;4;) (offset global.get $g i32.const 1 i32.add) funcref (ref.func 0) (ref.null func))
  (elem (;5;) funcref (ref.func 0))
  (elem (;6;) (table 2) (i32.const 0) externref (ref.null extern))
  (elem (;7;) declare funcref (ref.null func) (ref.func 0))
  (func (;0;) (type 0)
  )
  (data $d (;0;) (i32.const 8) "hello\00\ff\22")
  (data (;1;) "")
)");
}

TEST(Print, CodeWithNames) {
  expect_kept(R"(  (type (;0;) (func (param i32 i64 i32) (result i32)))
  (func $f (;0;) (type 0) (param $a i32) (param i64) (param $b i32) (result i32)
    (local f32 f32) (local $c i64) (local i32)
    local.get $a
    if $then (result i32)
      block $b
        local.get 3
        drop
        br $then
      end
      unreachable
      i32.add
    else
      i32.const 1
    end
  )
)");
}

TEST(Print, Instructions) {
  expect_same_bytes(R"((type $t (func (param i32) (result i32 i32))) (table 1 funcref) (table $u 1 funcref) (memory 1) (global $g (mut i32) (i32.const 0))
    (elem $e funcref) (data $d "x")
    (func $f (param i32) (result i32 i32)
      (i32.load offset=4 align=2 (i32.const 0)) (i64.load8_u offset=4294967295 (i32.const 0)) drop drop
      (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)) drop
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d)
      (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
      (table.init $u $e (i32.const 0) (i32.const 0) (i32.const 0)) (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $e)
      (table.copy $u 0 (i32.const 0) (i32.const 0) (i32.const 0)) (table.copy (i32.const 0) (i32.const 0) (i32.const 0))
      (table.set $u (i32.const 0) (ref.func $f)) (drop (ref.is_null (ref.null extern)))
      (global.set $g (i32.const 1)) (drop (memory.grow (memory.size)))
      (drop (f32.const nan:0x1)) (drop (f64.const 0x1p-1074))
      (block $a (block $a (br_table 0 1 $a 2 (i32.const 0))))
      (loop (type $t) (param i32) (result i32 i32) (i32.const 1))
      (call_indirect $u (type $t) (i32.const 1) (i32.const 0)) drop drop
      (call $f (i32.const 2))) (elem declare func $f))");
}

TEST(Print, ALabelThatIsHiddenIsADepth) {
  const std::string text = print_text("(func block $a block $a br 1 br 0 end br $a end)");
  EXPECT_NE(text.find("br 1\n"), text.npos) << text;
  EXPECT_EQ(binary(text), binary("(func block $a block $a br 1 br 0 end br $a end)"));
}

TEST(Print, NamesThatAreNoIdentifiers) {
  const std::string twice = "(module (func $f) (func $g (@name \"f\")) (func $f.1 (@name \"\u03bb x\")) (func (@name \"f\") (param $x i32) (param (@name \"x\") i32)))";
  expect_same_bytes(twice);
  EXPECT_NE(print_text(twice).find("(func $f.1 (@name \"f\") (;1;)"), std::string::npos) << print_text(twice);
  const std::string long_name(5000, 'x');
  expect_same_bytes("(module (func $" + long_name + ") (func (call 0)))");
  EXPECT_NE(print_text("(module (func $" + long_name + ") (func (call 0)))").find("call 0\n"), std::string::npos);
}

TEST(Print, CustomSectionsAndHints) {
  const std::string text = R"((module (@custom "a" (before first) "1") (@custom "b" "2") (@custom "c" (after func) "\ff\00")
    (func (param i32) (@metadata.code.branch_hint "\01") (if (local.get 0) (then)) (block (@metadata.code.branch_hint "\00") (br_if 0 (local.get 0))))))";
  expect_same_bytes(text);
  EXPECT_NE(print_text(text).find("    (@metadata.code.branch_hint \"\\01\")\n    if"), std::string::npos) << print_text(text);
}

TEST(Print, AMalformedNameSectionIsKept) {
  const std::string text = "(module\n  (@custom \"name\" (before first) \"\\01\\05\")\n)\n";
  EXPECT_EQ(print_text(text), text);
}

TEST(Print, Offsets) {
  const Printed printed = print_bytes(binary("(func nop block nop end)"), {.offsets = true});
  EXPECT_NE(printed.text.find("\n    (;@17;) nop\n    (;@18;) block (;L1;)\n      (;@1a;) nop\n    (;@1b;) end\n"), std::string::npos) << printed.text;
}

TEST(Print, NestingTakesNoStackAndNotMuchText) {
  std::string text = "(func ";
  constexpr int kDepth = 1'000'000;
  for (int i = 0; i < kDepth; ++i) text += "block ";
  for (int i = 0; i < kDepth; ++i) text += "end ";
  const auto bytes = binary(text + ")");
  const Printed printed = print_bytes(bytes);
  EXPECT_EQ(printed.error, "");
  EXPECT_LT(printed.text.size(), 150u * kDepth);
  EXPECT_EQ(binary(printed.text), bytes);
}

TEST(Print, InvalidCodeIsPrinted) {
  expect_same_bytes("(func (result f32) i32.add local.get 7 br 99 call 55 global.get 3 i32.load align=9223372036854775808)");
}

TEST(Print, StopsWhereDecodingStops) {
  auto bytes = binary("(func (export \"f\") nop) (func) (data \"x\")");
  ASSERT_EQ(bytes.back(), 'x');
  bytes.pop_back();
  Printed printed = print_bytes(bytes);
  EXPECT_NE(printed.error.find("length out of bounds"), std::string::npos) << printed.error;
  EXPECT_NE(printed.text.find("(export \"f\" (func 0))"), std::string::npos);

  bytes = binary("(func nop) (func) (func i32.const 33)");
  *std::ranges::find(bytes, 33) = 0x80;  // runs on into the `end`, which is then missing
  printed = print_bytes(bytes);
  EXPECT_NE(printed.error.find("function 2: "), std::string::npos) << printed.error;
  EXPECT_NE(printed.text.find("nop"), std::string::npos);
  EXPECT_FALSE(printed.text.ends_with(")\n")) << printed.text;
}

TEST(Print, ElseWithoutIfIsMalformed) {
  auto bytes = binary("(func block nop end)");
  bytes[bytes.size() - 3] = 0x05;  // the nop
  EXPECT_NE(print_bytes(bytes).error.find("else without if"), std::string::npos);
}

}  // namespace
}  // namespace wasmc::text
