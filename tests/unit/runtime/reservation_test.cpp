#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "platform/file.h"
#include "platform/memory.h"

namespace wasmc::platform {
namespace {

TEST(Reservation, IsInaccessibleUntilCommitted) {
  const auto space = Reservation::reserve(16 * page_size());
  ASSERT_TRUE(space);
  ASSERT_TRUE(space.commit(page_size(), page_size()));
  space.base()[page_size()] = 1;
  EXPECT_EQ(space.base()[2 * page_size() - 1], 0);
  EXPECT_EXIT(space.base()[page_size() - 1] = 1, testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(space.base()[2 * page_size()] = 1, testing::KilledBySignal(SIGSEGV), "");
}

TEST(Reservation, MovesItsOwnership) {
  auto first = Reservation::reserve(page_size());
  uint8_t *base = first.base();
  Reservation second(std::move(first));
  EXPECT_FALSE(first);
  EXPECT_EQ(second.base(), base);
  first = std::move(second);
  EXPECT_EQ(first.base(), base);
}

TEST(Reservation, ContainsItsAddressesOnly) {
  const auto space = Reservation::reserve(page_size());
  const auto base = reinterpret_cast<uintptr_t>(space.base());
  EXPECT_TRUE(space.contains(base));
  EXPECT_TRUE(space.contains(base + page_size() - 1));
  EXPECT_FALSE(space.contains(base - 1));
  EXPECT_FALSE(space.contains(base + page_size()));
}

TEST(Reservation, SaysSoWhenThereIsNoRoom) {
  EXPECT_FALSE(Reservation::reserve(uint64_t{1} << 60));
}

TEST(Reservation, MapsFilesPrivately) {
  auto file = File::in_memory();
  ASSERT_TRUE(file);
  ASSERT_EQ(write(file->fd(), "contents", 8), 8);
  ASSERT_EQ(ftruncate(file->fd(), off_t(page_size())), 0);
  const auto space = Reservation::reserve(2 * page_size());
  ASSERT_TRUE(space.map_file(page_size(), page_size(), file->fd(), 0, PROT_READ | PROT_WRITE));
  EXPECT_EQ(space.base()[page_size()], 'c');
  space.base()[page_size()] = 'X';
  char in_file = 0;
  ASSERT_EQ(pread(file->fd(), &in_file, 1, 0), 1);
  EXPECT_EQ(in_file, 'c');
}

TEST(File, MissingFilesAreNamed) {
  const auto file = File::open("/nowhere/at.all");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().describe(), "/nowhere/at.all: No such file or directory");
}

}  // namespace
}  // namespace wasmc::platform
