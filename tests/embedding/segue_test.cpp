// Instances whose code finds its memory by the segment base, and others, which call each other in every way: each stays in its own memory.
#include <tuple>

#include "guest.h"

namespace wasmc::test {
namespace {

struct Host {
  Store *store;
  Instance *failing = nullptr;
};

/// Calls what traps, and takes no notice.
void swallow(Caller caller) {
  Host &host = caller.env<Host>();
  Value address{.i32 = -4};
  EXPECT_FALSE(host.failing->get("load").func.call(*host.store, {&address, 1}));
}

/// 'A' and 'B' are what the instances' memories begin with.
constexpr char kOwner[] = R"((module
  (type $load (func (param i32) (result i32)))
  (memory 1) (data (i32.const 0) "B")
  (table (export "table") 3 funcref) (elem (i32.const 0) $load)
  (func $load (export "load") (type $load) (i32.load8_u (local.get 0)))
  (func (export "call") (param $slot i32) (param $at i32) (result i32)
    (i32.or (i32.shl (call_indirect (type $load) (local.get $at) (local.get $slot)) (i32.const 8)) (call $load (local.get $at))))
))";
constexpr char kUser[] = R"((module
  (type $load (func (param i32) (result i32)))
  (import "owner" "load" (func $theirs (type $load)))
  (import "owner" "table" (table $table 3 funcref))
  (import "host" "swallow" (func $swallow))
  (memory 1) (data (i32.const 0) "A")
  (elem (table $table) (i32.const 1) func $own $both)
  (func $own (type $load) (i32.load8_u (local.get 0)))
  (func $both (export "both") (type $load)
    (i32.or (i32.shl (call $own (local.get 0)) (i32.const 16)) (i32.or (i32.shl (call $theirs (local.get 0)) (i32.const 8)) (call $own (local.get 0)))))
  (func (export "by_table") (param $slot i32) (param $at i32) (result i32)
    (i32.or (i32.shl (call_indirect $table (type $load) (local.get $at) (local.get $slot)) (i32.const 8)) (call $own (local.get $at))))
  (func (export "after_a_trap") (type $load) (call $swallow) (call $own (local.get 0)))
))";

/// Which of the two is compiled with `--segue`.
class Segue : public testing::TestWithParam<std::tuple<bool, bool>> {
 protected:
  void SetUp() override {
    if (!can_use_segue()) GTEST_SKIP() << "this CPU or system has no fsgsbase";
    linker.define("host", "swallow", host_function<&swallow>(&host));
    owner = &instantiate(kOwner, std::get<0>(GetParam()));
    linker.define_instance("owner", *owner);
    user = &instantiate(kUser, std::get<1>(GetParam()));
    host.failing = owner;
  }
  Result<Module> make(const char *text, bool with_segue) {
    const auto assembled = text::assemble(text);
    if (!assembled) throw std::runtime_error(assembled.error().describe());
    segue = with_segue;
    return Module::compile(engine, assembled->bytes, "test");
  }
  Instance &instantiate(const char *text, bool with_segue) {
    const auto module = make(text, with_segue);
    if (!module) throw std::runtime_error(module.error().describe());
    EXPECT_EQ(module->header().uses_segment_base, with_segue);
    auto instance = linker.instantiate(store, *module);
    if (!instance || !Linker::start(store, **instance)) throw std::runtime_error("not instantiated");
    return **instance;
  }
  /// As characters, the first one highest.
  std::string call(Instance &instance, const char *name, std::vector<Value> values) {
    const auto done = instance.get(name).func.call(store, values);
    if (!done) return done.error().message();
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
      if (const char c = char(values[0].i32 >> shift)) out += c;
    return out;
  }

  bool segue = false;
  Engine engine{EngineConfig{.compile = [this](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
    compiler::Options options;
    options.bounds = bounds;
    options.segue = segue;
    return wasmc_compiler_api()->compile(wasm, options, output);
  }}};
  Store store{engine};
  Linker linker;
  Host host{.store = &store};
  Instance *owner = nullptr, *user = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Modules, Segue, testing::Combine(testing::Bool(), testing::Bool()), [](const auto &info) {
  return std::string("Owner") + (std::get<0>(info.param) ? "With" : "Without") + "UserWith" + (std::get<1>(info.param) ? "" : "out");
});

TEST_P(Segue, CallsOfImports) {
  EXPECT_EQ(call(*user, "both", {{.i32 = 0}}), "ABA");
  EXPECT_EQ(call(*owner, "load", {{.i32 = 0}}), "B");
}

TEST_P(Segue, CallsByTables) {
  EXPECT_EQ(call(*user, "by_table", {{.i32 = 0}, {.i32 = 0}}), "BA");
  EXPECT_EQ(call(*user, "by_table", {{.i32 = 1}, {.i32 = 0}}), "AA");
  EXPECT_EQ(call(*owner, "call", {{.i32 = 0}, {.i32 = 0}}), "BB");
  EXPECT_EQ(call(*owner, "call", {{.i32 = 1}, {.i32 = 0}}), "AB");
}

TEST_P(Segue, CallsThereAndBackAndThere) { EXPECT_EQ(call(*owner, "call", {{.i32 = 2}, {.i32 = 0}}), "ABAB"); }

TEST_P(Segue, ATrapThatAHostFunctionSwallows) {
  EXPECT_EQ(call(*user, "after_a_trap", {{.i32 = 0}}), "A");
  EXPECT_EQ(call(*user, "both", {{.i32 = 0}}), "ABA");
}

TEST_P(Segue, TrapsStayTraps) {
  EXPECT_EQ(call(*user, "both", {{.i32 = 65536}}), "out of bounds memory access");
  EXPECT_EQ(call(*user, "by_table", {{.i32 = 0}, {.i32 = -1}}), "out of bounds memory access");
  EXPECT_EQ(call(*user, "both", {{.i32 = 0}}), "ABA");
}

/// In another store, which has no code that uses the segment when it is entered; a host function brings some there, and it traps.
TEST_P(Segue, ATrapInAnotherStoreThatIsNewThere) {
  struct Other {
    Module late;
    Store store;
    Linker linker{};
    Instance *plain = nullptr;
  } other{.late = *make(kOwner, true), .store = Store(engine)};
  linker.define("host", "enter", host_function<+[](Caller caller) {
    Other &other = caller.env<Other>();
    EXPECT_FALSE(other.plain->get("go").func.call(other.store, {}));
  }>(&other));
  other.linker.define("host", "bring", host_function<+[](Caller caller) {
    Other &other = caller.env<Other>();
    const auto late = other.linker.instantiate(other.store, other.late);
    ASSERT_TRUE(late && Linker::start(other.store, **late));
    ASSERT_TRUE(other.plain->get("table").table.set(other.store, 0, (*late)->get("load").func.record()));
  }>(&other));
  const auto plain = other.linker.instantiate(other.store, *make(R"((module
    (import "host" "bring" (func $bring))
    (table (export "table") 1 funcref)
    (func (export "go") (call $bring) (drop (call_indirect (param i32) (result i32) (i32.const -4) (i32.const 0))))))", false));
  ASSERT_TRUE(plain && Linker::start(other.store, **plain));
  other.plain = *plain;
  Instance &visitor = instantiate(R"((module
    (import "host" "enter" (func $enter)) (memory 1) (data (i32.const 0) "C")
    (func (export "visit") (param i32) (result i32) (call $enter) (i32.load8_u (local.get 0)))))", true);
  EXPECT_EQ(call(visitor, "visit", {{.i32 = 0}}), "C");
}

}  // namespace
}  // namespace wasmc::test
