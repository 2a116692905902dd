// Places in a text, for messages.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "abi/result.h"
#include "text/emitter.h"

namespace wasmc::text {

struct Place {
  uint64_t line, column;  ///< from 1; columns are characters, not bytes
  std::string excerpt;    ///< the line, cut if it is long, and below it a caret
};

Place find_place(std::string_view text, uint64_t offset);

/// Where in the text stands what is at `position` of the bytes that were made from it. `marks` are sorted by position.
uint64_t place_of(std::span<const Mark> marks, uint64_t position);

/// An error at an offset in a text, for people: the file it is in becomes `file:line:column`, or `line:column` without a file, and the
/// excerpt is shown.
Error at_place(Error error, const std::string &file, std::string_view text);

}  // namespace wasmc::text
