#include <gtest/gtest.h>

#include <algorithm>

#include "text/assemble.h"
#include "text/place.h"

namespace wasmc::text {
namespace {

std::string error(std::string_view text) {
  const auto out = assemble(text);
  return out ? "accepted" : out.error().describe();
}

TEST(TextErrors, Tokens) {
  EXPECT_EQ(error("(module"), "offset 0x7: unexpected token: end of the text");
  EXPECT_EQ(error("(module))"), "offset 0x8: unexpected token )");
  EXPECT_EQ(error("(module) (module)"), "offset 0x9: unexpected token (");
  EXPECT_EQ(error("(func i32.ad)"), "offset 0x6: unknown operator i32.ad");
  EXPECT_EQ(error("(func param)"), "offset 0x6: unexpected token param");
  EXPECT_EQ(error("(func 0\"a\")"), "offset 0x6: unknown operator 0\"a\"");
  EXPECT_EQ(error("(func (i32.const))"), "offset 0x10: unexpected token )");
  EXPECT_EQ(error("(func (i32.const 0x))"), "offset 0x11: unknown operator 0x");
  EXPECT_EQ(error("(func (i32.const 0x1_0000_0000))"), "offset 0x11: constant out of range");
  EXPECT_EQ(error("(func (f32.const nan:canonical))"), "offset 0x11: unexpected token nan:canonical");
}

TEST(TextErrors, Identifiers) {
  EXPECT_EQ(error("(func $f) (func $f)"), "offset 0x10: duplicate func $f");
  EXPECT_EQ(error("(func (param $x i32) (local $x i32))"), "offset 0x1c: duplicate local $x");
  EXPECT_EQ(error("(func (call $g))"), "offset 0xc: unknown func $g");
  EXPECT_EQ(error("(func (br $l))"), "offset 0xa: unknown label $l");
  EXPECT_EQ(error("(func (block $l) (br $l))"), "offset 0x15: unknown label $l");
  EXPECT_EQ(error("(func block $a end $b)"), "offset 0x13: mismatching label $b");
  EXPECT_EQ(error("(func block end $b)"), "offset 0x10: mismatching label $b");
}

TEST(TextErrors, Structure) {
  EXPECT_EQ(error("(func) (import \"\" \"\" (func))"), "offset 0x8: import after function");
  EXPECT_EQ(error("(memory 0) (func (import \"\" \"\"))"), "offset 0xc: import after memory");
  EXPECT_EQ(error("(start 0) (func) (start 0)"), "offset 0x12: multiple start sections");
  EXPECT_EQ(error("(type (func)) (func (type 0) (param i32))"), "offset 0x1d: inline function type differs from type 0");
  EXPECT_EQ(error("(func (type 0) (param i32))"), "offset 0xf: unknown type 0");
  EXPECT_EQ(error("(type (func (param i32) (result i32))) (func (type 0) (result i32) (param i32))"), "offset 0x44: unexpected token param");
  EXPECT_EQ(error("(func (result i32) (param i32))"), "offset 0x14: unexpected token param");
  EXPECT_EQ(error("(func (block (param $x i32)))"), "offset 0x14: unexpected token $x");
  EXPECT_EQ(error("(memory 1) (func (drop (i32.load align=3 (i32.const 0))))"), "offset 0x21: alignment must be a power of two");
}

/// Where in the text an error at `position` of the bytes is.
std::string_view place(std::string_view text, uint64_t position) {
  const auto out = assemble(text);
  return out ? text.substr(place_of(out->marks, position)) : "malformed";
}

TEST(TextErrors, PlacesOfWhatIsWrongInTheBytes) {
  // 8 bytes of header; id, size and contents of each section.
  EXPECT_TRUE(place("(memory 1) (start 5)", 8 + 5 + 2).starts_with("5)"));
  EXPECT_TRUE(place("(export \"a\" (func 1))", 8 + 3 + 3).starts_with("1))"));
  EXPECT_TRUE(place("(type (func (param i32 (ref 9))))", 8 + 3 + 3).starts_with("(ref 9)"));
  EXPECT_TRUE(place("(type (sub 7 (func)))", 8 + 3 + 2).starts_with("7 "));
  EXPECT_TRUE(place("(memory 1 (pagesize 2))", 8 + 3 + 2).starts_with("2))"));
  EXPECT_TRUE(place("(elem (table 5) (i32.const 0) func)", 8 + 3 + 1).starts_with("(table 5)"));
  EXPECT_TRUE(place("(elem func 0 9)", 8 + 3 + 4).starts_with("9)"));
  EXPECT_TRUE(place("(data (memory 3) (i32.const 0))", 8 + 3 + 1).starts_with("(memory 3)"));
  EXPECT_TRUE(place("(func (local i32) (local (ref 99)))", 8 + 6 + 4 + 8).starts_with("(ref 99)"));
  EXPECT_TRUE(place("(module\n (tag (type 3)))", 8).starts_with("(type 3)"));
}

TEST(TextErrors, ModulesInStrings) {
  const std::string_view quoted = "(module $m quote \"(memory\" \" 1)\")", binary = "(module binary \"\\00asm\" \"\\01\\00\\00\\00\")";
  ASSERT_TRUE(assemble(quoted));
  EXPECT_EQ(assemble(quoted)->bytes, assemble("(memory 1)")->bytes);
  ASSERT_TRUE(assemble(binary));
  EXPECT_EQ(assemble(binary)->bytes, assemble("(module)")->bytes);
  EXPECT_EQ(assemble("(module definition $m (memory 1))")->bytes, assemble("(module $m (memory 1))")->bytes);
  EXPECT_EQ(error("(module quote \"(memory\")"), "offset 0xe: in the quoted text: unexpected token: end of the text");
  EXPECT_EQ(error("(module binary 5)"), "offset 0xf: unexpected token 5");
}

TEST(TextErrors, Nesting) {
  EXPECT_EQ(error("(func (i32.add nop))"), "offset 0xf: unexpected token nop");
  EXPECT_EQ(error("(func (if (i32.const 0)))"), "offset 0x17: unexpected token )");
  EXPECT_EQ(error("(func (if (then) (then)))"), "offset 0x12: unexpected token then");
  EXPECT_EQ(error("(func (then))"), "offset 0x7: unexpected token then");
  EXPECT_EQ(error("(func end)"), "offset 0x6: unexpected token end");
  EXPECT_EQ(error("(func block)"), "offset 0xb: unexpected token )");
  EXPECT_EQ(error("(func if else else end)"), "offset 0xe: unexpected token else");
}

TEST(TextErrors, AreLedBackToTheText) {
  const std::string_view text = "(module (func (result i32)\n  (i32.add (i32.const 1)\n    (f32.const 2))))";
  const auto out = assemble(text);
  ASSERT_TRUE(out);
  const size_t add = text.find("i32.add");
  const auto opcode = std::ranges::find(out->bytes, 0x6a);
  ASSERT_NE(opcode, out->bytes.end());
  EXPECT_EQ(place_of(out->marks, uint64_t(opcode - out->bytes.begin())), add);
}

TEST(TextErrors, Places) {
  const std::string_view text = "(module\n  (func \xc3\xa9 x))";
  const Place place = find_place(text, text.find(" x") + 1);
  EXPECT_EQ(place.line, 2u);
  EXPECT_EQ(place.column, 11u);
  EXPECT_EQ(place.excerpt, "  2 |   (func \xc3\xa9 x))\n    |           ^");
  const std::string wide = std::string(100, 'a') + "X" + std::string(100, 'b');
  EXPECT_EQ(find_place(wide, 100).excerpt, "  1 | …" + std::string(60, 'a') + "X" + std::string(39, 'b') + "…\n    | " + std::string(61, ' ') + "^");
  EXPECT_EQ(find_place("\x1b[1m\tx", 5).excerpt, "  1 | \xef\xbf\xbd[1m x\n    |      ^");
  EXPECT_EQ(find_place("", 5).excerpt, "  1 | \n    | ^");
}

}  // namespace
}  // namespace wasmc::text
