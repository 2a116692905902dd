// First-tier code that gives way to better code while it runs: what is entered next is the better code, what is being run goes on until it comes
// by a loop that has its continuation, and a trap finds its way through all of them.
#include <atomic>
#include <thread>

#include "guest.h"

namespace wasmc::test {
namespace {

using compiler::OptLevel;

/// What lives from block to block of `down` has a place in its frame at -O0, and none in the better code's: `depth` counts how many frames the
/// stack has room for.
constexpr char kModule[] = R"((module
  (import "host" "hook" (func $hook))
  (memory 1)
  (global $depth (mut i32) (i32.const 0))
  (table 2 funcref) (elem (i32.const 0) $down $load)
  (type $i_i (func (param i32) (result i32)))
  (func $down (export "down") (type $i_i) (local i32 i32 i32 i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (local.set 1 (i32.mul (local.get 0) (i32.const 3)))
    (local.set 2 (i32.xor (local.get 1) (i32.const 5)))
    (local.set 3 (i32.add (local.get 2) (local.get 0)))
    (local.set 4 (i32.or (local.get 3) (local.get 1)))
    (if (i32.load (i32.const 8)) (then (i32.store (i32.const 12) (local.get 0))))
    (i32.store (i32.const 16) (i32.mul (local.get 1) (i32.add (local.get 2) (i32.mul (local.get 3) (local.get 4)))))
    (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "depth") (result i32) (global.get $depth) (global.set $depth (i32.const 0)))
  (func $load (export "load") (type $i_i) (i32.load (local.get 0)))
  (func $inner (param i32) (result i32) (call $hook) (call_indirect (type $i_i) (local.get 0) (i32.const 1)))
  (func (export "through") (type $i_i) (i32.add (call $inner (local.get 0)) (i32.const 7)))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (call $load (i32.and (local.get 0) (i32.const 1020)))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
))";

class Handover : public testing::Test {
 protected:
  Module make(OptLevel level, bool first_tier, const std::string &text = kModule) {
    options.opt_level = level;
    options.first_tier = first_tier;
    const auto assembled = text::assemble(text);
    if (!assembled) throw std::runtime_error(assembled.error().describe());
    auto module = Module::compile(engine, assembled->bytes, "test");
    if (!module) throw std::runtime_error(module.error().describe());
    return *module;
  }
  Module make_continuation(WaitingLoop loop, const std::string &text = kModule) {
    options.continuation = {loop.function, loop.offset};
    Module module = make(OptLevel::O2, false, text);
    options.continuation.reset();
    return module;
  }
  Instance &instantiate(Store &store, const Module &module) {
    Linker linker;
    linker.define("host", "hook", host_function<&Handover::hook>(this));
    auto instance = linker.instantiate(store, module);
    if (!instance) throw std::runtime_error(instance.error().describe());
    if (auto started = Linker::start(store, **instance); !started) throw std::runtime_error(started.error().message());
    return **instance;
  }
  static void hook(Caller caller) {
    if (const auto &now = caller.env<Handover>().on_hook) now();
  }
  static TrapOr<int32_t> call(Instance &instance, const char *name, int32_t argument = 0) {
    Value value{.i32 = argument};
    if (auto done = instance.get(name).func.call(instance.store(), {&value, 1}); !done) return std::unexpected(done.error());
    return value.i32;
  }
  static int32_t depth(Instance &instance) {
    EXPECT_EQ(call(instance, "down").error().message(), "call stack exhausted");
    return *call(instance, "depth");
  }

  compiler::Options options;
  std::function<void()> on_hook;
  Engine engine{EngineConfig{.compile = [this](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
    compiler::Options all = options;
    all.bounds = bounds;
    return wasmc_compiler_api()->compile(wasm, all, output);
  }, .wasm_stack_size = 1 << 20}};
};

TEST_F(Handover, FirstTierCodeRunsByItself) {
  const Module module = make(OptLevel::O0, true);
  Store store(engine);
  Instance &instance = instantiate(store, module);
  EXPECT_EQ(*call(instance, "through", 4), 7);
  EXPECT_EQ(call(instance, "load", -4).error().message(), "out of bounds memory access");
  EXPECT_GT(depth(instance), 1000);
}

TEST_F(Handover, WhatIsEnteredAfterwardsIsTheBetterCode) {
  const Module first = make(OptLevel::O0, true), better = make(OptLevel::O2, false);
  Store store(engine);
  Instance &instance = instantiate(store, first);
  const int32_t before = depth(instance);
  ASSERT_TRUE(first.hand_over(better));
  const int32_t after = depth(instance);
  EXPECT_GT(after, before);
  Store other(engine);
  const int32_t alone = depth(instantiate(other, better));
  EXPECT_GT(before, alone) << "first-tier code has a larger stack for its larger frames";
  EXPECT_GT(after, 4 * alone);
  Store later(engine);
  EXPECT_EQ(depth(instantiate(later, first)), after) << "an instance that is made afterwards";
}

TEST_F(Handover, ABacktraceLeadsThroughBoth) {
  const Module first = make(OptLevel::O0, true), better = make(OptLevel::O1, false);
  Store store(engine);
  Instance &instance = instantiate(store, first);
  const auto frames = [&] {
    std::string text;
    const auto trapped = call(instance, "through", -4);
    for (const Frame &frame : trapped.error().frames) text += frame.function + '@' + std::to_string(frame.wasm_offset.value_or(0)) + ' ';
    return text;
  };
  const std::string before = frames();
  EXPECT_TRUE(before.starts_with("load@") && before.find(" inner@") != before.npos) << before;
  on_hook = [&] { (void)first.hand_over(better); };
  EXPECT_EQ(frames(), before) << "below: first-tier code; above: the better";
  EXPECT_FALSE(first.hand_over(better)) << "it has happened";
  EXPECT_EQ(frames(), before);
}

TEST_F(Handover, WhileThreadsRun) {
  const Module first = make(OptLevel::O0, true), better = make(OptLevel::O2, false);
  std::atomic<int> running = 0;
  std::atomic<bool> has_happened = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      Store store(engine);
      Instance &instance = instantiate(store, first);
      for (int after = 0; after < 20; after += has_happened) {
        EXPECT_EQ(*call(instance, "loop", 5000), 0);
        EXPECT_EQ(call(instance, "through", -4).error().frames.size(), 3u);
        ++running;
      }
    });
  while (running < 8) std::this_thread::yield();
  EXPECT_TRUE(first.hand_over(better));
  has_happened = true;
  for (std::thread &thread : threads) thread.join();
}

TEST_F(Handover, OnlyToCodeOfTheSameModule) {
  const Module first = make(OptLevel::O0, true);
  const auto why = [&](const Module &from, const Module &to) { return from.hand_over(to).error().message; };
  EXPECT_EQ(why(first, make(OptLevel::O2, false, "(module (func))")), "compiled from another module");
  EXPECT_EQ(why(first, make(OptLevel::O2, true)), "the better code is first-tier code too");
  EXPECT_EQ(why(make(OptLevel::O2, false), first), "is no first-tier code");
  const auto explicit_checks = [&] {
    EngineConfig config{.compile = [&](std::span<const uint8_t> wasm, abi::BoundsMode, int output) {
      options.bounds = abi::BoundsMode::Explicit;
      return wasmc_compiler_api()->compile(wasm, options, output);
    }};
    return config;
  };
  Engine other(explicit_checks());
  options.first_tier = false;
  const auto assembled = text::assemble(kModule);
  EXPECT_EQ(why(first, *Module::compile(other, assembled->bytes, "test")), "of another engine");
  Store store(engine);
  EXPECT_EQ(*call(instantiate(store, first), "through", 4), 7) << "it stays as it is";
}

/// What a call is made of when it goes on elsewhere: locals of all types, parameters and others, used before the loop, in it, behind it, and not at all.
constexpr char kLoops[] = R"((module
  (import "host" "hook" (func $hook))
  (memory 1)
  (table 2 funcref) (elem (i32.const 0) $twice)
  (type $i_i (func (param i32) (result i32)))
  (func $twice (type $i_i) (i32.mul (local.get 0) (i32.const 2)))
  (func $sum (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "all") (param $n i32) (param $l i64) (param $f f32) (param $d f64) (param $v v128) (result i32 i64 f32 f64 v128 i32)
    (local $i i32) (local $unused f64) (local $late i64) (local $x externref) (local $w v128)
    (local.set $w (i32x4.splat (local.get $n)))
    (block $out
      (loop $again
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (if (i32.eq (local.get $i) (i32.const 3)) (then (call $hook)))
        (local.set $l (i64.add (local.get $l) (i64.const 0x100000001)))
        (local.set $f (f32.add (local.get $f) (f32.const 0.5)))
        (local.set $d (f64.sub (local.get $d) (f64.const 0.25)))
        (local.set $v (i32x4.add (local.get $v) (local.get $w)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.set $late (i64.add (local.get $late) (local.get $l)))
    (local.get $i) (local.get $late) (local.get $f) (local.get $d) (local.get $v)
    (ref.is_null (local.get $x)))
  (func (export "calls") (param $n i32) (result i32) (local $sum i32)
    (if (local.get $n) (then
      (loop $again
        (if (i32.eq (local.get $n) (i32.const 5)) (then (call $hook)))
        (local.set $sum (i32.add (local.get $sum) (call $twice (local.get $n))))
        (local.set $sum (i32.add (local.get $sum) (call_indirect (type $i_i) (local.get $n) (i32.const 0))))
        (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $n))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.set $n (i32.const 1000))))
    (i32.add (local.get $n) (local.get $sum)))
  (func $traps (export "traps") (param $n i32) (result i32)
    (loop $again
      (call $hook)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (drop (i32.load (local.get $n)))
      (br $again))
    (unreachable))
  (func (export "outer") (param i32) (result i32) (call $traps (local.get 0)))
  (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (i32.add (local.get $sum) (i32.xor (local.get $i) (local.get $j))))
        (if (i32.eq (i32.mul (local.get $i) (local.get $j)) (i32.const 6)) (then (call $hook)))
        (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (loop $second
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (br_if $second (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (local.get $sum))
  (func (export "stacked") (param $n i32) (result i32)
    (local.get $n) (f64.const 2.5) (i32.const 7) (i64.const 9)
    (loop $again (param i32 i64) (result i32 i64)
      (i64.add (i64.const 3))
      (if (i32.eq (local.get $n) (i32.const 15)) (then (call $hook)))
      (if (param i64) (result i64) (local.get $n) (then (i64.add (i64.const 1))) (else (i64.sub (i64.const 1))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (i32.wrap_i64) (i32.add) (f64.convert_i32_s) (f64.mul) (i32.trunc_f64_s) (i32.add))
  (func (export "leaves") (param $n i32) (result i32)
    (loop $again (result i32)
      (call $hook)
      (if (i32.eqz (local.get $n)) (then (return_call $sum (i32.const 100))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $again)))
))";

/// Each call of the hook compiles and adds what waits, from inside of the loop.
class Continuation : public Handover, public testing::WithParamInterface<bool> {
 protected:
  Continuation() {
    if (GetParam()) return;
    on_hook = [this] {
      (void)first.hand_over(better, [this](WaitingLoop loop) { waiting.push_back(loop); });
      for (; !waiting.empty(); waiting.pop_back(), ++added) EXPECT_TRUE(first.add_continuation(make_continuation(waiting.back(), kLoops)));
    };
  }
  void TearDown() override { EXPECT_EQ(added, GetParam() ? 0 : 1); }

  std::vector<WaitingLoop> waiting;
  int added = 0;
  Module first = make(OptLevel::O0, true, kLoops), better = make(OptLevel::O2, false, kLoops);
  Store store{engine};
  Instance &instance = instantiate(store, first);
};
INSTANTIATE_TEST_SUITE_P(Runs, Continuation, testing::Bool(), [](const auto &info) { return info.param ? "ByItself" : "GoesOn"; });

TEST_P(Continuation, LocalsOfAllTypes) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Value> values(6);
    values[0].i32 = 100;
    values[1].i64 = 7;
    values[2].f32 = 1.5f;
    values[3].f64 = 2.5;
    values[4].bits[0] = 0x0000000200000001;
    values[4].bits[1] = 0x0000000400000003;
    ASSERT_TRUE(instance.get("all").func.call(store, values));
    EXPECT_EQ(values[0].i32, 100);
    EXPECT_EQ(values[1].i64, 7 + 100 * 0x100000001);
    EXPECT_EQ(values[2].f32, 51.5f);
    EXPECT_EQ(values[3].f64, -22.5);
    EXPECT_EQ(values[4].bits[0], (uint64_t{10002} << 32 | 10001));
    EXPECT_EQ(values[4].bits[1], (uint64_t{10004} << 32 | 10003));
    EXPECT_EQ(values[5].i32, 1);
  }
}

TEST_P(Continuation, CallsWithinAndCodeBehind) {
  int expected = 1000;
  for (int n = 1; n <= 50; ++n) expected += 4 * n + n * (n + 1) / 2;
  for (int round = 0; round < 3; ++round) EXPECT_EQ(*call(instance, "calls", 50), expected);
}

TEST_P(Continuation, LoopsInLoopsAndBehindThem) {
  int expected = 210;
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 20; ++j) expected += i ^ j;
  for (int round = 0; round < 3; ++round) EXPECT_EQ(*call(instance, "nested", 20), expected);
}

TEST_P(Continuation, OperandsBelowTheLoopAndItsParameters) {
  for (int round = 0; round < 3; ++round) EXPECT_EQ(*call(instance, "stacked", 20), 20 + int(2.5 * (7 + 9 + 4 * 20)));
}

TEST_P(Continuation, ATailCallLeavesIt) {
  for (int round = 0; round < 3; ++round) EXPECT_EQ(*call(instance, "leaves", 20), 5050);
}

TEST_P(Continuation, ItsBacktraceIsThatOfTheCall) {
  for (int round = 0; round < 3; ++round) {
    const auto trapped = call(instance, "outer", 10);
    std::string text;
    for (const Frame &frame : trapped.error().frames) text += frame.function + ' ';
    EXPECT_EQ(text, "traps outer ");
    EXPECT_EQ(trapped.error().message(), "out of bounds memory access");
    EXPECT_TRUE(trapped.error().frames[0].wasm_offset);
  }
}

TEST_F(Handover, AContinuationIsForItsLoopOnly) {
  const Module first = make(OptLevel::O0, true, kLoops), better = make(OptLevel::O2, false, kLoops);
  std::vector<WaitingLoop> waiting;
  on_hook = [&] { (void)first.hand_over(better, [&](WaitingLoop loop) { waiting.push_back(loop); }); };
  Store store(engine);
  EXPECT_EQ(*call(instantiate(store, first), "leaves", 20), 5050);
  ASSERT_EQ(waiting.size(), 1u) << "told once, however often it comes by";
  const Module continuation = make_continuation(waiting[0], kLoops);
  EXPECT_EQ(make(OptLevel::O0, true, kLoops).add_continuation(continuation).error().message, "continues what has not been handed over");
  EXPECT_EQ(first.add_continuation(better).error().message, "is no continuation");
  EXPECT_EQ(first.hand_over(continuation).error().message, "the better code is the continuation of one loop only");
  EXPECT_TRUE(first.add_continuation(continuation));
  EXPECT_EQ(first.add_continuation(continuation).error().message, "the loop has its continuation already");
  Linker linker;
  EXPECT_EQ(linker.instantiate(store, continuation).error().message, "is code for one loop of a module, not a module");
  EXPECT_THROW(make_continuation({waiting[0].function, waiting[0].offset + 1}, kLoops), std::runtime_error);
  options.continuation.reset();
  EXPECT_THROW(make_continuation({0, waiting[0].offset}, kLoops), std::runtime_error) << "imported";
  options.continuation.reset();
  EXPECT_THROW(make_continuation({1000, waiting[0].offset}, kLoops), std::runtime_error);
  EXPECT_THROW(make(OptLevel::O0, true, kLoops), std::runtime_error) << "both at once";
}

/// Asking is no call of the program's: where the stack ends, it gets no answer.
TEST_F(Handover, ALoopAtTheEndOfTheStackIsNoTrap) {
  constexpr char kDeep[] = R"((module
    (memory (export "memory") 1)
    (func $down (export "down") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else
          (i32.store (i32.const 0) (i32.const 1))
          (loop $wait (br_if $wait (i32.eqz (i32.load (i32.const 4)))))
          (i32.const 0))))
  ))";
  const Module first = make(OptLevel::O0, true, kDeep), better = make(OptLevel::O2, false, kDeep);
  Store store(engine);
  Instance &instance = instantiate(store, first);
  auto *words = reinterpret_cast<int32_t *>(instance.get("memory").memory.bytes().data());
  __atomic_store_n(&words[1], 1, __ATOMIC_RELAXED);
  int32_t deepest = 0;
  for (int32_t step = 1 << 24; step; step /= 2)
    if (call(instance, "down", deepest + step)) deepest += step;
  ASSERT_GT(deepest, 10000);
  __atomic_store_n(&words[0], 0, __ATOMIC_RELAXED);
  __atomic_store_n(&words[1], 0, __ATOMIC_RELAXED);
  std::atomic<int> told = 0;
  std::thread other([&] {
    while (__atomic_load_n(&words[0], __ATOMIC_RELAXED) == 0) std::this_thread::yield();
    EXPECT_TRUE(first.hand_over(better, [&](WaitingLoop) { ++told; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it asks and asks
    __atomic_store_n(&words[1], 1, __ATOMIC_RELAXED);
  });
  deepest -= 10;  // there is room for a return address, though
  const auto done = call(instance, "down", deepest);
  other.join();
  EXPECT_EQ(done ? *done : -1, deepest) << done.error().message();
  EXPECT_EQ(told, 0) << "there was room to ask: the test tests nothing";
}

/// Else each of thousands of loops would store each of a thousand locals.
TEST_F(Handover, ABodyHasRoomForFewExitsOfItsLoops) {
  std::string loops, uses;
  for (int i = 0; i < 900; ++i) uses += "(drop (local.get " + std::to_string(i) + "))";
  for (int i = 0; i < 2000; ++i) loops += "(loop)";
  std::string locals = "(local";
  for (int i = 0; i < 900; ++i) locals += " i32";
  const std::string text = "(module (func (export \"f\") " + locals + ")" + loops + uses + "))";
  const auto size = [&](bool first_tier) { return make(OptLevel::O0, first_tier, text).header().file_size; };
  EXPECT_LT(size(true), size(false) + 200'000);
}

}  // namespace
}  // namespace wasmc::test
