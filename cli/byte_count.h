// Amounts of bytes, as people write and read them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasmc::cli {

/// `8192`, `8K`, `8M`, `8G`; nothing if the text is not of that form or means 2^64 or more.
std::optional<uint64_t> parse_byte_count(std::string_view text);

/// `512 bytes`, `8.0K`, `12.5M`
std::string byte_count_text(uint64_t bytes);

}  // namespace wasmc::cli
