// Tells whether the exports of a module have different names, in time and memory that grow with their number and length alone. The hash
// is a polynomial in a number drawn at random, over the field of 2^61 - 1: no names can be chosen that make it slow, because any two
// collide with a chance of their length in 2^61 (universal hashing).
#pragma once
#include <random>
#include <span>
#include <vector>

#include "wasm/module.h"

namespace wasmc::wasm {

class ExportNames {
 public:
  /// Adds the name of the last export, once all before it are in. Returns whether it is new.
  bool add_last(std::span<const Export> exports);

 private:
  uint64_t hash(std::string_view name) const;
  bool add(std::span<const Export> exports, uint32_t index);
  void grow(std::span<const Export> exports);

  std::vector<uint32_t> slots_;  ///< index of an export, plus one; 0: free. A power of two, at most half of them taken
  uint64_t point_ = (uint64_t(std::random_device()()) << 29 ^ std::random_device()()) % ((uint64_t{1} << 61) - 1);
};

}  // namespace wasmc::wasm
