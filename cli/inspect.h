// What `wasmc inspect` finds out, one file per kind of input: inspect_module.cpp, inspect_artifact.cpp.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "abi/artifact.h"
#include "abi/result.h"
#include "listing.h"

namespace wasmc::cli {

struct InspectOptions {
  bool functions = false;  ///< list every function
};

Result<> inspect_module(std::span<const uint8_t> bytes, const InspectOptions &options, Listing &listing);
Result<> inspect_artifact(std::span<const uint8_t> bytes, const InspectOptions &options, Listing &listing);

std::string bytes_text(uint64_t count);
std::string hex(uint64_t value);
/// `3 to 10`, `3 or more`
std::string limits_text(uint64_t min, bool has_max, uint64_t max);
/// What follows a memory's limits, or a table's: `pages of 64 KiB, shared, 64-bit`.
std::string memory_text(uint8_t page_size_log2, bool is_shared, bool is_64);
inline std::string address_text(bool is_64) { return is_64 ? ", 64-bit" : ""; }

}  // namespace wasmc::cli
