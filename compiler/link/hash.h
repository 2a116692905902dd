// The artifact's hash function: XXH3-128.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "abi/artifact.h"

namespace wasmc::link {

abi::Hash128 hash(std::span<const uint8_t> bytes);
/// Of the parts, as if they stood one after another.
abi::Hash128 hash(const std::vector<std::span<const uint8_t>> &parts);

}  // namespace wasmc::link
