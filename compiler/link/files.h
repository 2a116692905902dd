// File descriptors for talking to lld without files: memory files in, a pipe out.
#pragma once
#include <pthread.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/result.h"

namespace wasmc::link {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd &operator=(Fd &&other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { close(); }
  void close();
  int get() const { return fd_; }
  /// By which this process can open it again.
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_ = -1;
};

/// An `ar` archive in memory, for lld's --whole-archive: one descriptor, however many objects there are.
class MemoryArchive {
 public:
  static Result<MemoryArchive> create();
  Result<> add(const std::vector<std::span<const uint8_t>> &pieces);
  std::string path() const { return fd_.path(); }

 private:
  explicit MemoryArchive(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  uint64_t members_ = 0;
};

/// A pipe whose contents a thread copies to a file from its start. It always reads to the end, so that the writer never blocks
/// on a failed copy.
class CopyingPipe {
 public:
  explicit CopyingPipe(int output) : output_(output) {}
  CopyingPipe(const CopyingPipe &) = delete;
  ~CopyingPipe();
  Result<> open();
  /// For a writer of this process to open.
  std::string path() const { return write_end_.path(); }
  /// Call when the writer is done: bytes copied, or the first failed write.
  Result<uint64_t> finish();

 private:
  static void *copy(void *self);
  void join();

  int output_;
  Fd read_end_, write_end_;
  pthread_t thread_{};
  bool running_ = false;
  uint64_t copied_ = 0;
  int write_error_ = 0;
};

/// `write: No space left on device`
std::unexpected<Error> fail_errno(std::string_view what, int error_number);
/// Writes all bytes at an offset. Returns 0 or an errno.
int write_all(int fd, std::span<const uint8_t> bytes, uint64_t offset);

}  // namespace wasmc::link
