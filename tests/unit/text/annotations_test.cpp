// What annotations add to a module (spec, appendix: custom sections and annotations), and what is wrong with them.
#include <gtest/gtest.h>

#include "text/assemble.h"
#include "wasm/validator.h"

namespace wasmc::text {
namespace {

std::string error(std::string_view text) {
  const auto out = assemble(text);
  return out ? "accepted" : out.error().message;
}

/// The module's sections in short: `1 3 [name:contents] 10`.
std::string sections(std::string_view text) {
  const auto out = assemble(text);
  if (!out) return out.error().describe();
  if (const auto valid = wasm::validate_module(out->bytes, 1); !valid) return valid.error().describe();
  std::string shown;
  for (size_t at = 8; at < out->bytes.size();) {  // sizes below 128 only
    const uint8_t id = out->bytes[at], size = out->bytes[at + 1];
    const std::string contents(out->bytes.begin() + ptrdiff_t(at) + 2, out->bytes.begin() + ptrdiff_t(at) + 2 + size);
    shown += (shown.empty() ? "" : " ");
    shown += id ? std::to_string(id) : '[' + contents.substr(1, uint8_t(contents[0])) + ':' + contents.substr(1 + uint8_t(contents[0])) + ']';
    at += 2u + size;
  }
  return shown;
}

TEST(Annotations, CustomSections) {
  EXPECT_EQ(sections("(@custom \"a\" \"xy\" \"z\")"), "[a:xyz]");
  EXPECT_EQ(sections("(module (func) (@custom \"\") (memory 1))"), "1 3 5 10 [:]");
  EXPECT_EQ(sections("(func) (@custom \"a\" (before code)) (@custom \"b\" (after func)) (@custom \"c\" (before first)) (@custom \"d\" (before code) \"!\")"),
            "[c:] 1 3 [b:] [a:] [d:!] 10");
  EXPECT_EQ(sections("(@custom \"a\" (after data)) (@custom \"b\" (after last)) (func $f)"), "1 3 10 [a:] [b:] " + sections("(func $f)").substr(7));
}

TEST(Annotations, CustomErrors) {
  EXPECT_EQ(error("(@custom)"), "@custom annotation: missing section name");
  EXPECT_EQ(error("(@custom \"\\ff\")"), "@custom annotation: malformed UTF-8 encoding");
  EXPECT_EQ(error("(@custom \"a\" b)"), "@custom annotation: unexpected token");
  EXPECT_EQ(error("(@custom \"a\" (type))"), "@custom annotation: malformed placement");
  EXPECT_EQ(error("(@custom \"a\" (before last))"), "@custom annotation: malformed section kind");
  EXPECT_EQ(error("(@custom \"a\" (after code code))"), "@custom annotation: unexpected token");
  EXPECT_EQ(error("(func (@custom \"a\"))"), "misplaced @custom annotation");
  EXPECT_EQ(error("(type (@custom \"a\") (func))"), "misplaced @custom annotation");
}

TEST(Annotations, Names) {
  EXPECT_EQ(sections("(module (@name \"M\"))"), sections("(module $M)"));
  EXPECT_EQ(sections("(module $m (@name \"M\") (func $f (@name \"F\") (param (@name \"p\") i32) (local $l (@name \"L\") i32) (drop (local.get $l))))"),
            sections("(module $M (func $F (param $p i32) (local $L i32) (drop (local.get $L))))"));
  EXPECT_EQ(sections("(type (@name \"T\") (func)) (table (@name \"t\") 1 funcref) (global (@name \"g\") i32 (i32.const 0)) (data (@name \"d\") \"\")"),
            sections("(type $T (func)) (table $t 1 funcref) (global $g i32 (i32.const 0)) (data $d \"\")"));
  EXPECT_EQ(sections("(func (@name \"f\")) (func (@name \"f\"))").substr(0, 6), "1 3 10");
  EXPECT_EQ(error("(module (@name \"a\") (@name \"b\"))"), "@name annotation: multiple module names");
  EXPECT_EQ(error("(module (func) (@name \"a\"))"), "misplaced @name annotation");
  EXPECT_EQ(error("(func (@name))"), "@name annotation: unexpected token");
  EXPECT_EQ(error("(func (@name \"\\ff\"))"), "@name annotation: malformed UTF-8 encoding");
}

TEST(Annotations, BranchHints) {
  using namespace std::string_literals;
  EXPECT_EQ(sections("(func) (func (param i32) local.get 0 (@metadata.code.branch_hint \"\\01\") if nop end)"),
            "1 3 [metadata.code.branch_hint:"s + "\1\1\1\3\1\1"s + "] 10");
  // A folded branch is written after its operands, and has its hint there.
  EXPECT_EQ(sections("(func (param i32) (block (@metadata.code.branch_hint \"\\00\") (br_if 0 (local.get 0))))"),
            "1 3 [metadata.code.branch_hint:"s + "\1\0\1\5\1\0"s + "] 10");
  EXPECT_EQ(sections("(func (param i32) (@metadata.code.branch_hint \"\\01\") (if (local.get 0) (then)))"),
            "1 3 [metadata.code.branch_hint:"s + "\1\0\1\3\1\1"s + "] 10");
}

TEST(Annotations, BranchHintErrors) {
  const std::string hint = "(@metadata.code.branch_hint \"\\00\")", prefix = "@metadata.code.branch_hint annotation: ";
  EXPECT_EQ(error("(func i32.const 0 " + hint + hint + " if end)"), prefix + "duplicate annotation");
  EXPECT_EQ(error("(module " + hint + ")"), prefix + "not in a function");
  EXPECT_EQ(error("(global i32 " + hint + " (i32.const 0))"), prefix + "not in a function");
  EXPECT_EQ(error("(func " + hint + " nop)"), prefix + "invalid target");
  EXPECT_EQ(error("(func nop " + hint + ")"), prefix + "invalid target");
  EXPECT_EQ(error("(func block " + hint + " end)"), prefix + "invalid target");
  EXPECT_EQ(error("(func i32.const 0 (@metadata.code.branch_hint \"\\02\") if end)"), prefix + "malformed hint");
}

TEST(Annotations, OthersAreSkipped) {
  EXPECT_EQ(sections("(@mine (whatever \"x\") (@custom 1)) (func (@mine))"), sections("(func)"));
  EXPECT_EQ(sections("(@mine (@) (@ x) ,;)"), "");
  EXPECT_EQ(error("(@mine"), "unclosed annotation");
  EXPECT_EQ(error("(@)"), "empty annotation id");
}

}  // namespace
}  // namespace wasmc::text
