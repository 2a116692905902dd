// Text to binary: a module of the text format (spec 6.6), with all its abbreviations, as the binary module that it stands for.
// It is not validated here: that is the binary reader's work, whose errors `place_of` (place.h) leads back to the text.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "abi/result.h"
#include "text/emitter.h"

namespace wasmc::text {

struct Assembled {
  std::vector<uint8_t> bytes;
  std::vector<Mark> marks;  ///< sorted by position
};

/// A file with one module: `(module …)`, or its fields without that; or as scripts have them, `(module binary "…")`, `(module quote "…")`,
/// `(module definition …)`. Errors: malformed text, with the offset in it.
Result<Assembled> assemble(std::string_view text);

}  // namespace wasmc::text
