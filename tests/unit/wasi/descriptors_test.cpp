#include "wasi/descriptors.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"

namespace wasmc::wasi {
namespace {

Descriptor file(Rights base = kFileRights) {
  UniqueFd host(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Descriptor out = owned_descriptor(std::move(host), FileType::RegularFile);
  out.base = base;
  return out;
}

bool is_open(int host) { return fcntl(host, F_GETFD) >= 0; }

TEST(Descriptors, LowestFreeNumber) {
  DescriptorTable table(100);
  EXPECT_EQ(*table.insert(file()), 0u);
  EXPECT_EQ(*table.insert(file()), 1u);
  EXPECT_EQ(*table.insert(file()), 2u);
  EXPECT_OK(table.close(1));
  EXPECT_OK(table.close(0));
  EXPECT_EQ(*table.insert(file()), 0u);
  EXPECT_EQ(*table.insert(file()), 1u);
  EXPECT_EQ(*table.insert(file()), 3u);
}

TEST(Descriptors, LimitCountsOpenOnes) {
  DescriptorTable table(2);
  EXPECT_OK(table.insert(file()));
  EXPECT_OK(table.insert(file()));
  EXPECT_TRUE(table.full());
  EXPECT_REFUSED(table.insert(file()), Mfile);
  EXPECT_OK(table.renumber(1, 0));
  EXPECT_EQ(*table.insert(file()), 1u);
  EXPECT_REFUSED(table.insert(file()), Mfile);
}

TEST(Descriptors, CloseClosesTheHostsOnlyIfOwned) {
  DescriptorTable table(10);
  int owned = (*table.any(*table.insert(file()), Rights::None))->host;
  UniqueFd stream(::open("/dev/null", O_RDWR | O_CLOEXEC));
  uint32_t borrowed = *table.insert(*standard_stream(stream.get()));
  EXPECT_OK(table.close(0));
  EXPECT_FALSE(is_open(owned));
  EXPECT_OK(table.close(borrowed));
  EXPECT_TRUE(is_open(stream.get()));
  EXPECT_REFUSED(table.close(borrowed), Badf);
  EXPECT_REFUSED(table.close(0xffff'ffff), Badf);
}

TEST(Descriptors, RenumberReplacesAndCloses) {
  DescriptorTable table(10);
  uint32_t a = *table.insert(file()), b = *table.insert(file());
  int host_a = (*table.any(a, Rights::None))->host, host_b = (*table.any(b, Rights::None))->host;
  EXPECT_REFUSED(table.renumber(a, 7), Badf);
  EXPECT_REFUSED(table.renumber(7, a), Badf);
  EXPECT_OK(table.renumber(a, a));
  EXPECT_TRUE(is_open(host_a));
  EXPECT_OK(table.renumber(a, b));
  EXPECT_FALSE(is_open(host_b));
  EXPECT_EQ((*table.any(b, Rights::None))->host, host_a);
  EXPECT_REFUSED(table.any(a, Rights::None), Badf);
  EXPECT_REFUSED(table.renumber(b, a), Badf);
}

TEST(Descriptors, InUseWhileAnotherThreadClosesIt) {
  DescriptorTable table(10);
  uint32_t closed = *table.insert(file()), replaced = *table.insert(file()), other = *table.insert(file());
  for (uint32_t fd : {closed, replaced}) {
    OpenDescriptor in_use = *table.any(fd, Rights::None);
    EXPECT_OK(fd == closed ? table.close(fd) : table.renumber(other, fd));
    EXPECT_TRUE(is_open(in_use->host));
    int host = in_use->host;
    in_use.reset();
    EXPECT_FALSE(is_open(host));
  }
}

TEST(Descriptors, RestrictedForAllWhoLookItUp) {
  DescriptorTable table(10);
  uint32_t fd = *table.insert(file(Rights::FdRead | Rights::FdSeek));
  OpenDescriptor before = *table.any(fd, Rights::None);
  EXPECT_REFUSED(table.restrict(fd, Rights::FdWrite, Rights::None), Notcapable);
  EXPECT_REFUSED(table.restrict(fd, Rights::FdRead, Rights::FdRead), Notcapable);
  EXPECT_OK(table.restrict(fd, Rights::FdRead, Rights::None));
  EXPECT_REFUSED(table.any(fd, Rights::FdSeek), Notcapable);
  EXPECT_EQ((*table.any(fd, Rights::FdRead))->host, before->host);
  EXPECT_OK(table.close(fd));
  EXPECT_TRUE(is_open(before->host));
}

TEST(Descriptors, RightsAreChecked) {
  DescriptorTable table(10);
  uint32_t fd = *table.insert(file(Rights::FdRead | Rights::FdSeek));
  EXPECT_OK(table.file(fd, Rights::FdRead));
  EXPECT_OK(table.file(fd, Rights::FdTell));  // seeking implies it
  EXPECT_REFUSED(table.file(fd, Rights::FdWrite), Notcapable);
  EXPECT_REFUSED(table.file(fd, Rights::FdRead | Rights::FdWrite), Notcapable);
  EXPECT_REFUSED(table.directory(fd, Rights::None), Notdir);
}

TEST(Descriptors, ReadOnlyRefusesEveryChange) {
  DescriptorTable table(10);
  Descriptor read_only = file();
  read_only.read_only = true;
  uint32_t fd = *table.insert(std::move(read_only));
  EXPECT_OK(table.file(fd, Rights::FdRead));
  EXPECT_REFUSED(table.file(fd, Rights::FdFilestatSetTimes), Rofs);
  EXPECT_REFUSED(table.file(fd, Rights::FdWrite), Rofs);
}

TEST(Descriptors, StreamsByTypeAndAccess) {
  int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  UniqueFd in(pipe_ends[0]), out(pipe_ends[1]);
  EXPECT_EQ(standard_stream(in.get())->type, FileType::Unknown);
  EXPECT_EQ(standard_stream(in.get())->base & (Rights::FdRead | Rights::FdWrite), Rights::FdRead);
  EXPECT_EQ(standard_stream(out.get())->base & (Rights::FdRead | Rights::FdWrite), Rights::FdWrite);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(standard_stream(null.get())->type, FileType::CharacterDevice);
  EXPECT_TRUE(any(standard_stream(null.get())->base & Rights::FdSeek));

  // A log that output is appended to: to be written, not to be cut off.
  UniqueFd log(memfd_create("log", MFD_CLOEXEC));
  const Rights rights = standard_stream(log.get())->base;
  EXPECT_TRUE(any(rights & Rights::FdWrite));
  EXPECT_FALSE(any(rights & (Rights::FdAllocate | Rights::FdFilestatSetSize | Rights::FdFilestatSetTimes)));
  UniqueFd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal) {
    EXPECT_FALSE(any(standard_stream(terminal.get())->base & (Rights::FdSeek | Rights::FdTell)));
  }
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
  UniqueFd left(pair[0]), right(pair[1]);
  EXPECT_EQ(standard_stream(left.get())->type, FileType::SocketDgram);
  EXPECT_FALSE(standard_stream(-1));
  UniqueFd dir(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_FALSE(any(standard_stream(dir.get())->base & Rights::PathOpen));
}

}  // namespace
}  // namespace wasmc::wasi
