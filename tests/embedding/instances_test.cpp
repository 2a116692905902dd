// Tables whose elements are looked up when they are first asked for, and instances in addresses where others were: nobody can tell, whatever was read,
// written, copied and called before.
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "guest.h"

namespace wasmc::test {
namespace {

class Tables : public GuestTest {
 protected:
  /// What an element returns, as a text; "null" or the trap otherwise.
  std::string element(Instance &guest, int32_t index) {
    const auto called = call(guest, "call", {{.i32 = index}});
    if (called) return std::to_string(called->i32);
    return called.error().kind == abi::TrapKind::UninitializedElement ? "null" : called.error().message();
  }
  std::string elements(Instance &guest, int32_t count) {
    std::string out;
    for (int32_t i = 0; i < count; ++i) out += (i ? " " : "") + element(guest, i);
    return out;
  }
};

/// Four functions that return their number, a table of eight with three of them, and everything that can be done to it.
constexpr char kGuest[] = R"(
  (type $unit (func (result i32)))
  (table $t (export "table") 8 16 funcref)
  (func $f0 (type $unit) (i32.const 0)) (func $f1 (type $unit) (i32.const 1))
  (func $f2 (type $unit) (i32.const 2)) (func $f3 (type $unit) (i32.const 3))
  (elem $passive func $f3 $f3)
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
  (func (export "clear") (param i32) (table.set $t (local.get 0) (ref.null func)))
  (func (export "set3") (param i32) (table.set $t (local.get 0) (ref.func $f3)))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32) (table.init $t $passive (local.get 0) (i32.const 0) (i32.const 2)))
  (func (export "fill_null") (param i32 i32) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
  (func (export "grow1") (param i32) (result i32) (table.grow $t (ref.func $f1) (local.get 0)))
)";
std::string guest_with(const std::string &elements) { return "(module " + std::string(kGuest) + elements + ")"; }
const std::string kThree = guest_with("(elem (table $t) (i32.const 1) func $f0 $f1 $f2)");

TEST_P(Tables, ElementsAreThereWhenTheyAreCalled) {
  EXPECT_EQ(elements(wat(kThree), 9), "null 0 1 2 null null null null undefined element");
}

TEST_P(Tables, ElementsAreThereWhenTheyAreRead) {
  Instance &guest = wat(kThree);
  for (const int32_t index : {3, 0, 1, 7}) EXPECT_EQ(call(guest, "is_null", {{.i32 = index}})->i32, index == 0 || index == 7) << index;
  void *reference = nullptr;
  const Table table = guest.get("table").table;
  ASSERT_TRUE(table.get(store, 2, reference));
  Value result{};
  ASSERT_TRUE(Func(static_cast<abi::FuncRecord *>(reference)).call(store, {&result, 1}));
  EXPECT_EQ(result.i32, 1);
  ASSERT_TRUE(table.get(store, 0, reference));
  EXPECT_EQ(reference, nullptr);
}

TEST_P(Tables, WhatIsWrittenStays) {
  Instance &guest = wat(kThree);
  ASSERT_TRUE(call(guest, "clear", {{.i32 = 1}}));
  ASSERT_TRUE(call(guest, "set3", {{.i32 = 2}}));
  ASSERT_TRUE(call(guest, "init", {{.i32 = 5}}));
  EXPECT_EQ(elements(guest, 8), "null null 3 2 null 3 3 null");
  ASSERT_TRUE(call(guest, "fill_null", {{.i32 = 2}, {.i32 = 4}}));
  EXPECT_EQ(elements(guest, 8), "null null null null null null 3 null");
  ASSERT_TRUE(guest.get("table").table.set(store, 6, nullptr));
  EXPECT_EQ(element(guest, 6), "null");
}

TEST_P(Tables, CopiesAreOfTheElements) {
  Instance &forward = wat(kThree);  // nothing was read before
  ASSERT_TRUE(call(forward, "copy", {{.i32 = 2}, {.i32 = 0}, {.i32 = 4}}));
  EXPECT_EQ(elements(forward, 8), "null 0 null 0 1 2 null null");
  Instance &backward = wat(kThree);
  ASSERT_TRUE(call(backward, "copy", {{.i32 = 0}, {.i32 = 2}, {.i32 = 6}}));
  EXPECT_EQ(elements(backward, 8), "1 2 null null null null null null");
}

TEST_P(Tables, GrowingAddsWhatIsAskedFor) {
  Instance &guest = wat(kThree);
  EXPECT_EQ(call(guest, "grow", {{.i32 = 2}})->i32, 8);
  EXPECT_EQ(call(guest, "grow1", {{.i32 = 2}})->i32, 10);
  EXPECT_EQ(call(guest, "grow", {{.i32 = 5}})->i32, -1);
  EXPECT_EQ(elements(guest, 12), "null 0 1 2 null null null null null null 1 1");
}

TEST_P(Tables, LaterSegmentsWin) {
  // Functions by number, by expression (which is looked up at once), and by number again.
  const std::string numbers = "(elem (table $t) (i32.const 0) func $f0 $f0 $f0 $f0) (elem (table $t) (i32.const 1) func $f1)";
  EXPECT_EQ(elements(wat(guest_with(numbers)), 5), "0 1 0 0 null");
  const std::string expressions = "(elem (table $t) (i32.const 2) funcref (ref.func $f2) (ref.null func)) (elem (table $t) (i32.const 3) func $f3)";
  EXPECT_EQ(elements(wat(guest_with(numbers + expressions)), 5), "0 1 2 3 null");
  EXPECT_EQ(elements(wat(guest_with(expressions + numbers)), 5), "0 1 0 0 null");
}

TEST_P(Tables, ManySegments) {
  std::string segments;
  for (int i = 0; i < 100; ++i) segments += "(elem (table $t) (i32.const " + std::to_string(i % 8) + ") func $f" + std::to_string(i % 3) + ")";
  EXPECT_EQ(elements(wat(guest_with(segments)), 8), "0 1 2 0 2 0 1 2");  // the segments 96 to 99, then 92 to 95
}

TEST_P(Tables, ASegmentThatDoesNotFitChangesNothing) {
  const auto module = this->module(guest_with("(elem (table $t) (i32.const 1) func $f1) (elem (table $t) (i32.const 7) func $f2 $f2)"));
  ASSERT_TRUE(module);
  auto instance = linker.instantiate(store, *module);
  ASSERT_TRUE(instance);
  const auto started = Linker::start(store, **instance);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, abi::TrapKind::OutOfBoundsTable);
  EXPECT_EQ(elements(**instance, 8), "null 1 null null null null null null");
}

TEST_P(Tables, AnImportedTableHasItsOwnersAndItsUsersFunctions) {
  Instance &owner = wat(kThree);
  linker.define_instance("owner", owner);
  Instance &user = wat(R"((module
    (type $unit (func (result i32)))
    (import "owner" "table" (table $t 8 16 funcref))
    (table $own (export "own") 4 4 funcref)
    (elem (table $own) (i32.const 0) func $g0 $g1)
    (elem (table $t) (i32.const 3) func $g0 $g1)
    (func $g0 (type $unit) (i32.const 10)) (func $g1 (type $unit) (i32.const 11))
    (func (export "call") (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))
    (func (export "call_own") (param i32) (result i32) (call_indirect $own (type $unit) (local.get 0)))
    (func (export "give") (param i32 i32 i32) (table.copy $t $own (local.get 0) (local.get 1) (local.get 2)))
    (func (export "take") (param i32 i32 i32) (table.copy $own $t (local.get 0) (local.get 1) (local.get 2)))))");
  EXPECT_EQ(elements(user, 8), "null 0 1 10 11 null null null");
  EXPECT_EQ(elements(owner, 8), "null 0 1 10 11 null null null");
  ASSERT_TRUE(call(user, "give", {{.i32 = 1}, {.i32 = 1}, {.i32 = 2}}));  // a null over an element
  EXPECT_EQ(elements(owner, 8), "null 11 null 10 11 null null null");
  ASSERT_TRUE(call(user, "take", {{.i32 = 0}, {.i32 = 2}, {.i32 = 3}}));
  EXPECT_EQ(trap(user, "call_own", {{.i32 = 0}}), "uninitialized element");
  EXPECT_EQ(call(user, "call_own", {{.i32 = 1}})->i32, 10);
  EXPECT_EQ(call(user, "call_own", {{.i32 = 2}})->i32, 11);
  EXPECT_EQ(trap(user, "call_own", {{.i32 = 3}}), "uninitialized element");
}

TEST_P(Tables, ACopyFromATableLeavesRoomForLaterSegments) {
  Instance &owner = wat(R"((module
    (type $unit (func (result i32)))
    (table $t (export "table") 4 funcref)
    (table $filled 4 funcref)
    (elem (table $filled) (i32.const 0) func $f)
    (func $f (type $unit) (i32.const 7))
    (func (export "copy") (table.copy $filled $t (i32.const 0) (i32.const 0) (i32.const 4)))
    (func (export "call") (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))))");
  ASSERT_TRUE(call(owner, "copy"));
  linker.define_instance("owner", owner);
  wat(R"((module
    (import "owner" "table" (table $t 4 funcref))
    (elem (table $t) (i32.const 1) func $g)
    (func $g (result i32) (i32.const 42))))");
  EXPECT_EQ(elements(owner, 4), "null 42 null null");
}

TEST_P(Tables, OfTheWrongTypeAreFoundOut) {
  Instance &guest = wat(R"((module
    (type $unit (func (result i32)))
    (table $t 2 funcref)
    (elem (table $t) (i32.const 0) func $other)
    (func $other (param i32))
    (func (export "call") (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))))");
  EXPECT_EQ(trap(guest, "call", {{.i32 = 0}}), "indirect call type mismatch");
  EXPECT_EQ(trap(guest, "call", {{.i32 = 1}}), "uninitialized element");
}

WASMC_WITH_BOTH_BOUNDS(Tables);

/// Whatever an instance did, the next one in the same addresses begins as new.
class Reuse : public GuestTest {};

TEST_P(Reuse, NothingIsLeftOfAnInstance) {
  const auto module = this->module(R"((module
    (type $unit (func (result i32)))
    (memory 1 20) (data (i32.const 8) "\2a")
    (table $t 2000 3000 funcref) (elem (table $t) (i32.const 1999) func $one)
    (global $g (mut i32) (i32.const 5))
    (func $one (type $unit) (i32.const 1))
    (func (export "spoil")
      (drop (memory.grow (i32.const 9)))
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 655360))
      (global.set $g (i32.const 6))
      (drop (table.grow $t (ref.func $one) (i32.const 500)))
      (table.fill $t (i32.const 0) (ref.func $one) (i32.const 1999))
      (table.set $t (i32.const 1999) (ref.null func)))
    (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "pages") (result i32) (memory.size))
    (func (export "elements") (result i32) (table.size $t))
    (func (export "global") (result i32) (global.get $g))
    (func (export "call") (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))))");
  ASSERT_TRUE(module);
  for (int round = 0; round < 40; ++round) {
    Store own(engine);
    Instance *guest = *linker.instantiate(own, *module);
    ASSERT_TRUE(Linker::start(own, *guest));
    const auto ask = [&](const char *name, int32_t argument = 0) -> std::string {
      Value value{.i32 = argument};
      const auto done = guest->get(name).func.call(own, {&value, 1});
      return done ? std::to_string(value.i32) : done.error().message();
    };
    EXPECT_EQ(ask("byte", 8), "42");
    EXPECT_EQ(ask("byte", 9), "0");
    EXPECT_EQ(ask("byte", 65535), "0");
    EXPECT_EQ(ask("byte", 65536), "out of bounds memory access");
    EXPECT_EQ(ask("byte", 655359), "out of bounds memory access");
    EXPECT_EQ(ask("pages"), "1");
    EXPECT_EQ(ask("elements"), "2000");
    EXPECT_EQ(ask("global"), "5");
    EXPECT_EQ(ask("call", 0), "uninitialized element");
    EXPECT_EQ(ask("call", 1999), "1");
    EXPECT_EQ(ask("call", 2000), "undefined element");
    if (round % 3 == 0) continue;  // what is not spoilt is reused, too
    EXPECT_EQ(ask("spoil"), "0");
    EXPECT_EQ(ask("byte", 655359), "7");
    EXPECT_EQ(ask("call", 2499), "1");
  }
}

TEST_P(Reuse, ByTurnsOfDifferentModules) {
  std::vector<Module> modules;
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i + 1);
    modules.push_back(*module("(module (memory " + number + ") (data (i32.const " + number + "00) \"\\07\") (func (export \"sum\") (result i32)"
                              " (i32.store8 (i32.const 5) (i32.const 1)) (i32.add (memory.size) (i32.load8_u (i32.const " + number + "00)))))"));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      Store own(engine);
      Instance *guest = *linker.instantiate(own, modules[size_t(i)]);
      ASSERT_TRUE(Linker::start(own, *guest));
      Value value{};
      ASSERT_TRUE(guest->get("sum").func.call(own, {&value, 1}));
      EXPECT_EQ(value.i32, i + 1 + 7);
    }
  }
}

/// Counts its own calls, in its memory.
constexpr char kCounter[] = R"((module (memory 1 4) (table 100 200 funcref) (elem (i32.const 50) func $next)
  (func $next (export "next") (result i32)
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
    (i32.load (i32.const 64)))
  (func (export "indirect") (result i32) (call_indirect (result i32) (i32.const 50)))))";

int32_t next(Store &store, Instance &guest, const char *name) {
  Value value{};
  return guest.get(name).func.call(store, {&value, 1}) ? value.i32 : -1;
}

TEST_P(Reuse, AThousandAtOnce) {
  const auto module = this->module(kCounter);
  ASSERT_TRUE(module);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<std::unique_ptr<Store>, Instance *>> guests;
    for (int i = 0; i < 1000; ++i) {
      auto &[own, guest] = guests.emplace_back(std::make_unique<Store>(engine), nullptr);
      guest = *linker.instantiate(*own, *module);
      ASSERT_TRUE(Linker::start(*own, *guest));
      for (int calls = 0; calls < i % 5; ++calls) next(*own, *guest, "next");
    }
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(next(*guests[size_t(i)].first, *guests[size_t(i)].second, "indirect"), i % 5 + 1) << i;
  }
}

TEST_P(Reuse, OnManyThreads) {
  const auto module = this->module(kCounter);
  ASSERT_TRUE(module);
  std::atomic<int> wrong = 0;
  const auto run = [&] {
    for (int i = 0; i < 300; ++i) {
      Store own(engine);
      Instance *guest = *linker.instantiate(own, *module);
      if (!Linker::start(own, *guest)) ++wrong;
      for (int call = 1; call < 4; ++call)
        if (next(own, *guest, call % 2 ? "next" : "indirect") != call) ++wrong;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(run);
  }
  EXPECT_EQ(wrong, 0);
}

WASMC_WITH_BOTH_BOUNDS(Reuse);

}  // namespace
}  // namespace wasmc::test
