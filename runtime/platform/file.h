// Files by descriptor.
#pragma once
#include <string>
#include <utility>

#include "abi/result.h"

namespace wasmc::platform {

/// An open file; closed at the end.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File &operator=(File &&other) noexcept { std::swap(fd_, other.fd_); return *this; }
  ~File();
  static Result<File> open(const std::string &path);
  /// Without a name, gone when closed.
  static Result<File> in_memory();
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace wasmc::platform
