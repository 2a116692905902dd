// The only way to guest memory. Every address, length, count and alignment that a guest hands over is checked here, in 64-bit
// arithmetic that cannot wrap, before the host acts. Results of a check (GuestSlice, GuestCell, spans) stay valid while the host
// function runs: a memory neither moves nor shrinks.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "wasi/types.h"

namespace wasmc::wasi {

/// What may be copied to and from guest memory: plain bytes, no padding that would leak the host's stack.
template <class T>
concept GuestData = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

/// `size()` values of T in guest memory, checked. Copies in and out: the place may not be aligned for the host.
template <GuestData T> class GuestSlice {
 public:
  GuestSlice(uint8_t *base, uint32_t count) : base_(base), count_(count) {}
  uint32_t size() const { return count_; }
  T load(uint32_t index) const {
    T value;
    std::memcpy(&value, base_ + uint64_t{index} * sizeof(T), sizeof(T));
    // Other threads of the guest may write there: what was checked is what is used, so nobody may read it from there again.
    asm volatile("" : "+m"(value));
    return value;
  }
  void store(uint32_t index, const T &value) const { std::memcpy(base_ + uint64_t{index} * sizeof(T), &value, sizeof(T)); }

 private:
  uint8_t *base_;
  uint32_t count_;
};

/// One T in guest memory, checked: where a result will go, known to be writable before the host acts.
template <GuestData T> class GuestCell {
 public:
  explicit GuestCell(GuestSlice<T> slice) : slice_(slice) {}
  T load() const { return slice_.load(0); }
  void store(const T &value) const { slice_.store(0, value); }

 private:
  GuestSlice<T> slice_;
};

class GuestMemory {
 public:
  explicit GuestMemory(std::span<uint8_t> bytes) : bytes_(bytes) {}

  /// Fault if any byte is outside. No byte is never outside, whatever its address: languages have dangling empty slices.
  Or<std::span<uint8_t>> bytes(uint32_t address, uint64_t length) const {
    if (length == 0) return bytes_.first(0);
    if (length > bytes_.size() || address > bytes_.size() - length) return refuse(Errno::Fault);
    return bytes_.subspan(address, length);
  }

  /// Inval if the address is not aligned for T by WASI's rules, Fault if any element is outside.
  template <GuestData T> Or<GuestSlice<T>> slice(uint32_t address, uint32_t count) const {
    if (count != 0 && address % alignof(T) != 0) return refuse(Errno::Inval);
    auto place = TRY(bytes(address, uint64_t{count} * sizeof(T)));
    return GuestSlice<T>(place.data(), count);
  }

  template <GuestData T> Or<GuestCell<T>> cell(uint32_t address) const { return GuestCell<T>(TRY(slice<T>(address, 1))); }

 private:
  std::span<uint8_t> bytes_;
};

}  // namespace wasmc::wasi
