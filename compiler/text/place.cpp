#include "text/place.h"

#include <algorithm>

namespace wasmc::text {
namespace {

constexpr size_t kMaxBefore = 60, kMaxAfter = 40;  ///< bytes of a line that are shown around the place

constexpr bool continues_character(char c) { return (uint8_t(c) & 0xc0) == 0x80; }
/// In one column each, so that the caret stands below its place: a terminal, or whoever escapes them, would not.
std::string without_controls(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\t') out += ' ';
    else if (uint8_t(c) < 0x20 || c == 0x7f) out += "\ufffd";
    else out += c;
  }
  return out;
}

uint64_t characters(std::string_view text) { return uint64_t(std::ranges::count_if(text, [](char c) { return !continues_character(c); })); }

}  // namespace

Place find_place(std::string_view text, uint64_t offset) {
  offset = std::min<uint64_t>(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const size_t begin = before.find_last_of('\n') + 1;  // npos + 1 is 0
  const size_t end = std::min(text.find_first_of("\r\n", offset), text.size());
  const uint64_t line = uint64_t(std::ranges::count(before, '\n')) + 1, column = characters(before.substr(begin)) + 1;

  // Long lines are shown in part, beginning and ending with whole characters.
  size_t from = offset - std::min(offset - begin, kMaxBefore), to = std::min(end, offset + kMaxAfter);
  while (from < offset && continues_character(text[from])) ++from;
  while (to < end && continues_character(text[to])) ++to;
  const std::string number = std::to_string(line);
  const std::string_view dots_before = from > begin ? "…" : "", dots_after = to < end ? "…" : "";
  const std::string shown = without_controls(text.substr(from, to - from));
  const size_t indent = characters(dots_before) + characters(text.substr(from, offset - from));
  std::string excerpt = "  " + number + " | " + std::string(dots_before) + shown + std::string(dots_after) + '\n';
  excerpt += std::string(number.size() + 2, ' ') + " | " + std::string(indent, ' ') + '^';
  return {line, column, std::move(excerpt)};
}

uint64_t place_of(std::span<const Mark> marks, uint64_t position) {
  const auto after = std::ranges::upper_bound(marks, position, {}, &Mark::position);
  return after == marks.begin() ? 0 : std::prev(after)->offset;
}

Error at_place(Error error, const std::string &file, std::string_view text) {
  const Place place = find_place(text, error.offset);
  error.offset = Error::kNoOffset;
  error.file = (file.empty() ? "" : file + ':') + std::to_string(place.line) + ':' + std::to_string(place.column);
  error.excerpt = place.excerpt;
  return error;
}

}  // namespace wasmc::text
