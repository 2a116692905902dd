// Handlers on open descriptors, and what they do with bad addresses.
#include <gtest/gtest.h>


#include "guest.h"

namespace wasmc::wasi {
namespace {

using Files = Guest;

TEST_F(Files, WriteSeekRead) {
  uint32_t fd = *create_file("f");
  EXPECT_EQ(fd, 4u);
  EXPECT_EQ(*write(fd, "hello"), 5u);
  EXPECT_OK(fd_seek(*context, memory(), fd, 1, uint32_t(Whence::Set), kOut));
  EXPECT_EQ(*read(fd, 100), "ello");
  EXPECT_OK(fd_seek(*context, memory(), fd, uint64_t(-2), uint32_t(Whence::End), kOut));
  EXPECT_EQ(load<uint64_t>(kOut), 3u);
  EXPECT_OK(fd_tell(*context, memory(), fd, kOut));
  EXPECT_EQ(load<uint64_t>(kOut), 3u);
  EXPECT_REFUSED(fd_seek(*context, memory(), fd, uint64_t(-9), uint32_t(Whence::Cur), kOut), Inval);
  EXPECT_REFUSED(fd_seek(*context, memory(), fd, 0, 3, kOut), Inval);
  EXPECT_REFUSED(fd_seek(*context, memory(), fd, 0, 256, kOut), Inval);  // not 0 in its low byte
  EXPECT_EQ(scratch.read(scratch.inside() / "f"), "hello");
}

TEST_F(Files, ScatterAndGather) {
  uint32_t fd = *create_file("f");
  put("abcdef", kData + 64);
  store(kData, Iovec{kData + 66, 2});
  store(kData + 8, Iovec{0xffff'ffff, 0});  // empty: its address does not matter
  store(kData + 16, Iovec{kData + 64, 3});
  EXPECT_OK(fd_write(*context, memory(), fd, kData, 3, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 5u);
  EXPECT_EQ(scratch.read(scratch.inside() / "f"), "cdabc");
  EXPECT_OK(fd_pread(*context, memory(), fd, kData, 3, 1, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 4u);
  EXPECT_EQ(bytes[kData + 66], 'd');
  EXPECT_EQ(bytes[kData + 65], 'c');
}

TEST_F(Files, PreadAndPwriteLeaveThePosition) {
  uint32_t fd = *create_file("f");
  ASSERT_EQ(*write(fd, "0123456789"), 10u);
  store(kData, Iovec{put("XY", kData + 64), 2});
  EXPECT_OK(fd_pwrite(*context, memory(), fd, kData, 1, 4, kOut));
  EXPECT_OK(fd_tell(*context, memory(), fd, kOut));
  EXPECT_EQ(load<uint64_t>(kOut), 10u);
  EXPECT_EQ(scratch.read(scratch.inside() / "f"), "0123XY6789");
  EXPECT_REFUSED(fd_pwrite(*context, memory(), fd, kData, 1, UINT64_MAX, kOut), Inval);
  EXPECT_REFUSED(fd_pread(*context, memory(), fd, kData, 1, uint64_t{1} << 63, kOut), Inval);
}

TEST_F(Files, BadAddressesActOnNothing) {
  uint32_t fd = *create_file("f");
  uint32_t end = static_cast<uint32_t>(bytes.size());
  store(kData, Iovec{put("hello", kData + 64), 5});
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 1, end - 2), Inval);       // where the count goes: not aligned
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 1, end), Fault);           // … and outside
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData + 2, 1, kOut), Inval);      // the list
  EXPECT_REFUSED(fd_write(*context, memory(), fd, end - 8, 2, kOut), Fault);
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 0xffff'ffff, kOut), Inval);
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 1025, kOut), Inval);
  store(kData + 8, Iovec{end - 4, 5});
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 2, kOut), Fault);          // the second buffer: the first is not written
  store(kData, Iovec{0xffff'ffff, 0xffff'ffff});
  EXPECT_REFUSED(fd_write(*context, memory(), fd, kData, 1, kOut), Fault);
  EXPECT_REFUSED(fd_read(*context, memory(), fd, kData, 1, kOut), Fault);
  EXPECT_EQ(scratch.read(scratch.inside() / "f"), "");
}

TEST_F(Files, RightsDecide) {
  Scratch::write(scratch.inside() / "f", "text");
  uint32_t reader = *open("f", 0, uint64_t(Rights::FdRead));
  EXPECT_EQ(*read(reader, 10), "text");
  EXPECT_REFUSED(write(reader, "x"), Notcapable);
  EXPECT_REFUSED(fd_tell(*context, memory(), reader, kOut), Notcapable);
  uint32_t both = *open("f", 0, uint64_t(Rights::FdRead | Rights::FdWrite));
  EXPECT_OK(fd_fdstat_set_rights(*context, both, uint64_t(Rights::FdWrite), 0));
  EXPECT_REFUSED(read(both, 1), Notcapable);
  EXPECT_REFUSED(fd_fdstat_set_rights(*context, both, uint64_t(Rights::FdRead | Rights::FdWrite), 0), Notcapable);
  EXPECT_REFUSED(fd_fdstat_set_rights(*context, both, uint64_t{1} << 63, 0), Notcapable);
}

TEST_F(Files, DirectoriesAreNoFiles) {
  EXPECT_REFUSED(read(kDir, 1), Isdir);
  EXPECT_REFUSED(write(kDir, "x"), Isdir);
  EXPECT_REFUSED(fd_seek(*context, memory(), kDir, 0, uint32_t(Whence::Cur), kOut), Isdir);
  EXPECT_REFUSED(fd_allocate(*context, kDir, 0, 1), Isdir);
  EXPECT_REFUSED(fd_filestat_set_size(*context, kDir, 0), Isdir);
  EXPECT_OK(fd_sync(*context, kDir));
}

TEST_F(Files, FdstatAndFlags) {
  auto opened = open("f", kOflagsCreat, uint64_t(kFileRights), 0, kDir, kFdflagsAppend | kFdflagsSync);
  ASSERT_TRUE(opened);
  EXPECT_OK(fd_fdstat_get(*context, memory(), *opened, kOut));
  auto stat = load<Fdstat>(kOut);
  EXPECT_EQ(stat.filetype, FileType::RegularFile);
  EXPECT_EQ(stat.flags, kFdflagsAppend | kFdflagsSync);
  EXPECT_EQ(stat.base, kFileRights);
  EXPECT_EQ(stat.inheriting, Rights::None);
  EXPECT_REFUSED(fd_fdstat_set_flags(*context, *opened, 0), Notsup);  // Linux cannot take sync away
  EXPECT_OK(fd_fdstat_set_flags(*context, *opened, kFdflagsSync | kFdflagsNonblock));
  EXPECT_REFUSED(fd_fdstat_set_flags(*context, *opened, 32), Inval);
  EXPECT_OK(fd_fdstat_get(*context, memory(), *opened, kOut));
  EXPECT_EQ(load<Fdstat>(kOut).flags, kFdflagsSync | kFdflagsNonblock);
}

TEST_F(Files, SizesAndTimes) {
  uint32_t fd = *create_file("f");
  EXPECT_OK(fd_filestat_set_size(*context, fd, 100));
  EXPECT_REFUSED(fd_filestat_set_size(*context, fd, UINT64_MAX), Inval);
  EXPECT_OK(fd_filestat_set_times(*context, fd, 5'000'000'007, 6'000'000'008, kFstflagsAtim | kFstflagsMtim));
  EXPECT_OK(fd_filestat_get(*context, memory(), fd, kOut));
  auto stat = load<Filestat>(kOut);
  EXPECT_EQ(stat.size, 100u);
  EXPECT_EQ(stat.atim, 5'000'000'007u);
  EXPECT_EQ(stat.mtim, 6'000'000'008u);
  EXPECT_EQ(stat.filetype, FileType::RegularFile);
  EXPECT_EQ(stat.nlink, 1u);
  EXPECT_REFUSED(fd_filestat_set_times(*context, fd, 1, 2, kFstflagsMtim | kFstflagsMtimNow), Inval);
  EXPECT_REFUSED(fd_filestat_set_times(*context, fd, 1, 2, 16), Inval);
  EXPECT_OK(fd_filestat_set_times(*context, fd, 1, 2, kFstflagsAtimNow));
  EXPECT_OK(fd_filestat_get(*context, memory(), fd, kOut));
  EXPECT_GT(load<Filestat>(kOut).atim, 1'000'000'000'000'000'000u);
  EXPECT_EQ(load<Filestat>(kOut).mtim, 6'000'000'008u);
}

TEST_F(Files, AdviseAndAllocate) {
  uint32_t fd = *create_file("f");
  EXPECT_OK(fd_advise(*context, fd, 0, 10, 5));
  EXPECT_REFUSED(fd_advise(*context, fd, 0, 10, 6), Inval);
  EXPECT_REFUSED(fd_advise(*context, fd, UINT64_MAX, 10, 0), Inval);
  EXPECT_REFUSED(fd_allocate(*context, fd, 0, UINT64_MAX), Inval);
  if (fd_allocate(*context, fd, 0, 64)) {
    EXPECT_EQ(std::filesystem::file_size(scratch.inside() / "f"), 64u);
  }
  EXPECT_OK(fd_sync(*context, fd));
  EXPECT_OK(fd_datasync(*context, fd));
}

TEST_F(Files, StandardStreamsKeepTheirFlags) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  UniqueFd in(ends[0]), out(ends[1]);
  auto made = create(Config{.args = {"app"}, .stdin_fd = in.get(), .stdout_fd = out.get(), .stderr_fd = -1});
  ASSERT_TRUE(made);
  context = std::move(*made);
  EXPECT_EQ(*write(1, "ping"), 4u);
  EXPECT_EQ(*read(0, 10), "ping");
  EXPECT_REFUSED(write(0, "x"), Notcapable);
  EXPECT_REFUSED(write(2, "x"), Badf);
  EXPECT_OK(fd_fdstat_set_flags(*context, 0, 0));
  EXPECT_REFUSED(fd_fdstat_set_flags(*context, 0, kFdflagsNonblock), Notsup);
  EXPECT_EQ(fcntl(in.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(Files, ArgumentsAndEnvironment) {
  EXPECT_OK(args_sizes_get(*context, memory(), kOut, kOut + 4));
  EXPECT_EQ(load<uint32_t>(kOut), 2u);
  EXPECT_EQ(load<uint32_t>(kOut + 4), 8u);
  EXPECT_OK(args_get(*context, memory(), kOut, kData));
  EXPECT_EQ(load<uint32_t>(kOut + 4), kData + 4);
  EXPECT_STREQ(reinterpret_cast<char *>(&bytes[kData + 4]), "one");
  EXPECT_REFUSED(args_get(*context, memory(), kOut, uint32_t(bytes.size() - 7)), Fault);
  EXPECT_REFUSED(args_get(*context, memory(), kOut + 1, kData), Inval);
  EXPECT_OK(environ_get(*context, memory(), kOut, kData));
  EXPECT_STREQ(reinterpret_cast<char *>(&bytes[kData]), "K=V");
}

TEST_F(Files, WhatCreateRefuses) {
  EXPECT_FALSE(create(Config{.args = {std::string("a\0b", 3)}}));
  EXPECT_FALSE(create(Config{.env = {{"A=B", "c"}}}));
  auto missing = create(Config{.dirs = {{scratch.inside() / "missing", "/"}}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().describe(), (scratch.inside() / "missing").string() + ": cannot open directory: No such file or directory");
}

TEST_F(Files, ClocksAndRandom) {
  EXPECT_OK(clock_time_get(*context, memory(), uint32_t(ClockId::Monotonic), 0, kOut));
  auto first = load<uint64_t>(kOut);
  EXPECT_OK(clock_time_get(*context, memory(), uint32_t(ClockId::Monotonic), 1, kOut));
  EXPECT_GE(load<uint64_t>(kOut), first);
  EXPECT_REFUSED(clock_time_get(*context, memory(), 4, 0, kOut), Inval);
  EXPECT_REFUSED(clock_time_get(*context, memory(), 0, 0, kOut + 4), Inval);
  EXPECT_OK(clock_res_get(*context, memory(), 0, kOut));
  EXPECT_GT(load<uint64_t>(kOut), 0u);
  EXPECT_OK(random_get(*context, memory(), 0, uint32_t(bytes.size())));
  EXPECT_GT(std::count_if(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte != 0; }), 60000);
  EXPECT_REFUSED(random_get(*context, memory(), 1, uint32_t(bytes.size())), Fault);
  EXPECT_OK(random_get(*context, memory(), 0, 0));
}

TEST_F(Files, ExitCarriesTheStatus) {
  auto result = proc_exit(*context, 33);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().exit_status, 33);
}

}  // namespace
}  // namespace wasmc::wasi
