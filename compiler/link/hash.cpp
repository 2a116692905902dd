#include "link/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wasmc::link {

abi::Hash128 hash(std::span<const uint8_t> bytes) {
  const XXH128_hash_t value = XXH3_128bits(bytes.data(), bytes.size());
  return {value.low64, value.high64};
}

abi::Hash128 hash(const std::vector<std::span<const uint8_t>> &parts) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (std::span<const uint8_t> part : parts) XXH3_128bits_update(&state, part.data(), part.size());
  const XXH128_hash_t value = XXH3_128bits_digest(&state);
  return {value.low64, value.high64};
}

}  // namespace wasmc::link
