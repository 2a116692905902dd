#include <csignal>
#include <cfenv>
#include <thread>

#include <unistd.h>

#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Traps : public GuestTest {};
WASMC_WITH_BOTH_BOUNDS(Traps);

TEST_P(Traps, EachKindHasItsMessage) {
  Instance &guest = instantiate("traps");
  EXPECT_EQ(trap(guest, "unreachable"), "unreachable");
  EXPECT_EQ(trap(guest, "load", {{.i32 = 65525}}), "out of bounds memory access");
  EXPECT_EQ(trap(guest, "load", {{.i32 = -1}}), "out of bounds memory access");
  EXPECT_EQ(trap(guest, "load", {{.i32 = 65524}}), "returned");
  EXPECT_EQ(trap(guest, "store_far", {{.i32 = -1}}), "out of bounds memory access");
  EXPECT_EQ(trap(guest, "divide", {{.i32 = 1}, {.i32 = 0}}), "integer divide by zero");
  EXPECT_EQ(trap(guest, "divide", {{.i32 = INT32_MIN}, {.i32 = -1}}), "integer overflow");
  EXPECT_EQ(trap(guest, "remainder", {{.i64 = 1}, {.i64 = 0}}), "integer divide by zero");
  EXPECT_EQ(trap(guest, "truncate", {{.f64 = 0.0 / 0.0}}), "invalid conversion to integer");
  EXPECT_EQ(trap(guest, "truncate", {{.f64 = 1e300}}), "integer overflow");
  EXPECT_EQ(trap(guest, "indirect", {{.i32 = 3}}), "undefined element");
  EXPECT_EQ(trap(guest, "indirect", {{.i32 = 1}}), "uninitialized element");
  EXPECT_EQ(trap(guest, "indirect_one", {{.i32 = 0}}), "indirect call type mismatch");
  EXPECT_EQ(trap(guest, "table_get", {{.i32 = 3}}), "out of bounds table access");
  EXPECT_EQ(trap(guest, "fill", {{.i32 = 65536}, {.i32 = 1}}), "out of bounds memory access");
  EXPECT_EQ(trap(guest, "fill", {{.i32 = 65536}, {.i32 = 0}}), "returned");
}

TEST_P(Traps, FramesNameFunctionsAndPlaces) {
  Instance &guest = instantiate("traps");
  const auto done = call(guest, "load", {{.i32 = -1}});
  ASSERT_FALSE(done);
  const auto &frames = done.error().frames;
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].function, "load");
  EXPECT_EQ(frames[0].index, 1u);
  EXPECT_TRUE(frames[0].wasm_offset.has_value());
  EXPECT_EQ(frames[1].function, "outer");
}

TEST_P(Traps, ThousandsOfThem) {
  Instance &guest = instantiate("traps");
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(trap(guest, "load", {{.i32 = -1}}), "out of bounds memory access");
}

TEST_P(Traps, TheHostsRoundingModeSurvivesAndIsNotTheGuests) {
  Instance &guest = instantiate("traps");
  std::fesetround(FE_UPWARD);
  EXPECT_EQ(call(guest, "quotient")->f64, 0x1.5555555555555p-2);
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  EXPECT_EQ(trap(guest, "unreachable"), "unreachable");
  EXPECT_EQ(trap(guest, "load", {{.i32 = -1}}), "out of bounds memory access");
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
}

TEST_P(Traps, ThreadsTrapEachInItsOwnStore) {
  const Module module = compile("traps");
  const auto run = [&] {
    Store own(engine);
    Instance *guest = *linker.instantiate(own, module);
    if (!Linker::start(own, *guest)) return;
    for (int i = 0; i < 500; ++i) {
      Value value{.i32 = -1};
      const auto done = guest->get("load").func.call(own, {&value, 1});
      ASSERT_FALSE(done);
      ASSERT_EQ(done.error().kind, abi::TrapKind::OutOfBoundsMemory);
    }
  };
  std::thread one(run), two(run), three(run);
  one.join();
  two.join();
  three.join();
}

int64_t fault_in_host(Caller) { return *reinterpret_cast<volatile int *>(uintptr_t{16}); }

// What is not compiled code's fault is not ours to catch, also while compiled code waits below.
TEST_P(Traps, FaultsOfTheHostAreItsOwn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Instance &guest = instantiate("traps");
  EXPECT_EQ(trap(guest, "unreachable"), "unreachable");  // the handlers are in place
  EXPECT_EXIT(fault_in_host(Caller(nullptr)), testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(raise(SIGSEGV), testing::KilledBySignal(SIGSEGV), "");
}

TEST_P(Traps, AnEarlierHandlerIsAskedNext) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto child = [&] {
    struct sigaction action {};
    action.sa_handler = [](int) { _exit(42); };
    sigaction(SIGSEGV, &action, nullptr);
    Instance &guest = instantiate("traps");
    if (trap(guest, "load", {{.i32 = -1}}) != "out of bounds memory access") _exit(1);
    fault_in_host(Caller(nullptr));
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace wasmc
