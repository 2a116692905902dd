#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/file.h"
#include "platform/memory.h"

namespace wasmc::platform {
namespace {

TEST(Reservation, IsInaccessibleUntilCommitted) {
  auto space = Reservation::reserve(16 * page_size());
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
  auto space = Reservation::reserve(2 * page_size());
  ASSERT_TRUE(space.map_file(page_size(), page_size(), file->fd(), 0, PROT_READ | PROT_WRITE));
  EXPECT_EQ(space.base()[page_size()], 'c');
  space.base()[page_size()] = 'X';
  char in_file = 0;
  ASSERT_EQ(pread(file->fd(), &in_file, 1, 0), 1);
  EXPECT_EQ(in_file, 'c');
}

TEST(ReservationPool, GivesOutWhatWasGivenBackAsNew) {
  ReservationPool pool(64 * page_size());
  uint8_t *base;
  {
    Reservation first = pool.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first.size(), 64 * page_size());
    base = first.base();
    ASSERT_TRUE(first.commit(page_size(), 3 * page_size()));
    base[2 * page_size()] = 7;
  }
  Reservation again = pool.take();
  ASSERT_EQ(again.base(), base);
  EXPECT_EXIT(base[2 * page_size()] = 1, testing::KilledBySignal(SIGSEGV), "");
  ASSERT_TRUE(again.commit(2 * page_size(), page_size()));
  EXPECT_EQ(base[2 * page_size()], 0);

  Reservation other = pool.take();
  ASSERT_TRUE(other);
  EXPECT_NE(other.base(), base);
  other = std::move(again);  // both go on living
  EXPECT_EQ(other.base(), base);
}

/// Page 0 stays inaccessible, pages 1 and 2 are written by hand when they are given back, page 3 is a file's, 4 is dropped; the rest is for later.
class PreparedReservation : public testing::Test {
 protected:
  PreparedReservation() : file_(*File::in_memory()) {
    EXPECT_EQ(ftruncate(file_.fd(), off_t(kPage)), 0);
    EXPECT_EQ(write(file_.fd(), "contents", 8), 8);
  }
  Reservation prepare() {
    Reservation space = pool_.take(&file_);
    EXPECT_TRUE(space.commit(kPage, 4 * kPage));
    EXPECT_TRUE(space.map_file(3 * kPage, kPage, file_.fd(), 0, PROT_READ | PROT_WRITE));
    space.prepare(&file_, kPage, 2 * kPage);
    return space;
  }
  void spoil(Reservation &space) {
    EXPECT_TRUE(space.commit(5 * kPage, 2 * kPage));
    std::fill(space.base() + kPage, space.base() + 7 * kPage, 'X');
  }

  const size_t kPage = page_size();
  File file_;
  ReservationPool pool_{64 * page_size()};
};

TEST_F(PreparedReservation, IsAsItWas) {
  Reservation first = prepare();
  uint8_t *base = first.base();
  spoil(first);
  first = {};
  const Reservation again = pool_.take(&file_);
  ASSERT_EQ(again.base(), base);
  EXPECT_TRUE(again.is_prepared());
  EXPECT_EQ(std::count(base + kPage, base + 3 * kPage, 0), ptrdiff_t(2 * kPage));
  EXPECT_EQ(std::string(base + 3 * kPage, base + 3 * kPage + 8), "contents");
  EXPECT_EQ(std::count(base + 4 * kPage, base + 5 * kPage, 0), ptrdiff_t(kPage));
  base[kPage] = base[3 * kPage] = base[4 * kPage] = 1;
  EXPECT_EXIT(base[0] = 1, testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(base[5 * kPage] = 1, testing::KilledBySignal(SIGSEGV), "");
}

TEST_F(PreparedReservation, IsNewForOthers) {
  Reservation first = prepare();
  uint8_t *base = first.base();
  spoil(first);
  first = {};
  Reservation other = pool_.take(&base);
  ASSERT_EQ(other.base(), base);
  EXPECT_FALSE(other.is_prepared());
  EXPECT_EXIT(base[kPage] = 1, testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(base[3 * kPage] = 1, testing::KilledBySignal(SIGSEGV), "");
  ASSERT_TRUE(other.commit(kPage, 6 * kPage));
  EXPECT_EQ(std::count(base + kPage, base + 7 * kPage, 0), ptrdiff_t(6 * kPage));
}

TEST_F(PreparedReservation, IsPreferredByWhoItIsFor) {
  Reservation prepared = prepare(), plain = pool_.take();
  uint8_t *base = prepared.base();
  prepared = {};
  plain = {};
  Reservation other = pool_.take();
  EXPECT_NE(other.base(), base);
  EXPECT_EQ(pool_.take(&file_).base(), base);
}

TEST_F(PreparedReservation, CanBeForgotten) {
  prepare() = {};
  pool_.forget(&file_);
  EXPECT_FALSE(pool_.take(&file_).is_prepared());
}

TEST(ReservationPool, KeepsAFewOnly) {
  ReservationPool pool(page_size());
  std::vector<Reservation> many(100);
  std::vector<uint8_t *> addresses;
  for (Reservation &each : many) {
    each = pool.take();
    ASSERT_TRUE(each);
    addresses.push_back(each.base());
  }
  const auto is_mapped = [](uint8_t *address) { return msync(address, page_size(), MS_ASYNC) == 0; };
  EXPECT_EQ(std::ranges::count_if(addresses, is_mapped), 100);
  many.clear();
  EXPECT_LT(std::ranges::count_if(addresses, is_mapped), 50) << "a few, and what others may have mapped there since";
  EXPECT_TRUE(pool.take());
}

TEST(ReservationPool, SaysSoWhenThereIsNoRoom) {
  ReservationPool pool(uint64_t{1} << 60);
  EXPECT_FALSE(pool.take());
}

TEST(File, MissingFilesAreNamed) {
  const auto file = File::open("/nowhere/at.all");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().describe(), "/nowhere/at.all: No such file or directory");
}

}  // namespace
}  // namespace wasmc::platform
