// Calls in both directions.
#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Calls : public GuestTest {
 protected:
  struct Host {
    int calls = 0;
    Store *store = nullptr;
  };

  static int64_t add(Caller caller, int32_t a, int64_t b) {
    ++caller.env<Host>().calls;
    return a + b;
  }
  static void poke(Caller caller, uint32_t address) { caller.memory().bytes()[address] = 77; }
  static TrapOr<> fail(Caller) { return std::unexpected(Trap::host("as it was told")); }
  static TrapOr<> leave(Caller, int32_t status) { return std::unexpected(Trap::exit(status)); }
  static double floats(Caller, float a, double b, int32_t c, double d) { return a * 1000 + b * 100 + c * 10 + d; }
  static void *same(Caller, void *object) { return object; }
  /// Calls back into the instance that called; its trap comes back here and goes on.
  static TrapOr<> again(Caller caller, int32_t n) {
    Value value{.i32 = n};
    const auto done = caller.instance().get("nest").func.call(*caller.env<Host>().store, {&value, 1});
    if (done) return {};
    if (n == 3) return {};  // this one swallows it
    return std::unexpected(done.error());
  }

  Calls() {
    linker.define("host", "add", host_function<&add>(&host));
    linker.define("host", "poke", host_function<&poke>());
    linker.define("host", "fail", host_function<&fail>());
    linker.define("host", "leave", host_function<&leave>());
    linker.define("host", "again", host_function<&again>(&host));
    linker.define("host", "floats", host_function<&floats>());
    linker.define("host", "same", host_function<&same>());
    instance = &instantiate("calls");
  }

  Host host{.store = &store};
  Instance *instance;
};
WASMC_WITH_BOTH_BOUNDS(Calls);

TEST_P(Calls, HostFunctionsTakeAndGiveValues) {
  EXPECT_EQ(call(*instance, "add", {{.i32 = -1}, {.i64 = int64_t{1} << 40}})->i64, (int64_t{1} << 40) - 1);
  EXPECT_EQ(host.calls, 1);
  EXPECT_EQ(call(*instance, "floats")->f64, 1.5 * 1000 + 2.25 * 100 + 3 * 10 - 4);
}

TEST_P(Calls, HostFunctionsSeeTheCallersMemory) { EXPECT_EQ(call(*instance, "poke", {{.i32 = 65535}})->i32, 77); }

TEST_P(Calls, SeveralResultsReplaceTheParameters) {
  Value values[3] = {{.i32 = 4}, {.i64 = 5}, {}};
  ASSERT_TRUE(instance->get("swap").func.call(store, values));
  EXPECT_EQ(values[0].i64, 5);
  EXPECT_EQ(values[1].i32, 4);
  EXPECT_EQ(values[2].f64, 0.5);
}

TEST_P(Calls, ReferencesPassThroughUntouched) {
  int object = 0;
  EXPECT_EQ(call(*instance, "same", {{.ref = &object}})->ref, &object);
  EXPECT_EQ(call(*instance, "same", {{.ref = nullptr}})->ref, nullptr);
}

TEST_P(Calls, AHostFunctionsErrorIsATrapWithFrames) {
  const auto done = call(*instance, "fail");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "host function failed: as it was told");
  ASSERT_GE(done.error().frames.size(), 1u);
  EXPECT_EQ(done.error().frames[0].function, "inner");
}

TEST_P(Calls, AnExitIsNoTrap) {
  const auto done = call(*instance, "leave", {{.i32 = 3}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().exit_status, 3);
}

TEST_P(Calls, ATrapEndsTheInnermostCallOnly) {
  ASSERT_TRUE(call(*instance, "nest", {{.i32 = 6}}));
  // Levels 6, 5 and 4 went on after level 3's trap was swallowed.
  EXPECT_EQ(instance->get("count").global.get(store).i32, 3);
}

TEST_P(Calls, FramesGoThroughTheHost) {
  const auto done = call(*instance, "nest", {{.i32 = 2}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "unreachable");
  ASSERT_EQ(done.error().frames.size(), 3u);
  for (const Frame &frame : done.error().frames) EXPECT_EQ(frame.function, "nest");
}

TEST_P(Calls, UnknownExportsAreNull) {
  EXPECT_FALSE(instance->get("nothing"));
  EXPECT_FALSE(instance->get(""));
}

}  // namespace
}  // namespace wasmc
