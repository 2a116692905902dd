// Atomic instructions, and shared memories that stores on several threads use at once. No test depends on who is faster.
#include <atomic>
#include <thread>

#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Threads : public GuestTest {
 protected:
  SharedMemory shared(uint64_t min, uint64_t max) {
    auto made = SharedMemory::create(engine, {.min = min, .max = max});
    if (!made) throw std::runtime_error(made.error().message);
    return *made;
  }
};
WASMC_WITH_BOTH_BOUNDS(Threads);

/// A store of its own for a thread, with an instance of a module that imports "m" "memory".
class Worker {
 public:
  Worker(Engine &engine, const Module &module, const SharedMemory &memory) : store_(engine) {
    linker_.define("m", "memory", Extern{.kind = ExternKind::Memory, .memory = store_.add_memory(memory)});
    auto made = linker_.instantiate(store_, module);
    if (!made || !Linker::start(store_, **made)) throw std::runtime_error("no instance");
    instance_ = *made;
  }
  int32_t call(const char *name, std::initializer_list<Value> arguments) {
    std::vector<Value> values(arguments);
    values.resize(std::max<size_t>(values.size(), 1));
    if (auto done = instance_->get(name).func.call(store_, values); !done) throw std::runtime_error(done.error().message());
    return values[0].i32;
  }

 private:
  Store store_;
  Linker linker_;
  Instance *instance_ = nullptr;
};

constexpr char kModule[] = R"((memory $m (import "m" "memory") 1 16 shared)
  (func (export "add") (param $at i32) (param $times i32) (loop
    (drop (i32.atomic.rmw.add $m (local.get $at) (i32.const 1)))
    (br_if 0 (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
  (func (export "add16") (param $at i32) (param $times i32) (local $seen i32) (loop
    (loop (local.set $seen (i32.atomic.load16_u $m (local.get $at)))
      (br_if 0 (i32.ne (local.get $seen) (i32.atomic.rmw16.cmpxchg_u $m (local.get $at) (local.get $seen) (i32.add (local.get $seen) (i32.const 1))))))
    (br_if 0 (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
  (func (export "load") (param i32) (result i32) (i32.atomic.load $m (local.get 0)))
  (func (export "plain") (param i32) (result i32) (i32.load $m align=1 (local.get 0)))
  (func (export "store") (param i32 i32) (i32.atomic.store $m (local.get 0) (local.get 1)))
  (func (export "wait") (param i32 i32 i64) (result i32) (memory.atomic.wait32 $m (local.get 0) (local.get 1) (local.get 2)))
  (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify $m (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow $m (local.get 0)))
  (func (export "size") (result i32) (memory.size $m)))";

TEST_P(Threads, CountTogether) {
  const Module code = *module(kModule);
  const SharedMemory memory = shared(1, 16);
  constexpr int kThreads = 4, kTimes = 2000;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        Worker worker(engine, code, memory);
        worker.call("add", {{.i32 = 64}, {.i32 = kTimes}});
        worker.call("add16", {{.i32 = 128}, {.i32 = kTimes}});
      });
  }
  Worker worker(engine, code, memory);
  EXPECT_EQ(worker.call("load", {{.i32 = 64}}), kThreads * kTimes);
  EXPECT_EQ(worker.call("load", {{.i32 = 128}}), kThreads * kTimes);
  EXPECT_EQ(worker.call("plain", {{.i32 = 128}}), kThreads * kTimes);
}

TEST_P(Threads, WaitUntilNotified) {
  const Module code = *module(kModule);
  const SharedMemory memory = shared(1, 16);
  std::jthread sleeper([&] {
    Worker worker(engine, code, memory);
    EXPECT_EQ(worker.call("wait", {{.i32 = 8}, {.i32 = 0}, {.i64 = -1}}), 0);
    worker.call("store", {{.i32 = 16}, {.i32 = 1}});
  });
  Worker worker(engine, code, memory);
  while (worker.call("notify", {{.i32 = 8}, {.i32 = 1}}) == 0) std::this_thread::yield();
  sleeper.join();
  EXPECT_EQ(worker.call("load", {{.i32 = 16}}), 1);
  EXPECT_EQ(worker.call("notify", {{.i32 = 8}, {.i32 = -1}}), 0);
}

TEST_P(Threads, AsManyWakeAsAreAskedFor) {
  const Module code = *module(kModule);
  const SharedMemory memory = shared(1, 16);
  constexpr int kSleepers = 3;
  std::vector<std::jthread> sleepers;
  for (int i = 0; i < kSleepers; ++i)
    sleepers.emplace_back([&] {
      Worker worker(engine, code, memory);
      EXPECT_EQ(worker.call("wait", {{.i32 = 8}, {.i32 = 0}, {.i64 = -1}}), 0);
    });
  Worker worker(engine, code, memory);
  EXPECT_EQ(worker.call("notify", {{.i32 = 8}, {.i32 = 0}}), 0);
  EXPECT_EQ(worker.call("notify", {{.i32 = 12}, {.i32 = -1}}), 0) << "another address";
  int woken = 0;
  while (woken < kSleepers) {
    const int now = worker.call("notify", {{.i32 = 8}, {.i32 = 1}});
    ASSERT_LE(now, 1);
    woken += now;
  }
}

TEST_P(Threads, WaitsEndWithoutANotification) {
  const Module code = *module(kModule);
  Worker worker(engine, code, shared(1, 16));
  EXPECT_EQ(worker.call("wait", {{.i32 = 8}, {.i32 = 1}, {.i64 = -1}}), 1);
  EXPECT_EQ(worker.call("wait", {{.i32 = 8}, {.i32 = 0}, {.i64 = 0}}), 2);
  EXPECT_EQ(worker.call("wait", {{.i32 = 8}, {.i32 = 0}, {.i64 = 1000}}), 2);
}

TEST_P(Threads, GrowthIsSeenByAll) {
  const Module code = *module(kModule);
  const SharedMemory memory = shared(1, 16);
  std::atomic<int> grown = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        Worker worker(engine, code, memory);
        for (int page; (page = worker.call("grow", {{.i32 = 1}})) != -1; ++grown) worker.call("store", {{.i32 = page * 65536}, {.i32 = page}});
      });
  }
  EXPECT_EQ(grown, 15);
  Worker worker(engine, code, memory);
  EXPECT_EQ(worker.call("size", {}), 16);
  for (int page = 1; page < 16; ++page) EXPECT_EQ(worker.call("load", {{.i32 = page * 65536}}), page);
}

TEST_P(Threads, ADefinedSharedMemoryGoesToOtherStores) {
  std::optional<SharedMemory> memory;
  const Module code = *module(kModule);
  {
    Store owner(engine);
    auto made = Linker().instantiate(owner, *module("(memory (export \"memory\") 1 16 shared) (data (i32.const 4) \"\\2a\")"));
    ASSERT_TRUE(made);
    ASSERT_TRUE(Linker::start(owner, **made));
    memory = (*made)->get("memory").memory.shared(owner);
  }
  ASSERT_TRUE(memory);
  Worker worker(engine, code, *memory);
  EXPECT_EQ(worker.call("load", {{.i32 = 4}}), 42) << "it outlives the store that made it";
  EXPECT_FALSE(store.create_memory({.min = 1, .max = 2})->shared(store));
}

TEST_P(Threads, ASharedMemoryNeedsAMaximum) {
  EXPECT_EQ(SharedMemory::create(engine, {.min = 1}).error().message, "shared memory must have maximum");
}

TEST_P(Threads, AtomicsTrap) {
  for (const char *memory : {"(memory $m 1 1)", "(memory $m 1 1 shared)", "(memory 1) (memory $m 65536 (pagesize 1))"}) {
    Instance &guest = wat(std::string(memory) + R"(
      (func (export "load") (param i32) (drop (i64.atomic.load $m (local.get 0))))
      (func (export "load_far") (param i32) (drop (i64.atomic.load $m offset=0xffff_ffff (local.get 0))))
      (func (export "store") (param i32) (i32.atomic.store16 $m offset=2 (local.get 0) (i32.const 1)))
      (func (export "rmw") (param i32) (drop (i32.atomic.rmw.xor $m offset=4 (local.get 0) (i32.const 1))))
      (func (export "or_0") (param i32) (drop (i32.atomic.rmw.or $m offset=4 (local.get 0) (i32.const 0))))
      (func (export "add_0") (param i32) (drop (i32.atomic.rmw.add $m offset=4 (local.get 0) (i32.const 0))))
      (func (export "and_1") (param i32) (drop (i32.atomic.rmw.and $m offset=4 (local.get 0) (i32.const -1))))
      (func (export "cmpxchg") (param i32) (drop (i32.atomic.rmw8.cmpxchg_u $m (local.get 0) (i32.const 1) (i32.const 2))))
      (func (export "wait") (param i32) (drop (memory.atomic.wait64 $m offset=8 (local.get 0) (i64.const 1) (i64.const 0))))
      (func (export "notify") (param i32) (drop (memory.atomic.notify $m offset=4 (local.get 0) (i32.const 1)))))");
    const bool is_shared = std::string_view(memory).contains("shared");
    constexpr char kBounds[] = "out of bounds memory access", kAlign[] = "unaligned atomic";
    const struct {
      const char *name;
      int32_t last, bad;
    } kCases[] = {{"load", 65528, 4}, {"store", 65532, 1}, {"rmw", 65528, 2}, {"or_0", 65528, 2}, {"add_0", 65528, 2}, {"and_1", 65528, 2}, {"cmpxchg", 65535, 0}, {"wait", 65520, 4}, {"notify", 65528, 2}};
    for (const auto &[name, last, bad] : kCases) {
      const bool waits = std::string_view(name) == "wait" && !is_shared;
      EXPECT_EQ(trap(guest, name, {{.i32 = last}}), waits ? "expected shared memory" : "returned") << memory << name;
      const int32_t step = std::string_view(name) == "store" ? 2 : std::string_view(name) == "cmpxchg" ? 1 : 8;
      EXPECT_EQ(trap(guest, name, {{.i32 = last + step}}), kBounds) << memory << name;
      EXPECT_EQ(trap(guest, name, {{.i32 = -step}}), kBounds) << memory << name;
      if (bad) EXPECT_EQ(trap(guest, name, {{.i32 = bad}}), kAlign) << memory << name;
    }
    EXPECT_EQ(trap(guest, "load_far", {{.i32 = 0}}), kAlign);
    EXPECT_EQ(trap(guest, "load_far", {{.i32 = 1}}), kBounds);
  }
}

TEST_P(Threads, AtomicsOf64BitMemoriesDoNotWrap) {
  Instance &guest = wat(R"((memory $m i64 1 1 shared)
    (func (export "load") (param i64) (drop (i64.atomic.load $m offset=0xffff_ffff_ffff_fff8 (local.get 0))))
    (func (export "wait") (param i64) (drop (memory.atomic.wait32 $m offset=0xffff_ffff_ffff_fff8 (local.get 0) (i32.const 1) (i64.const 0))))
    (func (export "notify") (param i64) (drop (memory.atomic.notify $m offset=0xffff_ffff_ffff_fff8 (local.get 0) (i32.const 1)))))");
  for (const char *name : {"load", "wait", "notify"}) {
    EXPECT_EQ(trap(guest, name, {{.i64 = 8}}), "out of bounds memory access") << name;
    EXPECT_EQ(trap(guest, name, {{.i64 = 0}}), "out of bounds memory access") << name;
    EXPECT_EQ(trap(guest, name, {{.i64 = 1}}), "unaligned atomic") << name;
  }
}

TEST_P(Threads, NarrowCompareExchangeWrapsWhatIsExpected) {
  Instance &guest = wat(R"((memory 1 1 shared)
    (func (export "f") (param i32) (result i32) (i32.atomic.store (i32.const 0) (i32.const 0x11111111))
      (drop (i32.atomic.rmw8.cmpxchg_u (i32.const 0) (local.get 0) (i32.const 0x22))) (i32.atomic.load (i32.const 0))))");
  EXPECT_EQ(call(guest, "f", {{.i32 = 0x11}})->i32, 0x11111122);
  EXPECT_EQ(call(guest, "f", {{.i32 = 0x99911}})->i32, 0x11111122);
  EXPECT_EQ(call(guest, "f", {{.i32 = 0x12}})->i32, 0x11111111);
}

}  // namespace
}  // namespace wasmc
