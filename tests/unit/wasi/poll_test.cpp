#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "guest.h"

namespace wasmc::wasi {
namespace {

using std::chrono::milliseconds;

class Poll : public Guest {
 protected:
  Poll() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    in = UniqueFd(ends[0]);
    out = UniqueFd(ends[1]);
    context = std::move(*create(Config{.args = {"app"}, .dirs = {{scratch.inside(), "/"}}, .stdin_fd = in.get(), .stdout_fd = out.get()}));
  }
  static Subscription clock(uint64_t userdata, uint64_t timeout, uint16_t flags = 0, ClockId id = ClockId::Monotonic) {
    return {.userdata = userdata, .type = EventType::Clock, .id_or_fd = uint32_t(id), .timeout = timeout, .clock_flags = flags};
  }
  static Subscription on(uint64_t userdata, EventType type, uint32_t fd) {
    return {.userdata = userdata, .type = type, .id_or_fd = fd};
  }
  /// The events; `error` if the call itself was refused.
  std::vector<Event> poll(std::vector<Subscription> wanted) {
    for (uint32_t i = 0; i < wanted.size(); ++i) store(kData + i * 48, wanted[i]);
    auto start = std::chrono::steady_clock::now();
    auto result = poll_oneoff(*context, memory(), kData, kData + 16384, uint32_t(wanted.size()), kOut);
    took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
    EXPECT_OK(result);
    std::vector<Event> events;
    for (uint32_t i = 0; i < load<uint32_t>(kOut); ++i) events.push_back(load<Event>(kData + 16384 + i * 32));
    return events;
  }

  UniqueFd in, out;
  milliseconds took{};
};

TEST_F(Poll, RelativeClock) {
  auto events = poll({clock(7, 60'000'000)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 7u);
  EXPECT_EQ(events[0].error, Errno::Success);
  EXPECT_EQ(events[0].type, EventType::Clock);
  EXPECT_GE(took, milliseconds(60));
}

TEST_F(Poll, AbsoluteClocks) {
  for (ClockId id : {ClockId::Realtime, ClockId::Monotonic}) {
    EXPECT_OK(clock_time_get(*context, memory(), uint32_t(id), 0, kOut));
    auto now = load<uint64_t>(kOut);
    auto deadline = now + 40'000'000;
    poll({clock(1, deadline, kSubclockAbstime, id)});
    EXPECT_OK(clock_time_get(*context, memory(), uint32_t(id), 0, kOut));
    EXPECT_GE(load<uint64_t>(kOut), deadline);
    const auto events = poll({clock(1, now - 1, kSubclockAbstime, id), clock(2, 10'000'000'000)});
    ASSERT_EQ(events.size(), 1u);  // had it waited for the other clock, both would have come
    EXPECT_EQ(events[0].userdata, 1u);
  }
}

TEST_F(Poll, EarliestOfSeveral) {
  auto events = poll({clock(1, UINT64_MAX), clock(2, 20'000'000), on(3, EventType::FdRead, 0)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 2u);
}

TEST_F(Poll, ReadableAndWritable) {
  auto events = poll({on(1, EventType::FdRead, 0), on(2, EventType::FdWrite, 1), clock(3, 20'000'000'000)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 2u);
  EXPECT_EQ(events[0].type, EventType::FdWrite);
  ASSERT_EQ(::write(out.get(), "abc", 3), 3);
  events = poll({on(1, EventType::FdRead, 0), on(2, EventType::FdWrite, 1)});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].userdata, 1u);
  EXPECT_EQ(events[0].nbytes, 3u);
}

TEST_F(Poll, WakesWhenDataComes) {
  std::thread writer([&] {
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(::write(out.get(), "x", 1), 1);
  });
  auto events = poll({on(1, EventType::FdRead, 0), clock(2, 5'000'000'000)});
  writer.join();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 1u);
}

TEST_F(Poll, HangUp) {
  out = UniqueFd();
  auto events = poll({on(1, EventType::FdRead, 0)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].flags, kEventHangup);
  EXPECT_EQ(events[0].error, Errno::Success);
}

TEST_F(Poll, RegularFilesAreAlwaysReady) {
  uint32_t fd = *create_file("f");
  ASSERT_EQ(*write(fd, "hello"), 5u);
  EXPECT_OK(fd_seek(*context, memory(), fd, 1, 0, kOut));
  auto events = poll({on(1, EventType::FdRead, fd), on(2, EventType::FdWrite, fd)});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].nbytes, 4u);
}

TEST_F(Poll, ManySubscriptionsToOneDescriptor) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit less{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &less), 0);
  std::vector<Subscription> wanted;
  for (uint64_t i = 0; i < 200; ++i) wanted.push_back(on(i, EventType::FdWrite, 1));
  const auto events = poll(wanted);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_EQ(events.size(), 200u);
  for (uint64_t i = 0; i < 200; ++i) EXPECT_EQ(events[i].userdata, i);
}

TEST_F(Poll, MixOfEverything) {
  const uint32_t file = *create_file("f");
  ASSERT_EQ(*write(file, "abc"), 3u);
  EXPECT_OK(fd_seek(*context, memory(), file, 0, 0, kOut));
  const auto events = poll({on(1, EventType::FdRead, 0), clock(2, 3600'000'000'000), on(3, EventType::FdRead, file), on(4, EventType::FdWrite, 1), clock(5, 0)});
  ASSERT_EQ(events.size(), 3u) << "the pipe is empty, and the hour has not passed";
  EXPECT_EQ(events[0].userdata, 3u);
  EXPECT_EQ(events[0].nbytes, 3u);
  EXPECT_EQ(events[1].userdata, 4u);
  EXPECT_EQ(events[2].userdata, 5u);
}

TEST_F(Poll, ReadingAndWritingOfOneDescriptorAreTwoEvents) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd here(ends[0]), there(ends[1]);
  context = std::move(*create(Config{.stdin_fd = here.get()}));
  auto events = poll({on(1, EventType::FdRead, 0), on(2, EventType::FdWrite, 0)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 2u);
  EXPECT_EQ(events[0].nbytes, 0u);
  ASSERT_EQ(::write(there.get(), "abc", 3), 3);
  events = poll({on(1, EventType::FdRead, 0), on(2, EventType::FdWrite, 0)});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].nbytes, 3u);
  EXPECT_EQ(events[1].nbytes, 0u);
}

TEST_F(Poll, ErrorsAreEvents) {
  auto events = poll({on(1, EventType::FdRead, 99), on(2, EventType::FdWrite, 0), on(3, EventType::FdRead, kDir),
                      clock(4, 1, 0, ClockId::ProcessCputime), clock(5, 5'000'000'000), clock(6, 0, 2)});
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0].error, Errno::Badf);
  EXPECT_EQ(events[1].error, Errno::Notcapable);
  EXPECT_EQ(events[2].error, Errno::Isdir);
  EXPECT_EQ(events[3].error, Errno::Notsup);
  EXPECT_EQ(events[4].error, Errno::Inval);
}

TEST_F(Poll, WhatFailsAsAWhole) {
  store(kData, clock(1, 0));
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData, kData + 48, 0, kOut), Inval);
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData, kData + 48, 0xffff'ffff, kOut), Inval);
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData, kData + 48, 4096, kOut), Fault);
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData + 4, kData + 48, 1, kOut), Inval);
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData, uint32_t(bytes.size()), 1, kOut), Fault);
  store(kData, Subscription{.type = EventType(3)});
  EXPECT_REFUSED(poll_oneoff(*context, memory(), kData, kData + 48, 1, kOut), Inval);
}

TEST_F(Poll, EventsMayOverwriteSubscriptions) {
  store(kData, on(1, EventType::FdWrite, 1));
  store(kData + 48, on(2, EventType::FdWrite, 1));
  EXPECT_OK(poll_oneoff(*context, memory(), kData, kData, 2, kOut));
  EXPECT_EQ(load<Event>(kData).userdata, 1u);
  EXPECT_EQ(load<Event>(kData + 32).userdata, 2u);
}

}  // namespace
}  // namespace wasmc::wasi
