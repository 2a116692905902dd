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
  /// Of a file in memory that has its contents: nobody can change them any more, whoever gets hold of a descriptor.
  Result<> seal();
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace wasmc::platform
