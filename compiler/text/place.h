// Places in a text, for messages.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "text/emitter.h"

namespace wasmc::text {

struct Place {
  uint64_t line, column;  ///< from 1; columns are characters, not bytes
  std::string excerpt;    ///< the line, cut if it is long, and below it a caret
};

Place find_place(std::string_view text, uint64_t offset);

/// Where in the text stands what is at `position` of the bytes that were made from it. `marks` are sorted by position.
uint64_t place_of(std::span<const Mark> marks, uint64_t position);

}  // namespace wasmc::text
