// What a store holds for the host, without any module.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/store.h"

namespace wasmc {
namespace {

class StoreTest : public testing::TestWithParam<bool> {
 protected:
  Engine engine{EngineConfig{.allow_guard_pages = GetParam()}};
  Store store{engine};
};
INSTANTIATE_TEST_SUITE_P(Bounds, StoreTest, testing::Bool(), [](const auto &info) { return info.param ? "Guard" : "Explicit"; });

TEST_P(StoreTest, MemoriesGrowToTheirMaximum) {
  const auto memory = store.create_memory({.min = 1, .max = 3});
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(memory->pages(store), 1u);
  const uint8_t *base = memory->bytes().data();
  EXPECT_EQ(memory->grow(store, 2), 1u);
  EXPECT_EQ(memory->grow(store, 1), std::nullopt);
  EXPECT_EQ(memory->grow(store, ~uint64_t{0}), std::nullopt);
  EXPECT_EQ(memory->grow(store, 0), 3u);
  EXPECT_EQ(memory->bytes().data(), base);
  EXPECT_EQ(memory->bytes().size(), 3 * abi::kWasmPageSize);
  memory->bytes().back() = 1;
  EXPECT_EQ(memory->bytes()[abi::kWasmPageSize], 0);
}

TEST_P(StoreTest, MemoriesOfNoPages) {
  const auto memory = store.create_memory({.min = 0, .max = 0});
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->bytes().size(), 0u);
  EXPECT_EQ(memory->grow(store, 1), std::nullopt);
}

TEST_P(StoreTest, PagesOfOneByte) {
  const auto memory = store.create_memory({.min = 1, .max = 70000, .page_size_log2 = 0});
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(memory->grow(store, 4096), 1u);
  EXPECT_EQ(memory->grow(store, 65904), std::nullopt);
  EXPECT_EQ(memory->grow(store, 65903), 4097u);
  EXPECT_EQ(memory->pages(store), 70000u);
  EXPECT_EQ(memory->bytes().size(), 70000u);
  memory->bytes().back() = 1;
  EXPECT_EQ(store.impl().memory(memory->record()).guarded, 0u) << "no guard page can begin at its end";
}

TEST_P(StoreTest, SixtyFourBitMemories) {
  const auto memory = store.create_memory({.min = 0, .max = uint64_t{1} << 48, .is_64 = true});
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(memory->grow(store, (abi::kMaxMemory64 >> 16) + 1), std::nullopt);
  EXPECT_EQ(memory->grow(store, 65537), 0u);
  memory->bytes().back() = 1;
  EXPECT_EQ(memory->grow(store, ~uint64_t{0}), std::nullopt);
  EXPECT_NE(store.create_memory({.min = uint64_t{1} << 48, .is_64 = true}).error().message.find("more than wasmc allows"), std::string::npos);
}

TEST_P(StoreTest, SharedMemoriesAreOneForAllStores) {
  const auto memory = SharedMemory::create(engine, {.min = 1, .max = 2});
  ASSERT_TRUE(memory) << memory.error().message;
  Store other(engine);
  const Memory here = store.add_memory(*memory), there = other.add_memory(*memory);
  EXPECT_EQ(here.record(), there.record());
  EXPECT_EQ(store.add_memory(*memory).record(), here.record());
  EXPECT_EQ(here.grow(store, 1), 1u);
  EXPECT_EQ(there.pages(other), 2u);
  EXPECT_EQ(there.grow(other, 1), std::nullopt);
}

TEST(WaitQueue, NobodyToWakeAndNothingToWaitFor) {
  core::WaitQueue queue;
  EXPECT_EQ(queue.notify(8, ~0u), 0u);
  EXPECT_EQ(queue.wait(8, -1, [] { return false; }), core::WaitResult::NotEqual);
  EXPECT_EQ(queue.wait(8, 1, [] { return true; }), core::WaitResult::TimedOut);
  EXPECT_EQ(queue.notify(8, 1), 0u) << "who timed out waits no longer";
}

TEST(WaitQueue, FirstComeFirstServed) {
  core::WaitQueue queue;
  std::atomic<int> woken = 0;
  int order[3] = {};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    std::atomic<bool> waits = false;
    // The look at the value happens with the queue locked, so whoever is there is before all who look later.
    threads.emplace_back([&, i, &waits = waits] {
      EXPECT_EQ(queue.wait(8, INT64_MAX, [&] { return waits = true; }), core::WaitResult::Ok);
      order[woken++] = i;
    });
    while (!waits) std::this_thread::yield();
  }
  for (int i = 0; i < 3; ++i) {
    while (queue.notify(8, 1) == 0) std::this_thread::yield();
    while (woken != i + 1) std::this_thread::yield();
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(order[i], i);
}

TEST_P(StoreTest, TablesKeepReferencesInBounds) {
  int object = 0;
  auto table = store.create_table(ValType::ExternRef, {.min = 2, .max = 4}, &object);
  ASSERT_TRUE(table);
  void *found = nullptr;
  EXPECT_TRUE(table->get(store, 1, found));
  EXPECT_EQ(found, &object);
  EXPECT_FALSE(table->get(store, 2, found));
  EXPECT_FALSE(table->set(store, ~uint64_t{0}, nullptr));
  EXPECT_TRUE(table->set(store, 0, nullptr));
  EXPECT_EQ(table->grow(store, 2, nullptr), 2u);
  EXPECT_EQ(table->grow(store, 1, nullptr), std::nullopt);
  EXPECT_TRUE(table->get(store, 3, found));
  EXPECT_EQ(found, nullptr);
}

TEST_P(StoreTest, HugeTablesAreRefused) {
  const auto table = store.create_table(ValType::FuncRef, {.min = 0xffffffff, .max = {}}, nullptr);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "a table of 4294967295 elements is larger than wasmc allows");
}

TEST_P(StoreTest, GlobalsHoldEveryBit) {
  const Global global = store.create_global(ValType::I64, true, {.i64 = -1});
  EXPECT_EQ(global.get(store).i64, -1);
  global.set(store, {.bits = {0x7ff4000000000001, 0}});
  EXPECT_EQ(global.get(store).bits[0], 0x7ff4000000000001u);
  EXPECT_EQ(global.type(store), ValType::I64);
  EXPECT_TRUE(global.is_mutable(store));
}

TEST(TypeRegistry, EqualTypesHaveEqualIds) {
  core::TypeRegistry types;
  const FuncType one{{ValType::I32}, {}}, two{{}, {ValType::I32}};
  const uint32_t id = types.intern(one);
  EXPECT_NE(id, 0u);
  EXPECT_NE(types.intern(two), id);
  EXPECT_EQ(types.intern(FuncType{{ValType::I32}, {}}), id);
  EXPECT_EQ(types.type(id), one);
}

constexpr abi::ValueType ref_to(uint32_t type, bool nullable = false) { return {ValType::FuncRef, abi::HeapCode::Concrete, nullable, 0, type}; }

TEST(TypeRegistry, GroupsAreTheSameInAllModules) {
  core::TypeRegistry types;
  // (rec (func (param (ref 1))) (func (param (ref 0)))), first as types 0 and 1, then as types 1 and 2.
  const abi::ValueType zero[] = {ref_to(0)}, one[] = {ref_to(1)}, two[] = {ref_to(2)};
  const core::DefinedType here[] = {{one, {}, abi::kNone, 2}, {zero, {}, abi::kNone, 0}};
  const core::DefinedType there[] = {{}, {two, {}, abi::kNone, 2}, {one, {}, abi::kNone, 0}, {one, {}}};
  const auto first = types.intern(here), second = types.intern(there);
  EXPECT_EQ(second[1], first[0]);
  EXPECT_EQ(second[2], first[1]);
  EXPECT_NE(first[0], first[1]);
  EXPECT_NE(second[3], first[1]) << "alone it is another type than in its group";
  EXPECT_EQ(types.type(first[0]), (FuncType{{ValType::FuncRef}, {}}));
}

TEST(TypeRegistry, AFaceIsTheTypeThatAHostMeans) {
  core::TypeRegistry types;
  const abi::ValueType i32[] = {core::plain(ValType::I32)}, func[] = {core::plain(ValType::FuncRef)}, typed[] = {ref_to(0, true)};
  const core::DefinedType all[] = {{i32, func}, {i32, i32, abi::kNone, 1, false}, {i32, i32, 1}, {typed, {}},
                                   {{}, typed}, {i32, {}, abi::kNone, 2},         {func, {}, abi::kNone, 0}};
  const auto ids = types.intern(all);
  for (const uint32_t id : ids) EXPECT_EQ(types.info(id).is_face, types.intern(types.type(id)) == id) << id;
  EXPECT_TRUE(types.info(ids[0]).is_face);
  EXPECT_FALSE(types.info(ids[5]).is_face);
}

TEST(TypeRegistry, Subtypes) {
  core::TypeRegistry types;
  const core::DefinedType chain[] = {{{}, {}, abi::kNone, 1, false}, {{}, {}, 0, 1, false}, {{}, {}, 1, 1, true}, {{}, {}, 0, 1, true}};
  const auto ids = types.intern(chain);
  EXPECT_TRUE(types.is_subtype(ids[2], ids[0]));
  EXPECT_TRUE(types.is_subtype(ids[2], ids[1]));
  EXPECT_FALSE(types.is_subtype(ids[3], ids[1]));
  EXPECT_FALSE(types.is_subtype(ids[0], ids[2]));
  EXPECT_TRUE(types.matches(ref_to(ids[2]), ref_to(ids[0], true)));
  EXPECT_FALSE(types.matches(ref_to(ids[2], true), ref_to(ids[0])));
  EXPECT_TRUE(types.matches(ref_to(ids[2]), core::plain(ValType::FuncRef)));
  EXPECT_FALSE(types.matches(core::plain(ValType::FuncRef), ref_to(ids[2], true)));
  abi::FuncRecord record{.code = nullptr, .context = nullptr, .type_id = ids[2], .index = 0, .self = nullptr};
  EXPECT_TRUE(types.holds(ref_to(ids[1]), &record));
  EXPECT_FALSE(types.holds(ref_to(ids[3]), &record));
  EXPECT_FALSE(types.holds(ref_to(ids[1]), nullptr));
}

TEST(Trap, MessagesCarryTheDetail) {
  EXPECT_EQ(Trap{.kind = abi::TrapKind::IntegerOverflow}.message(), "integer overflow");
  EXPECT_EQ(Trap::host("no such thing").message(), "host function failed: no such thing");
}

}  // namespace
}  // namespace wasmc
