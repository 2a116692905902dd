// Profiles (compiler/profile): the file that one is read from, and the counters that a run leaves one from.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "abi/result.h"
#include "file.h"
#include "output.h"
#include "profile/layout.h"

namespace wasmc::cli {

/// All of a profile's file; what it says is for the compiler to judge, who knows the module. The error has the file's name.
Result<std::vector<uint8_t>> read_profile(const std::string &path);

/// Counters for one module that is compiled to count what runs, and the file that tells of them in the end.
class ProfileRecorder {
 public:
  /// Errors: the file cannot be written, or is the module.
  static Result<ProfileRecorder> create(const std::string &path, const InputFile &module);

  /// For the module's code, while the process lasts. Errors: it is not valid.
  Result<uint64_t *> counters_for(std::span<const uint8_t> wasm);
  /// Writes the file, while other threads may go on counting.
  Result<> finish();

 private:
  ProfileRecorder(std::string path, OutputFile file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  OutputFile file_;
  profile::Layout layout_;
  std::vector<uint64_t> counters_;
};

}  // namespace wasmc::cli
