// Tables that hold what their segments say for good: calls through them find just what the table holds.
#include "guest.h"

namespace wasmc::test {
namespace {

class FixedTables : public GuestTest {
 protected:
  /// What "call" returns for each index, or its trap.
  std::string calls(Instance &guest, std::initializer_list<Value> indices) {
    std::string out;
    for (const Value index : indices) {
      const auto called = call(guest, "call", {index});
      out += (out.empty() ? "" : ", ") + (called ? std::to_string(called->i32) : called.error().message());
    }
    return out;
  }
  static std::string guest(const std::string &table_and_elements, const std::string &index_type = "i32") {
    return R"((module
      (type $unit (func (result i32)))
      (func $f7 (type $unit) (i32.const 7)) (func $f8 (type $unit) (i32.const 8)) (func $other (param i32))
      (func (export "call") (param )" + index_type + R"() (result i32) (i32.add (i32.const 100) (call_indirect $t (type $unit) (local.get 0))))
      (func (export "jump") (param )" + index_type + R"() (result i32) (return_call_indirect $t (type $unit) (local.get 0))) )" + table_and_elements + ")";
  }
};

TEST_P(FixedTables, HoldWhatTheirSegmentsSay) {
  Instance &made = wat(guest("(table $t 6 funcref) (elem (table $t) (i32.const 1) func $f7 $other $f8)"));
  EXPECT_EQ(calls(made, {{.i32 = 0}, {.i32 = 1}, {.i32 = 2}, {.i32 = 3}, {.i32 = 4}, {.i32 = 6}, {.i32 = -1}}),
            "uninitialized element, 107, indirect call type mismatch, 108, uninitialized element, undefined element, undefined element");
}

TEST_P(FixedTables, AreCalledByTailCalls) {
  Instance &made = wat(guest("(table $t 4 funcref) (elem (table $t) (i32.const 1) func $f7 $other)"));
  EXPECT_EQ(call(made, "jump", {{.i32 = 1}})->i32, 7);
  EXPECT_EQ(trap(made, "jump", {{.i32 = 0}}), "uninitialized element");
  EXPECT_EQ(trap(made, "jump", {{.i32 = 2}}), "indirect call type mismatch");
  EXPECT_EQ(trap(made, "jump", {{.i32 = 4}}), "undefined element");
}

TEST_P(FixedTables, LaterSegmentsReplaceEarlierOnes) {
  Instance &made = wat(guest(R"((table $t 6 funcref)
    (elem (table $t) (i32.const 0) func $f7 $f7 $f7 $f7)
    (elem (table $t) (i32.const 1) func $f8 $other)
    (elem (table $t) (i32.const 3) funcref (ref.null func)))"));
  EXPECT_EQ(calls(made, {{.i32 = 0}, {.i32 = 1}, {.i32 = 2}, {.i32 = 3}, {.i32 = 4}}),
            "107, 108, indirect call type mismatch, uninitialized element, uninitialized element");
}

TEST_P(FixedTables, MayBeginLateAndBeLong) {
  Instance &made = wat(guest("(table $t 2000 funcref) (elem (table $t) (i32.const 1000) func $f7 $f8)"));
  EXPECT_EQ(calls(made, {{.i32 = 0}, {.i32 = 999}, {.i32 = 1000}, {.i32 = 1001}, {.i32 = 1002}, {.i32 = 2000}}),
            "uninitialized element, uninitialized element, 107, 108, uninitialized element, undefined element");
}

TEST_P(FixedTables, MayBeSparse) {
  Instance &made = wat(guest("(table $t 100000 funcref) (elem (table $t) (i32.const 0) func $f7) (elem (table $t) (i32.const 99999) func $f8)"));
  EXPECT_EQ(calls(made, {{.i32 = 0}, {.i32 = 1}, {.i32 = 99999}, {.i32 = 100000}}), "107, uninitialized element, 108, undefined element");
}

TEST_P(FixedTables, MayHave64BitIndices) {
  Instance &made = wat(guest("(table $t i64 6 funcref) (elem (table $t) (i64.const 1) func $f7 $f8)", "i64"));
  EXPECT_EQ(calls(made, {{.i64 = 1}, {.i64 = 2}, {.i64 = 3}, {.i64 = (int64_t{1} << 32) + 1}, {.i64 = INT64_MIN}}),
            "107, 108, uninitialized element, undefined element, undefined element");
}

TEST_P(FixedTables, OfFunctionsThatAreDeclaredSubtypes) {
  Instance &made = wat(R"((module
    (type $above (sub (func (result i32)))) (type $below (sub $above (func (result i32))))
    (type $again (sub (func (result i32))))
    (table $t 4 funcref) (elem (table $t) (i32.const 0) func $f7 $f8)
    (func $f7 (type $above) (i32.const 7)) (func $f8 (type $below) (i32.const 8))
    (func (export "call") (param i32) (result i32) (call_indirect $t (type $above) (local.get 0)))
    (func (export "call_again") (param i32) (result i32) (call_indirect $t (type $again) (local.get 0)))
    (func (export "call_below") (param i32) (result i32) (call_indirect $t (type $below) (local.get 0)))))");
  EXPECT_EQ(calls(made, {{.i32 = 0}, {.i32 = 1}, {.i32 = 2}}), "7, 8, uninitialized element");
  EXPECT_EQ(call(made, "call_again", {{.i32 = 0}})->i32, 7);
  EXPECT_EQ(call(made, "call_again", {{.i32 = 1}})->i32, 8);
  EXPECT_EQ(trap(made, "call_below", {{.i32 = 0}}), "indirect call type mismatch");
  EXPECT_EQ(call(made, "call_below", {{.i32 = 1}})->i32, 8);
}

TEST_P(FixedTables, TheTrapIsOfTheCall) {
  Instance &made = wat(guest("(table $t 4 funcref) (elem (table $t) (i32.const 1) func $f7 $other)"));
  std::vector<uint32_t> offsets;
  for (const int32_t index : {0, 2, 4}) {
    const auto done = call(made, "call", {{.i32 = index}});
    ASSERT_FALSE(done);
    ASSERT_EQ(done.error().frames.size(), 1u) << index;
    offsets.push_back(done.error().frames[0].wasm_offset.value_or(0));
  }
  EXPECT_NE(offsets[0], 0u);
  EXPECT_EQ(offsets, std::vector(3, offsets[0]));
}

/// At the level at which calls of few functions ask for the index.
class FewCallees : public GuestTest {
 protected:
  FewCallees() : GuestTest(compile_at<compiler::OptLevel::O2>) {}
};

/// Small callees are inlined behind a switch on the index, one alone is called, large or not: the results are the same.
TEST_P(FewCallees, AreWhatTheIndexSays) {
  for (const std::string type : {"i32", "i64"}) {
    std::string text = R"((module
      (type $f (func (param T) (result T))) (type $g (func (param T i32) (result T))) (type $traps (func))
      (table $t 1000 funcref)
      (elem (table $t) (i32.const 1) func $double $same $large) (elem (table $t) (i32.const 5) func $traps) (elem (table $t) (i32.const 900) func $same)
      (func $double (type $f) (T.add (local.get 0) (local.get 0)))
      (func $same (type $f) (local.get 0))
      (func $large (type $g) LARGE)
      (func $traps (type $traps) (unreachable))
      (func (export "call") (param i32 T) (result T)
        (T.add (call_indirect $t (type $f) (local.get 1) (local.get 0)) (call_indirect $t (type $f) (local.get 1) (local.get 0))))
      (func (export "jump") (param i32 T) (result T) (return_call_indirect $t (type $f) (local.get 1) (local.get 0)))
      (func (export "one") (param i32 T) (result T) (T.add (T.const 1) (call_indirect $t (type $g) (local.get 1) (i32.const 0) (local.get 0))))
      (func (export "jump_to_one") (param i32 T) (result T) (return_call_indirect $t (type $g) (local.get 1) (i32.const 0) (local.get 0)))
      (func (export "trap") (param i32) (call_indirect $t (type $traps) (local.get 0)))
      (func (export "jump_to_trap") (param i32) (return_call_indirect $t (type $traps) (local.get 0)))))";
    std::string large = "(T.const 9)";
    for (int i = 0; i < 40; ++i) large = "(T.add " + large + " (local.get 0))";
    text.replace(text.find("LARGE"), 5, large);
    for (size_t at = 0; (at = text.find('T', at)) != std::string::npos;) text.replace(at, 1, type);
    Instance &made = wat(text);
    const bool is_wide = type == "i64";
    const auto number = [&](const char *name, int32_t index) {
      const auto done = call(made, name, {{.i32 = index}, is_wide ? Value{.i64 = 5} : Value{.i32 = 5}});
      return done ? std::to_string(is_wide ? done->i64 : done->i32) : done.error().message();
    };
    EXPECT_EQ(number("call", 1), "20");
    EXPECT_EQ(number("call", 2), "10");
    EXPECT_EQ(number("call", 900), "10");
    EXPECT_EQ(number("jump", 1), "10");
    EXPECT_EQ(number("jump", 2), "5");
    EXPECT_EQ(number("one", 3), "210");
    EXPECT_EQ(number("jump_to_one", 3), "209");
    for (const char *name : {"call", "jump", "one", "jump_to_one"}) {
      EXPECT_EQ(number(name, 0), "uninitialized element");
      EXPECT_EQ(number(name, 5), "indirect call type mismatch");
      EXPECT_EQ(number(name, 1000), "undefined element");
      EXPECT_EQ(number(name, -1), "undefined element");
    }
    for (const char *name : {"trap", "jump_to_trap"}) {
      EXPECT_EQ(trap(made, name, {{.i32 = 5}}), "unreachable");
      EXPECT_EQ(trap(made, name, {{.i32 = 1}}), "indirect call type mismatch");
      EXPECT_EQ(trap(made, name, {{.i32 = 6}}), "uninitialized element");
    }
  }
}

/// Instantiation ends at a segment that does not fit, and what comes after it is in no table; but what came before can be called.
TEST_P(FixedTables, OfInstancesThatFailedAreEmpty) {
  Instance &owner = wat(R"((module
    (table $t (export "table") 1 funcref)
    (func (export "call") (param i32) (result i32) (call_indirect $t (param i32) (result i32) (local.get 0) (i32.const 0)))))");
  linker.define_instance("owner", owner);
  const auto failing = module(R"((module
    (import "owner" "table" (table $theirs 1 funcref))
    (type $unit (func (result i32)))
    (table $t 2 funcref)
    (elem (table $theirs) (i32.const 0) func $caller)
    (elem (table $t) (i32.const 2) func $f)
    (elem (table $t) (i32.const 0) func $f)
    (func $f (type $unit) (i32.const 7))
    (func $caller (param i32) (result i32) (call_indirect $t (type $unit) (local.get 0)))))");
  ASSERT_TRUE(failing);
  const auto made = linker.instantiate(store, *failing);
  ASSERT_TRUE(made);
  EXPECT_FALSE(Linker::start(store, **made));
  EXPECT_EQ(calls(owner, {{.i32 = 0}, {.i32 = 2}}), "uninitialized element, undefined element");
}

WASMC_WITH_BOTH_BOUNDS(FixedTables);
WASMC_WITH_BOTH_BOUNDS(FewCallees);

}  // namespace
}  // namespace wasmc::test
