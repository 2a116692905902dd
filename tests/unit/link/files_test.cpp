#include "link/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace wasmc::link {
namespace {

void write_to(const std::string &path, size_t size) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_GE(fd.get(), 0);
  const std::vector<uint8_t> bytes(size, 'x');
  for (size_t done = 0; done < size;) {
    const ssize_t written = write(fd.get(), bytes.data() + done, size - done);
    ASSERT_GT(written, 0);
    done += size_t(written);
  }
}

TEST(CopyingPipe, CopiesMoreThanAPipeHolds) {
  const Fd output(memfd_create("test", MFD_CLOEXEC));
  CopyingPipe pipe(output.get());
  ASSERT_TRUE(pipe.open());
  write_to(pipe.path(), 3 << 20);
  EXPECT_EQ(pipe.finish().value(), 3u << 20);
  EXPECT_EQ(lseek(output.get(), 0, SEEK_END), 3 << 20);
}

TEST(CopyingPipe, FullDiskIsAnErrorAndTheWriterIsNotBlocked) {
  const Fd output(open("/dev/full", O_RDWR | O_CLOEXEC));
  CopyingPipe pipe(output.get());
  ASSERT_TRUE(pipe.open());
  write_to(pipe.path(), 3 << 20);
  const Result<uint64_t> copied = pipe.finish();
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().message, "cannot write the artifact: No space left on device");
}

TEST(CopyingPipe, EndsWithoutAWriter) {
  const Fd output(memfd_create("test", MFD_CLOEXEC));
  CopyingPipe pipe(output.get());
  ASSERT_TRUE(pipe.open());
  EXPECT_EQ(pipe.finish().value(), 0u);
}

}  // namespace
}  // namespace wasmc::link
