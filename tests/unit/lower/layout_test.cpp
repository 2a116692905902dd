// The context area: nothing overlaps, everything is aligned and below the header.
#include "lower/layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "abi/artifact.h"
#include "abi/context.h"
#include "build.h"
#include "wasm/module.h"

namespace wasmc::lower {
namespace {

using namespace wasm::test;
namespace op = wasm::op;

struct Piece {
  int32_t at, size;
};

TEST(ContextLayout, PiecesNeitherOverlapNorLeaveTheArea) {
  const Bytes bytes = full_module();
  const auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module);
  const ContextLayout layout(*module);
  EXPECT_TRUE(layout.memory0_at_context);
  EXPECT_EQ(layout.size % 16, 0u);

  std::vector<Piece> pieces{{-int32_t(sizeof(abi::ContextHeader)), sizeof(abi::ContextHeader)}};
  for (int32_t at : layout.memories) pieces.push_back({at, sizeof(abi::MemoryRecord)});
  for (int32_t at : layout.tables) pieces.push_back({at, sizeof(abi::TableRecord)});
  for (int32_t at : layout.globals) pieces.push_back({at, 8});
  for (int32_t at : layout.functions) pieces.push_back({at, sizeof(abi::ImportSlot)});
  pieces.push_back({layout.tail_call, 8});
  EXPECT_EQ(pieces.size(), 1 + 1 + 1 + 2 + 1 + 1u);
  std::ranges::sort(pieces, {}, &Piece::at);
  EXPECT_GE(pieces.front().at, -int32_t(layout.size));
  for (size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].at % 8, 0);
    EXPECT_LE(pieces[i].at + pieces[i].size, i + 1 < pieces.size() ? pieces[i + 1].at : 0);
  }
}

TEST(ContextLayout, WithoutAMemoryNothingLiesAtTheContext) {
  const Bytes bytes = Builder().build();
  EXPECT_FALSE(ContextLayout(*wasm::decode_module(bytes)).memory0_at_context);
}

TEST(ContextLayout, SharedMemoriesHaveTheirRecordElsewhere) {
  Builder builder;
  builder.whole(5, Bytes{2, 3, 1, 1, 0, 1});  // shared, own
  const Bytes bytes = builder.build();
  const auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module);
  const ContextLayout layout(*module);
  EXPECT_FALSE(layout.memory0_at_context);
  EXPECT_TRUE(has_record_elsewhere(*module, wasm::MemoryIndex(0)));
  EXPECT_FALSE(has_record_elsewhere(*module, wasm::MemoryIndex(1)));
  EXPECT_EQ(layout.memories[0] - layout.memories[1], int32_t(sizeof(abi::MemoryRecord)));
}

TEST(CodeTable, EqualTypesShareThunks) {
  Builder builder;
  const uint32_t first = builder.type({kI32Byte}, {}), second = builder.type({}, {}), again = builder.type({kI32Byte}, {});
  builder.import_function("env", "f", second);
  builder.function(first, {});
  builder.function(again, {});
  const Bytes bytes = builder.build();
  const auto module = wasm::decode_module(bytes);
  ASSERT_TRUE(module);
  const CodeTable table(*module, false);
  EXPECT_EQ(table.entry_thunk(wasm::TypeIndex(first)), table.entry_thunk(wasm::TypeIndex(again)));
  EXPECT_NE(table.entry_thunk(wasm::TypeIndex(first)), table.entry_thunk(wasm::TypeIndex(second)));
  EXPECT_NE(table.host_adapter(wasm::TypeIndex(second)), abi::kNone);
  EXPECT_EQ(table.host_adapter(wasm::TypeIndex(first)), abi::kNone);
  // Bodies, then thunks, then adapters; every entry has a name of its own.
  EXPECT_EQ(table.size(), 2 + 2 + 1u);
  std::vector<std::string> symbols;
  for (uint32_t i = 0; i < table.size(); ++i) symbols.push_back(table.symbol(*module, i));
  std::ranges::sort(symbols);
  EXPECT_EQ(std::ranges::adjacent_find(symbols), symbols.end());
}

}  // namespace
}  // namespace wasmc::lower
