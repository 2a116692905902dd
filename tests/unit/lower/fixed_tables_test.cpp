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
  wasm::FuncIndex function(wasm::TypeIndex type) {
    module.functions.push_back(type);
    return wasm::FuncIndex(uint32_t(module.functions.size() - 1));
  }
  void segment(uint64_t first, std::vector<wasm::FuncIndex> functions) {
    wasm::ElemSegment segment{wasm::SegmentMode::Active, wasm::kFuncRef};
    segment.offset = wasm::ConstExpr{.ops = {{.code = wasm::op::I32Const, .bits = first}}};
    segment.functions = std::move(functions);
    module.elements.push_back(segment);
  }
  FixedTables tables(bool with_arrays = true) { return find_fixed_tables(module, facts, with_arrays); }

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
  EXPECT_TRUE(subject.tables(false).arrays.empty());
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

}  // namespace
}  // namespace wasmc::lower
