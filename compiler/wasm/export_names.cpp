#include "wasm/export_names.h"

#include <algorithm>
#include <cstring>

namespace wasmc::wasm {

uint64_t ExportNames::hash(std::string_view name) const {
  constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
  constexpr size_t kStep = 7;  // bytes: as many as are less than the prime, whatever they hold
  uint64_t value = name.size();
  while (!name.empty()) {
    const size_t size = std::min(kStep, name.size());
    uint64_t coefficient = 0;
    std::memcpy(&coefficient, name.data(), size);
    name.remove_prefix(size);
    const auto product = static_cast<unsigned __int128>(value) * point_ + coefficient;
    value = uint64_t(product & kPrime) + uint64_t(product >> 61);
    if (value >= kPrime) value -= kPrime;
  }
  return value;
}

bool ExportNames::add(std::span<const Export> exports, uint32_t index) {
  const uint64_t hash = this->hash(exports[index].name), step = hash >> 32 | 1;  // odd, so that every slot is reached
  for (uint64_t at = hash;; at += step) {
    uint32_t &slot = slots_[at & (slots_.size() - 1)];
    if (slot == 0) {
      slot = index + 1;
      return true;
    }
    if (exports[slot - 1].name == exports[index].name) return false;
  }
}

bool ExportNames::add_last(std::span<const Export> exports) {
  if (2 * exports.size() > slots_.size()) grow(exports.first(exports.size() - 1));
  return add(exports, uint32_t(exports.size() - 1));
}

void ExportNames::grow(std::span<const Export> exports) {
  slots_.assign(std::max<size_t>(64, 2 * slots_.size()), 0);
  for (size_t i = 0; i < exports.size(); ++i) add(exports, uint32_t(i));
}

}  // namespace wasmc::wasm
