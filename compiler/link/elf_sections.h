// A relocatable ELF object that holds nothing but sections of bytes: how what is not code gets into the artifact.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "abi/artifact.h"
#include "link/description.h"

namespace wasmc::link {

struct PlainSection {
  std::string_view name;
  std::span<const uint8_t> bytes;
  uint64_t alignment;
};

/// An object file as pieces to be written one after another: `owned` are headers and padding, the rest are the sections' own bytes.
class SectionObject {
 public:
  SectionObject(abi::Arch arch, std::span<const PlainSection> sections);
  SectionObject(const SectionObject &) = delete;
  const std::vector<std::span<const uint8_t>> &pieces() const { return pieces_; }

 private:
  std::vector<std::span<const uint8_t>> pieces_;
  Bytes head_, tail_;
};

}  // namespace wasmc::link
