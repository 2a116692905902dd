// First-tier code that gives way to better code while it runs: what is entered next is the better code, what is being run goes on, and a trap
// finds its way through both.
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
  EXPECT_EQ(depth(instantiate(other, better)), after);
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

}  // namespace
}  // namespace wasmc::test
