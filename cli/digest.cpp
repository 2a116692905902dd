#include "digest.h"

#include <llvm-c/blake3.h>

namespace wasmc::cli {

struct Digest::State {
  llvm_blake3_hasher hasher;
};

Digest::Digest() : state_(std::make_unique<State>()) { llvm_blake3_hasher_init(&state_->hasher); }
Digest::~Digest() = default;

void Digest::add(std::span<const uint8_t> part) {
  const uint64_t size = part.size();
  llvm_blake3_hasher_update(&state_->hasher, &size, sizeof size);
  llvm_blake3_hasher_update(&state_->hasher, part.data(), part.size());
}

void Digest::add(std::string_view part) { add(std::span(reinterpret_cast<const uint8_t *>(part.data()), part.size())); }

void Digest::add(uint64_t part) { add(std::span(reinterpret_cast<const uint8_t *>(&part), sizeof part)); }

std::string Digest::text() const {
  static constexpr char kHex[] = "0123456789abcdef";
  uint8_t bytes[LLVM_BLAKE3_OUT_LEN];
  llvm_blake3_hasher_finalize(&state_->hasher, bytes, sizeof bytes);
  std::string text;
  for (const uint8_t byte : bytes) text += {kHex[byte >> 4], kHex[byte & 15]};
  return text;
}

}  // namespace wasmc::cli
