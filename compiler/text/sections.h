// How the text format calls sections, in the order in which they stand; with the numbers of the binary format.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace wasmc::text {

struct SectionWord {
  std::string_view word;
  uint8_t id;
};
inline constexpr uint8_t kCustomSection = 0, kCodeSection = 10, kNoSection = 0xff;
/// Between which custom sections can be put.
inline constexpr std::array<SectionWord, 15> kSections = {{
    {"first", kNoSection},
    {"type", 1},
    {"import", 2},
    {"func", 3},
    {"table", 4},
    {"memory", 5},
    {"tag", 13},
    {"global", 6},
    {"export", 7},
    {"start", 8},
    {"elem", 9},
    {"datacount", 12},
    {"code", kCodeSection},
    {"data", 11},
    {"last", kNoSection},
}};

}  // namespace wasmc::text
