// What the compiler cannot check about opcodes.def.
#include <gtest/gtest.h>

#include <set>

#include "wasm/checker.h"
#include "wasm/opcode.h"

namespace wasmc::wasm {
namespace {

TEST(Opcodes, EveryRowIsFound) {
  for (const OpInfo &op : kOpTable) EXPECT_EQ(find_op(op.code), &op);
  EXPECT_EQ(find_op(0x27), nullptr);
  EXPECT_EQ(find_op(0xfc0012), nullptr);
  EXPECT_EQ(find_op(~0u), nullptr);
}

TEST(Opcodes, OnlySelectHasTwoRowsOfOneText) {
  std::set<std::string_view> texts;
  for (const OpInfo &op : kOpTable)
    EXPECT_TRUE(texts.insert(op.text).second || op.code == op::SelectTyped) << std::string_view(op.text);
}

TEST(Opcodes, EveryFamilyHasARow) {
  std::set<Family> used;
  for (const OpInfo &op : kOpTable) used.insert(op.family);
#define WASM_FAMILY(family, Imm) EXPECT_TRUE(used.contains(Family::family)) << #family;
#include "wasm/opcodes.def"
}

/// `i32.load8_s` must give an i32, `f64.promote_f32` must take an f32.
TEST(Opcodes, SignaturesAgreeWithTexts) {
  const std::map<std::string_view, ValType> types = {{"i32", kI32}, {"i64", kI64}, {"f32", kF32}, {"f64", kF64}};
  for (const OpInfo &op : kOpTable) {
    const std::string_view text = op.text;
    const auto named = types.find(text.substr(0, 3));
    if (named == types.end() || text[3] != '.' || !op.signature.fixed) continue;
    const FixedSignature &signature = op.types;
    switch (op.family) {
      case Family::test:
      case Family::compare:
        EXPECT_EQ(signature.params[0], named->second) << text;
        EXPECT_EQ(signature.result, kI32) << text;
        break;
      case Family::atomic_notify:
      case Family::atomic_wait: break;  // called after no type
      case Family::atomic_store:
      case Family::store: EXPECT_EQ(signature.params[1], named->second) << text; break;
      default: EXPECT_EQ(signature.result, named->second) << text;
    }
    if (op.family != Family::convert) continue;
    for (auto [from, type] : types)
      if (text.substr(4).contains(from)) EXPECT_EQ(signature.params[0], type) << text;
  }
}

TEST(Opcodes, AccessesAreAsWideAsTheirTextSays) {
  for (const OpInfo &op : kOpTable) {
    const std::string_view text = op.text;
    if (op.family != Family::load && op.family != Family::store) continue;
    const std::string_view access = text.substr(4);
    const uint32_t full = text[1] == '6' ? 3 : 2;
    const uint32_t expected = access.contains('8') ? 0 : access.contains("16") ? 1 : access.contains("32") ? 2 : full;
    EXPECT_EQ(access_size_log2(op.arg), expected) << text;
  }
}

TEST(Opcodes, AtomicsAreAsWideAsTheirTextSays) {
  for (const OpInfo &op : kOpTable) {
    const std::string_view text = op.text;
    if (!is_atomic(op) || op.family == Family::atomic_fence) continue;
    const std::string_view access = op.family == Family::atomic_wait || op.family == Family::atomic_notify ? text : text.substr(4);
    const uint32_t full = op.family == Family::atomic_notify ? 2 : text.starts_with("i64") || access.contains("64") ? 3 : 2;
    const uint32_t expected = access.contains('8') ? 0 : access.contains("16") ? 1 : access.contains("32") ? 2 : full;
    EXPECT_EQ(atomic_size_log2(op), expected) << text;
    if (op.family == Family::atomic_rmw) EXPECT_EQ(text.contains("add"), op.arg == Arg::Add) << text;
  }
}

}  // namespace
}  // namespace wasmc::wasm
