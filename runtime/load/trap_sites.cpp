#include "load/trap_sites.h"

#include <algorithm>
#include <cstring>

namespace wasmc::load {
namespace {

/// LEB128 numbers from bytes that may end too soon.
class DeltaReader {
 public:
  explicit DeltaReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  uint64_t unsigned_number() { return read().value; }
  int64_t signed_number() {
    const Number number = read();
    const bool negative = number.bits > 0 && number.bits < 64 && (number.value >> (number.bits - 1) & 1);
    return int64_t(negative ? number.value | ~uint64_t{0} << number.bits : number.value);
  }

 private:
  struct Number {
    uint64_t value = 0;
    unsigned bits = 0;
  };
  Number read() {
    Number number;
    while (!bytes_.empty() && number.bits < 64) {
      const uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      number.value |= uint64_t(byte & 0x7f) << number.bits;
      number.bits += 7;
      if (!(byte & 0x80)) break;
    }
    return number;
  }
  std::span<const uint8_t> bytes_;
};

}  // namespace

std::optional<uint32_t> find_trap_site(std::span<const uint8_t> table, uint32_t code, uint32_t body_offset, uint64_t machine_offset) {
  if (table.size() < sizeof(abi::TrapTable)) return std::nullopt;
  abi::TrapTable header;
  std::memcpy(&header, table.data(), sizeof header);
  const auto rest = table.subspan(sizeof header);
  if (header.functions > rest.size() / sizeof(abi::TrapFunction)) return std::nullopt;
  const std::span functions(reinterpret_cast<const abi::TrapFunction *>(rest.data()), header.functions);
  const auto sites = rest.subspan(functions.size_bytes());

  const auto function = std::ranges::lower_bound(functions, code, {}, &abi::TrapFunction::code);
  if (function == functions.end() || function->code != code) return std::nullopt;
  if (function->sites > sites.size() || function->size > sites.size() - function->sites) return std::nullopt;

  DeltaReader deltas(sites.subspan(function->sites, function->size));
  std::optional<uint32_t> found;
  for (uint64_t machine = 0, wasm = body_offset; !deltas.at_end(); found = uint32_t(wasm)) {
    machine += deltas.unsigned_number();
    if (machine > machine_offset) break;
    wasm += uint64_t(deltas.signed_number());
  }
  return found;
}

}  // namespace wasmc::load
