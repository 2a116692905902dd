// Input files: opened once, told apart by their first bytes, never by their names.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/result.h"

namespace wasmc::cli {

/// An open descriptor, closed at the end.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd &operator=(Fd &&other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// An unnamed file in memory.
Result<Fd> memory_file(const char *name);
/// Everything in a file, from its start. The error has no file name.
Result<std::vector<uint8_t>> read_all(int fd);

/// A file's bytes without a copy of them: reading a large file costs more than looking at each of its bytes. If somebody cuts the file
/// meanwhile, looking at what is gone is a SIGBUS; `cut_files_end_the_process` makes an error of it.
class MappedFile {
 public:
  /// Of a file that is not empty. The error has no file name.
  static Result<MappedFile> map(int fd, uint64_t size);
  MappedFile(MappedFile &&other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile &operator=(MappedFile &&) = delete;
  ~MappedFile();
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

/// From now on, with a line that says so and kExitError. For commands that have nothing to remove.
void cut_files_end_the_process();

enum class Format {
  Wasm,      ///< a binary module, perhaps with artifacts inside (universal Wasm); or too short to tell
  Text,      ///< the text format: begins with a parenthesis or a comment
  Artifact,  ///< ELF
};

struct InputFile {
  std::string path;
  Fd fd;          ///< seekable and mappable: a pipe is copied to memory first
  uint64_t size;  ///< bytes
  Format format;

  /// Errors (with the path): cannot be opened, a directory, empty, neither a module nor an artifact.
  static Result<InputFile> open(const std::string &path);
  Result<std::vector<uint8_t>> read() const;
};

}  // namespace wasmc::cli
