#include "byte_count.h"

#include <charconv>
#include <cstdio>

namespace wasmc::cli {
namespace {

constexpr std::string_view kUnits = "KMG";

}  // namespace

std::optional<uint64_t> parse_byte_count(std::string_view text) {
  uint64_t count = 0;
  const char *end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc()) return std::nullopt;
  if (unit == end) return count;
  const size_t power = kUnits.find(*unit);
  if (power == kUnits.npos || unit + 1 != end) return std::nullopt;
  const unsigned shift = 10 * (unsigned(power) + 1);
  if (count > UINT64_MAX >> shift) return std::nullopt;
  return count << shift;
}

std::string byte_count_text(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  double count = double(bytes) / 1024;
  size_t unit = 0;
  for (; count >= 1024 && unit + 1 < kUnits.size(); ++unit) count /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%c", count, kUnits[unit]);
  return text;
}

}  // namespace wasmc::cli
