// Address space and files, the only place that calls mmap and its relatives.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "abi/result.h"

namespace wasmc::platform {

size_t page_size();
inline uint64_t round_up(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit * unit; }

/// A range of address space that belongs to us; unmapped at the end. Inaccessible until committed.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation &&other) noexcept : base_(std::exchange(other.base_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Reservation &operator=(Reservation &&other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Reservation();
  /// Empty if the address space cannot be had.
  static Reservation reserve(uint64_t size);

  explicit operator bool() const { return base_ != nullptr; }
  uint8_t *base() const { return base_; }
  uint64_t size() const { return size_; }
  bool contains(uintptr_t address) const { return address - reinterpret_cast<uintptr_t>(base_) < size_; }
  /// Makes whole pages readable and writable, zero until written. False if the system refuses.
  bool commit(uint64_t offset, uint64_t size) const;
  /// Maps part of a file privately (copy-on-write); `protection` as in mmap. All whole pages but for the file's end.
  bool map_file(uint64_t offset, uint64_t size, int fd, uint64_t file_offset, int protection) const;

 private:
  uint8_t *base_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace wasmc::platform
