// wasi_unstable where its numbers and layouts differ.
#include <gtest/gtest.h>

#include "guest.h"

namespace wasmc::wasi {
namespace {

class WasiUnstable : public Guest {};

TEST_F(WasiUnstable, WhenceHasAnotherOrder) {
  const uint32_t fd = *create_file("f");
  EXPECT_EQ(write(fd, "12345"), 5u);
  const auto seek = [&](int64_t offset, uint32_t whence) {
    EXPECT_OK(unstable::fd_seek(*context, memory(), fd, uint64_t(offset), whence, kOut));
    return load<uint64_t>(kOut);
  };
  EXPECT_EQ(seek(-1, 0), 4u);  // from here
  EXPECT_EQ(seek(2, 1), 7u);   // from the end
  EXPECT_EQ(seek(3, 2), 3u);   // from the start
  EXPECT_REFUSED(unstable::fd_seek(*context, memory(), fd, 0, 3, kOut), Inval);
}

TEST_F(WasiUnstable, FilestatIsShorter) {
  const uint32_t fd = *create_file("f");
  EXPECT_EQ(write(fd, "12345"), 5u);
  std::filesystem::create_hard_link(scratch.inside() / "f", scratch.inside() / "g");
  const uint32_t end = uint32_t(bytes.size());
  bytes[kOut + 56] = 0xab;
  EXPECT_OK(unstable::fd_filestat_get(*context, memory(), fd, kOut));
  const auto open = load<unstable::Filestat>(kOut);
  EXPECT_OK(unstable::path_filestat_get(*context, memory(), kDir, 0, put("f"), 1, kOut));
  const auto named = load<unstable::Filestat>(kOut);
  for (const auto &stat : {open, named}) {
    EXPECT_EQ(stat.filetype, FileType::RegularFile);
    EXPECT_EQ(stat.nlink, 2u);
    EXPECT_EQ(stat.size, 5u);
    EXPECT_EQ(stat.ino, open.ino);
    EXPECT_GT(stat.mtim, 0u);
  }
  EXPECT_EQ(bytes[kOut + 56], 0xab);
  EXPECT_OK(unstable::fd_filestat_get(*context, memory(), fd, end - 56));
  EXPECT_REFUSED(unstable::fd_filestat_get(*context, memory(), fd, end - 48), Fault);
}

TEST_F(WasiUnstable, SubscriptionsAreLonger) {
  unstable::Subscription clock{.userdata = 7, .type = EventType::Clock, .fd = 12345, .clock = uint32_t(ClockId::Monotonic), .timeout = 1'000'000};
  unstable::Subscription file{.userdata = 8, .type = EventType::FdWrite, .fd = *create_file("f"), .clock = 99};
  store(kData, clock);
  store(kData + 56, clock);
  EXPECT_OK(unstable::poll_oneoff(*context, memory(), kData, kData + 1024, 2, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 2u);
  store(kData + 56, file);
  EXPECT_OK(unstable::poll_oneoff(*context, memory(), kData, kData + 1024, 2, kOut));
  const auto first = load<Event>(kData + 1024);
  EXPECT_EQ(first.error, Errno::Success);
  EXPECT_EQ(first.userdata, 8u);
  EXPECT_EQ(first.type, EventType::FdWrite);
}

}  // namespace
}  // namespace wasmc::wasi
