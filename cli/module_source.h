// A module's bytes, whether its file has the binary or the text format.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "abi/result.h"
#include "file.h"
#include "text/emitter.h"

namespace wasmc::cli {

class ModuleSource {
 public:
  /// Errors have the file's name; those of a text also line, column and the line itself.
  static Result<ModuleSource> read(const InputFile &file);

  /// An error about the bytes as one about the file: with its name, and if it is a text with the place there.
  Error explain(Error error) const;

  std::vector<uint8_t> bytes;  ///< in the binary format

 private:
  std::string path_;
  std::string text_;               ///< empty if the file is binary
  std::vector<text::Mark> marks_;  ///< from the bytes to the text
};

}  // namespace wasmc::cli
