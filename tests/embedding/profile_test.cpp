// Profiles: whatever one says, code that was compiled for it does what it did without.
#include <random>

#include "guest.h"
#include "profile/file.h"
#include "wasm/module.h"

namespace wasmc {
namespace {

using compiler::OptLevel;
using Counters = std::vector<uint64_t>;

/// A module, and how it is compiled: to count, or for counts.
class Subject {
 public:
  explicit Subject(const std::string &text) {
    const auto assembled = text::assemble(text);
    if (!assembled) throw std::runtime_error(assembled.error().describe());
    wasm_ = assembled->bytes;
    const auto decoded = wasm::decode_module(wasm_);
    auto layout = profile::lay_out(decoded.value());
    layout_ = std::move(layout.value());
  }

  const profile::Layout &layout() const { return layout_; }

  void use_segue() { options_.segue = true; }
  Module plain(Engine &engine) { return compile(engine); }
  Module counting(Engine &engine, Counters &counters) {
    counters.assign(layout_.count(), 0);
    options_.counters = counters.data();
    Module module = compile(engine);
    options_.counters = nullptr;
    return module;
  }
  Module using_counts(Engine &engine, const Counters &counts, OptLevel level = OptLevel::O2) {
    const auto file = profile::encode(layout_, counts);
    options_.profile = file;
    options_.opt_level = level;
    Module module = compile(engine);
    options_.profile = {};
    return module;
  }

  EngineConfig config() {
    return {.compile = [this](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
      options_.bounds = bounds;
      return wasmc_compiler_api()->compile(wasm, options_, output);
    }};
  }

 private:
  Module compile(Engine &engine) {
    auto module = Module::compile(engine, wasm_, "test");
    if (!module) throw std::runtime_error(module.error().describe());
    return *module;
  }

  std::vector<uint8_t> wasm_;
  profile::Layout layout_;
  compiler::Options options_;
};

Instance &instantiate(Store &store, const Module &module, const Linker &linker = {}) {
  auto instance = linker.instantiate(store, module);
  if (!instance) throw std::runtime_error(instance.error().describe());
  if (auto started = Linker::start(store, **instance); !started) throw std::runtime_error(started.error().message());
  return **instance;
}

/// The result, or the trap's message.
std::string call(Store &store, Instance &instance, const char *name, int32_t argument) {
  Value values[] = {{.i32 = argument}};
  const auto done = instance.get(name).func.call(store, values);
  return done ? std::to_string(values[0].i32) : done.error().message();
}

/// Every instruction that has counters, in a loop that goes every way.
constexpr char kAllKinds[] = R"((module
  (type $op (func (param i32 i32) (result i32)))
  (type $pair (func (param i32) (result i32 i64 i32 i64)))
  (table $ops 9 funcref)
  (elem (table $ops) (i32.const 1) func $add $sub $xor $mul $add $wide $tail $ops_of_ops)
  (global $open (mut (ref null $op)) (ref.null $op))
  (func $add (type $op) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $op) (i32.sub (local.get 0) (local.get 1)))
  (func $xor (type $op) (i32.xor (local.get 0) (local.get 1)))
  (func $mul (type $op) (i32.mul (local.get 0) (i32.or (local.get 1) (i32.const 1))))
  (func $wide (type $pair) (local.get 0) (i64.const 3) (i32.const 5) (i64.const 7))
  (func $tail (type $op) (return_call_indirect $ops (type $op) (local.get 1) (local.get 0) (i32.and (local.get 1) (i32.const 3)) (i32.add (i32.const 1))))
  (func $ops_of_ops (type $op) (return_call_ref $op (local.get 1) (local.get 0) (ref.func $sub)))
  (func $choose (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c $a $b (local.get 0)))
      (return (i32.const 2))) (return (i32.const 3))) (i32.const 4))
  ;; An interpreter: its instructions are the digits of a number that changes as they run.
  (func $interpret (param $pc i32) (result i32) (local $a i32) (local $b i32) (local $next i32)
    (loop $dispatch
      (local.set $next (i32.and (local.get $pc) (i32.const 7)))
      (local.set $pc (i32.shr_u (local.get $pc) (i32.const 3)))
      (if (i32.eqz (local.get $pc)) (then (return (i32.xor (local.get $a) (local.get $b)))))
      (block $5 (block $4 (block $3 (block $2 (block $1 (block $0 (br_table $0 $1 $2 $3 $4 $5 (local.get $next)))
        (local.set $a (i32.add (local.get $a) (i32.const 1))) (br $dispatch))
        (local.set $b (local.get $a)) (br $dispatch))
        (local.set $a (i32.mul (local.get $b) (i32.const 3))) (br $dispatch))
        (if (local.get $a) (then (local.set $pc (i32.shr_u (local.get $pc) (i32.const 1))))) (br $dispatch))
        (local.set $b (i32.sub (local.get $next) (local.get $b))) (br $dispatch))
      (local.set $a (call $choose (local.get $next))) (br $dispatch))
    (unreachable))
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32) (local $i i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $interpret (i32.mul (local.get $i) (i32.const 1234567891)))))
      (local.set $sum (call_indirect $ops (type $op) (local.get $sum) (local.get $i) (i32.add (i32.const 1) (i32.rem_u (local.get $i) (i32.const 5)))))
      (local.set $sum (call_indirect $ops (type $op) (local.get $sum) (local.get $i) (i32.add (i32.const 7) (i32.and (local.get $i) (i32.const 1)))))
      (call_indirect $ops (type $pair) (local.get $sum) (i32.const 6))
      (drop) (drop) (drop) (local.set $sum)
      (local.set $sum (i32.add (local.get $sum) (call $choose (i32.rem_u (local.get $i) (i32.const 7)))))
      (if (i32.gt_u (local.get $i) (i32.const 3000)) (then (global.set $open (ref.func $xor))))
      (block $null
        (local.set $sum (call_ref $op (local.get $sum) (local.get $i) (br_on_null $null (global.get $open)))) (drop (i32.const 0)))
      (block $some (result (ref $op)) (br_on_non_null $some (global.get $open)) (ref.func $add)) (drop)
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum))
  (func (export "call") (param i32) (result i32) (call_indirect $ops (type $op) (i32.const 40) (i32.const 2) (local.get 0)))
  (elem declare func $add $sub $xor)
))";

std::vector<std::string> results_of(const Module &module, Engine &engine) {
  Store store(engine);
  Instance &instance = instantiate(store, module);
  std::vector<std::string> out{call(store, instance, "run", 5000)};
  for (int32_t index : {0, 1, 2, 6, 8, 9, -1}) out.push_back(call(store, instance, "call", index));
  return out;
}

TEST(Profile, WhatWasCountedChangesNoResult) {
  Subject subject(kAllKinds);
  Engine engine(subject.config());
  const auto expected = results_of(subject.plain(engine), engine);
  Counters counters;
  EXPECT_EQ(results_of(subject.counting(engine, counters), engine), expected);
  EXPECT_EQ(expected[1], "uninitialized element");
  EXPECT_EQ(expected[4], "indirect call type mismatch");
  EXPECT_EQ(expected[6], "undefined element");
  for (OptLevel level : {OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3, OptLevel::Os})
    EXPECT_EQ(results_of(subject.using_counts(engine, counters, level), engine), expected) << int(level);
}

TEST(Profile, EntriesAndBranchesAreCounted) {
  Subject subject(R"((module
    (func $leaf (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
    (func (export "run") (param i32) (result i32)
      (loop $again (drop (call $leaf (i32.and (local.get 0) (i32.const 3)))) (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (i32.const 0))))");
  Engine engine(subject.config());
  Counters counters;
  Store store(engine);
  const Module module = subject.counting(engine, counters);
  // Two instances add up.
  for (int i = 0; i < 2; ++i) call(store, instantiate(store, module), "run", 100);
  EXPECT_EQ(counters, (Counters{200, 50, 150, 2, 2, 198}));
}

/// Hostile profiles: the counters are what somebody wrote into them.
TEST(Profile, NoCountChangesAResult) {
  Subject subject(kAllKinds);
  Engine engine(subject.config());
  const auto expected = results_of(subject.plain(engine), engine);
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    Counters counts(subject.layout().count());
    for (uint64_t &count : counts) count = random() >> (random() % 64);
    for (uint64_t call : subject.layout().calls) {  // callees that exist, mostly where they belong, of any type
      counts[call] = random() >> (random() % 50);
      for (uint64_t number = 0; number < 12; ++number) {
        const uint64_t slot = seed % 4 == 0 ? random() % profile::kCandidates : number % profile::kCandidates;
        counts[call + 1 + 2 * slot] = number;
        counts[call + 2 + 2 * slot] = seed % 3 == 0 ? counts[call] : counts[call] / 11;
      }
    }
    EXPECT_EQ(results_of(subject.using_counts(engine, counts), engine), expected) << "seed " << seed;
  }
}

/// A callee of the right type that no reference leads to, so that there is no entry to compare with under `--segue`.
TEST(Profile, ACalleeThatNothingRefersTo) {
  for (const bool segue : {false, true}) {
    if (segue && !test::can_use_segue()) GTEST_SKIP() << "without --segue only: this CPU or system has no fsgsbase";
    Subject subject(R"((module
      (type $get (func (result i32)))
      (memory 1)
      (table (export "table") 1 funcref) (elem (i32.const 0) $one)
      (func $one (type $get) (i32.const 1)) (func $never (type $get) (i32.const 2))
      (func (export "run") (param i32) (result i32) (call_indirect (type $get) (i32.const 0)))))");
    if (segue) subject.use_segue();
    Engine engine(subject.config());
    Counters counts(subject.layout().count());
    const uint64_t call_counter = subject.layout().calls.at(0), number = 2;  // that of $never
    counts[call_counter] = counts[call_counter + 2 + 2 * number] = 100000;
    counts[call_counter + 1 + 2 * number] = number;
    Store store(engine);
    EXPECT_EQ(call(store, instantiate(store, subject.using_counts(engine, counts)), "run", 0), "1");
  }
}

/// One code, two contexts: each instance has its own global.
TEST(Profile, TheSameCodeOfAnotherInstanceIsNotCalledInThisOne) {
  for (const bool by_reference : {false, true}) {
    const std::string type = "(type $get (func (result i32)))";
    const std::string body = by_reference ? "(call_ref $get (global.get $shared))" : "(call_indirect (type $get) (i32.const 0))";
    Subject subject("(module " + type + R"(
      (import "env" "table" (table 1 funcref))
      (import "env" "global" (global $shared (mut (ref null $get))))
      (global $self (mut i32) (i32.const 0))
      (func $get (type $get) (global.get $self))
      (elem declare func $get)
      (func (export "be") (param i32) (result i32) (global.set $self (local.get 0)) (i32.const 0))
      (func (export "enter") (param i32) (result i32)
        (table.set (i32.const 0) (ref.func $get)) (global.set $shared (ref.func $get)) (i32.const 0))
      (func (export "run") (param i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (i32.add (local.get $sum) )" + body + R"())
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum))))");
    Engine engine(subject.config());
    Store store(engine);
    Linker linker;
    auto shared = Module::compile(engine, text::assemble("(module " + type + R"((table (export "table") 1 funcref)
      (global (export "global") (mut (ref null $get)) (ref.null $get))))")->bytes, "owner");
    ASSERT_TRUE(shared) << shared.error().describe();
    linker.define_instance("env", instantiate(store, *shared));

    Counters counters;
    Instance &counted = instantiate(store, subject.counting(engine, counters), linker);
    call(store, counted, "enter", 0);
    call(store, counted, "run", 10000);

    const Module module = subject.using_counts(engine, counters);
    Instance &first = instantiate(store, module, linker), &second = instantiate(store, module, linker);
    call(store, first, "be", 1);
    call(store, second, "be", 2);
    call(store, first, "enter", 0);
    EXPECT_EQ(call(store, first, "run", 10), "10");
    EXPECT_EQ(call(store, second, "run", 10), "10") << "the first instance's function, called from the second";
    call(store, second, "enter", 0);
    EXPECT_EQ(call(store, first, "run", 10), "20") << "the second instance's function, called from the first";
  }
}

/// Instantiation ends at a segment that does not fit, after a function got into another instance's table. It finds its own table empty.
TEST(Profile, ATableThatWasNeverFilledHasNoKnownContents) {
  Subject subject(R"((module
    (type $get (func (param i32) (result i32)))
    (import "env" "table" (table $env 1 funcref))
    (table $own 4 funcref)
    (elem (table $env) (i32.const 0) func $leak)
    (elem (table $own) (i32.const 2) func $one $one $one)
    (func $one (type $get) (i32.const 1))
    (func $leak (type $get) (call_indirect $own (type $get) (local.get 0) (i32.const 2)))))");
  Subject owner(R"((module
    (type $get (func (param i32) (result i32)))
    (table (export "table") 1 funcref)
    (func (export "run") (param i32) (result i32) (call_indirect (type $get) (local.get 0) (i32.const 0)))))");
  Engine engine(subject.config());
  Store store(engine);
  Linker linker;
  Instance &host = instantiate(store, owner.plain(engine));
  linker.define_instance("env", host);

  Counters counts(subject.layout().count());
  const uint64_t site = subject.layout().calls.at(0), number = profile::callee_number(wasm::FuncIndex(0));
  counts[site] = counts[site + 2 + 2 * number] = 1'000'000;
  counts[site + 1 + 2 * number] = number;
  const auto leaky = linker.instantiate(store, subject.using_counts(engine, counts));
  ASSERT_TRUE(leaky) << leaky.error().describe();
  const auto started = Linker::start(store, **leaky);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "out of bounds table access");
  EXPECT_EQ(call(store, host, "run", 0), "uninitialized element");
}

}  // namespace
}  // namespace wasmc
