// The file that a profile is kept in. Little-endian:
//
//   char[8] "wasmcPRF", uint32_t version, uint64_t[2] hash of the module's code (Layout::code)
//   counters in the order of the layout, as runs until all are told: how many are zero, how many are not, and the latter; each in ULEB128
//   uint64_t XXH3-64 of all that comes before
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "abi/result.h"
#include "profile/layout.h"

namespace wasmc::profile {

inline constexpr char kMagic[8] = {'w', 'a', 's', 'm', 'c', 'P', 'R', 'F'};
inline constexpr uint32_t kVersion = 1;

std::vector<uint8_t> encode(const Layout &layout, std::span<const uint64_t> counters);

/// The counters of a module with this layout. The bytes are not trusted, the counters neither: any number may stand anywhere.
/// Errors, to be read after `the profile app.profile `: `is damaged`, `is of another module`, …
Result<std::vector<uint64_t>> decode(std::span<const uint8_t> bytes, const Layout &layout);

}  // namespace wasmc::profile
