// Running out of stack is a trap wherever it happens, and leaves everything usable.
#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Stack : public GuestTest {
 protected:
  /// Needs more stack than any guest leaves unasked.
  static int32_t work(Caller, int32_t n) {
    volatile char scratch[64 << 10];
    for (size_t i = 0; i < sizeof scratch; i += 512) scratch[i] = char(n);
    return scratch[0];
  }
  Stack() { linker.define("host", "work", host_function<&work>()); }
};
WASMC_WITH_BOTH_BOUNDS(Stack);

TEST_P(Stack, RecursionTraps) {
  Instance &guest = instantiate("stack");
  for (int i = 0; i < 3; ++i) {
    const auto done = call(guest, "plain", {{.i32 = 0}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(), "call stack exhausted");
    EXPECT_EQ(done.error().frames.size(), 64u);
    EXPECT_EQ(done.error().frames[0].function, "plain");
    EXPECT_EQ(call(guest, "fine")->i32, 7);
  }
}

TEST_P(Stack, BuiltinsNeverMeetItsEnd) {
  Instance &guest = instantiate("stack");
  for (int i = 0; i < 16; ++i) EXPECT_EQ(trap(guest, "builtins", {{.i32 = 64 * i}}), "call stack exhausted");
  EXPECT_GT(guest.get("depth").global.get(store).i32, 1000);
}

TEST_P(Stack, HostFunctionsNeverMeetItsEnd) {
  Instance &guest = instantiate("stack");
  EXPECT_EQ(trap(guest, "hosts", {{.i32 = 0}}), "call stack exhausted");
  EXPECT_GT(guest.get("depth").global.get(store).i32, 1000);
}

TEST_P(Stack, ATrapAtAnyDepthIsATrap) {
  Instance &guest = instantiate("stack");
  // Near the end the other trap may come first; nothing else may happen.
  for (int depth = 1; depth < 200'000; depth = depth * 5 / 4 + 1) {
    const std::string message = trap(guest, "deep", {{.i32 = depth}});
    EXPECT_TRUE(message == "unreachable" || message == "call stack exhausted") << depth << ": " << message;
  }
}

}  // namespace
}  // namespace wasmc
