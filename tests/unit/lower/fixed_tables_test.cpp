// What tables hold for good, and which arrays calls go by. What such calls do is tested in tests/embedding/fixed_tables_test.cpp.
#include "lower/fixed_tables.h"

#include <gtest/gtest.h>

#include "lower/facts.h"
#include "wasm/module.h"
#include "wasm/opcode.h"

namespace wasmc::lower {
namespace {

constexpr wasm::TableIndex kTable{0};

/// A fixed table of `length` places with the module's own functions, and calls of every type through it.
struct Subject {
  explicit Subject(uint64_t length) {
    module.tables.push_back({.type = {wasm::kFuncRef, {.min = length}}, .init = {}});
    facts.is_fixed = facts.holds_own_functions_only = {true};
  }
  /// A type on top of an earlier one, if there is one.
  wasm::TypeIndex type(std::optional<wasm::TypeIndex> super = {}) {
    const wasm::TypeIndex index{uint32_t(module.types.size())};
    module.types.push_back({.func = {}, .super = super, .group = index, .canonical = index});
    facts.called.emplace(kTable, index);
    return index;
  }
  wasm::FuncIndex function(wasm::TypeIndex type, size_t body_bytes = 1000) {
    module.functions.push_back(type);
    module.bodies.push_back({.bytes = std::span(code).first(body_bytes), .offset = 0});
    return wasm::FuncIndex(uint32_t(module.functions.size() - 1));
  }
  void segment(uint64_t first, std::vector<wasm::FuncIndex> functions) {
    wasm::ElemSegment segment{wasm::SegmentMode::Active, wasm::kFuncRef};
    segment.offset = wasm::ConstExpr{.ops = {{.code = wasm::op::I32Const, .bits = first}}};
    segment.functions = std::move(functions);
    module.elements.push_back(segment);
  }
  FixedTables tables(CallOptions options = {}) { return find_fixed_tables(module, facts, options); }

  bool are_few(wasm::TypeIndex type) { return tables().find_few(module, kTable, type) != nullptr; }

  std::vector<uint8_t> code = std::vector<uint8_t>(1000);
  wasm::Module module;
  ModuleFacts facts;
};

uint64_t entries(const FixedTables &tables) {
  uint64_t sum = 0;
  for (const auto &[call, array] : tables.arrays) sum += array.size;
  return sum;
}

TEST(FixedTables, LaterSegmentsReplaceEarlierOnes) {
  Subject subject(10);
  const auto type = subject.type();
  const auto f = subject.function(type), g = subject.function(type);
  subject.segment(2, {f, f, f});
  subject.segment(3, {g});
  EXPECT_EQ(subject.tables().functions.at(0), (Places{{2, f}, {3, g}, {4, f}}));
}

TEST(FixedTables, AnArrayReachesFromItsFirstFunctionToItsLast) {
  Subject subject(10000);
  const auto type = subject.type();
  const auto f = subject.function(type);
  subject.segment(5000, {f, f});
  const FixedTables tables = subject.tables();
  const CallArray *array = tables.find(subject.module, kTable, type);
  ASSERT_TRUE(array);
  EXPECT_EQ(array->first, 5000u);
  EXPECT_EQ(array->size, 2u);
  EXPECT_EQ(array->functions, (Places{{5000, f}, {5001, f}}));
}

TEST(FixedTables, SparseOnesHaveNone) {
  Subject subject(10000);
  const auto type = subject.type();
  const auto f = subject.function(type);
  subject.segment(0, {f});
  subject.segment(9999, {f});
  EXPECT_FALSE(subject.tables().find(subject.module, kTable, type));
}

TEST(FixedTables, NothingIsMadeForWhatIsNotCalledOrCounted) {
  Subject subject(10);
  const auto type = subject.type();
  subject.segment(0, {subject.function(type)});
  EXPECT_TRUE(subject.tables({.arrays = false}).arrays.empty());
  subject.facts.called.clear();
  EXPECT_TRUE(subject.tables().functions.at(0).empty());
  EXPECT_TRUE(subject.tables().arrays.empty());
}

TEST(FixedTables, AModuleCannotAskForMoreThanItsSizeIsWorth) {
  constexpr uint64_t kFunctions = 40000;
  Subject subject(kFunctions);
  std::optional<wasm::TypeIndex> type;
  for (int depth = 0; depth < 60; ++depth) type = subject.type(type);
  subject.segment(0, std::vector(kFunctions, subject.function(*type)));
  const FixedTables tables = subject.tables();
  EXPECT_GE(tables.arrays.size(), 1u);
  EXPECT_LE(entries(tables), 8 * kFunctions + (64 << 10));
}

TEST(FixedTables, OneCalleeIsFewWhateverItsSize) {
  Subject subject(100000);
  const auto type = subject.type();
  const auto f = subject.function(type);
  subject.segment(7, {f});
  subject.segment(99999, {f});
  const FixedTables tables = subject.tables();
  const Places *few = tables.find_few(subject.module, kTable, type);
  ASSERT_TRUE(few);
  EXPECT_EQ(*few, (Places{{7, f}, {99999, f}}));
}

TEST(FixedTables, SeveralAreFewIfAllAreSmall) {
  Subject subject(10);
  const auto small = subject.type(), mixed = subject.type();
  subject.segment(0, {subject.function(small, 10), subject.function(small, 40)});
  subject.segment(5, {subject.function(mixed, 10), subject.function(mixed, 41)});
  EXPECT_TRUE(subject.are_few(small));
  EXPECT_FALSE(subject.are_few(mixed));
  EXPECT_FALSE(subject.tables({.few = false}).find_few(subject.module, kTable, small));
}

TEST(FixedTables, ManyFunctionsOrPlacesAreNotFew) {
  Subject subject(100);
  const auto eight = subject.type(), nine = subject.type(), repeated = subject.type();
  for (uint64_t i = 0; i < 8; ++i) subject.segment(i, {subject.function(eight, 10)});
  for (uint64_t i = 0; i < 9; ++i) subject.segment(20 + i, {subject.function(nine, 10)});
  subject.segment(40, std::vector(17, subject.function(repeated)));
  EXPECT_TRUE(subject.are_few(eight));
  EXPECT_FALSE(subject.are_few(nine));
  EXPECT_FALSE(subject.are_few(repeated));
}

/// A call of a type may call what is declared a subtype of it.
TEST(FixedTables, FewCountsSubtypes) {
  Subject subject(10);
  const auto above = subject.type(), below = subject.type(above);
  subject.segment(0, {subject.function(above), subject.function(below)});
  EXPECT_FALSE(subject.are_few(above));
  EXPECT_TRUE(subject.are_few(below));
}

TEST(FixedTables, NothingIsFewWhereACallMayLeaveTheInstance) {
  Subject subject(10);
  const auto type = subject.type();
  subject.segment(0, {subject.function(type)});
  subject.facts.holds_own_functions_only = {false};
  EXPECT_FALSE(subject.are_few(type));
}

}  // namespace
}  // namespace wasmc::lower
