// Output files appear whole or not at all: written under a temporary name in the same directory and renamed at the end. An error, or
// a signal that ends the process (Ctrl-C), removes the temporary file.
#pragma once
#include <string>

#include "abi/result.h"
#include "file.h"

namespace wasmc::cli {

class OutputFile {
 public:
  /// Refuses to replace `input`. What exists and is no regular file (/dev/null, /dev/full, a pipe) is not replaced but written to at the end.
  static Result<OutputFile> create(const std::string &path, const InputFile &input);
  OutputFile(OutputFile &&) = default;
  ~OutputFile();

  /// Empty, open for reading and writing.
  int fd() const { return fd_.get(); }
  /// Puts the file in its place.
  Result<> commit();

 private:
  OutputFile(std::string path, std::string temporary, Fd fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}
  Result<> copy_to_device();

  std::string path_;
  std::string temporary_;  ///< empty: the bytes are in memory until commit, or the file is committed
  Fd fd_;
};

/// Where a command writes if it is not told: `app.wasm` or `app.wat` with another suffix; what ends otherwise gets it added.
std::string replace_suffix(const std::string &input, std::string_view suffix);

/// Writes a whole file in a directory, for people to look at.
Result<> write_file(const std::string &path, std::string_view contents);

}  // namespace wasmc::cli
