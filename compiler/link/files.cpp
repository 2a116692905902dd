#include "link/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace wasmc::link {
namespace {

constexpr size_t kCopyBuffer = 256 << 10;

Result<> append(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("cannot keep object code in memory", errno);
    bytes = bytes.subspan(size_t(written));
  }
  return {};
}

std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

}  // namespace

std::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  return fail(std::string(what) + ": " + std::generic_category().message(error_number));
}

int write_all(int fd, std::span<const uint8_t> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), off_t(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    offset += uint64_t(written);
    bytes = bytes.subspan(size_t(written));
  }
  return 0;
}

void Fd::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<MemoryArchive> MemoryArchive::create() {
  Fd fd(memfd_create("wasmc-objects", MFD_CLOEXEC));
  if (fd.get() < 0) return fail_errno("cannot make a memory file", errno);
  TRY(append(fd.get(), as_bytes("!<arch>\n")));
  return MemoryArchive(std::move(fd));
}

Result<> MemoryArchive::add(const std::vector<std::span<const uint8_t>> &pieces) {
  uint64_t size = 0;
  for (std::span<const uint8_t> piece : pieces) size += piece.size();
  if (size > 9999999999) return fail("the module's code and data are too large to link");
  char header[61];
  std::snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8o%-10llu`\n", (std::to_string(members_++) + ".o/").c_str(), 0, 0, 0, 0644,
                static_cast<unsigned long long>(size));
  TRY(append(fd_.get(), as_bytes({header, 60})));
  for (std::span<const uint8_t> piece : pieces) TRY(append(fd_.get(), piece));
  if (size % 2 == 1) TRY(append(fd_.get(), as_bytes("\n")));  // members begin at even offsets
  return {};
}

CopyingPipe::~CopyingPipe() { join(); }

Result<> CopyingPipe::open() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  read_end_ = Fd(ends[0]);
  write_end_ = Fd(ends[1]);
  fcntl(write_end_.get(), F_SETPIPE_SZ, int(kCopyBuffer));  // only quicker
  if (const int error = pthread_create(&thread_, nullptr, copy, this)) return fail_errno("cannot make a thread", error);
  running_ = true;
  return {};
}

Result<uint64_t> CopyingPipe::finish() {
  join();
  if (write_error_ != 0) return fail_errno("cannot write the artifact", write_error_);
  return copied_;
}

void CopyingPipe::join() {
  write_end_.close();
  if (std::exchange(running_, false)) pthread_join(thread_, nullptr);
}

void *CopyingPipe::copy(void *self) {
  auto &pipe = *static_cast<CopyingPipe *>(self);
  std::vector<uint8_t> buffer(kCopyBuffer);
  while (true) {
    const ssize_t got = read(pipe.read_end_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return nullptr;
    if (pipe.write_error_ == 0) pipe.write_error_ = write_all(pipe.output_, {buffer.data(), size_t(got)}, pipe.copied_);
    pipe.copied_ += uint64_t(got);
  }
}

}  // namespace wasmc::link
