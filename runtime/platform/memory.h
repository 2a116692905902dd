// Address space and files, the only place that calls mmap and its relatives.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "abi/result.h"

namespace wasmc::platform {

size_t page_size();
inline uint64_t round_up(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit * unit; }

class ReservationPool;

/// A range of address space that belongs to us; unmapped at the end, or given back to the pool it is from. Inaccessible until committed.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation &&other) noexcept { *this = std::move(other); }
  Reservation &operator=(Reservation &&other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(used_, other.used_);
    std::swap(pool_, other.pool_);
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
  bool commit(uint64_t offset, uint64_t size);
  /// Maps part of a file privately (copy-on-write); `protection` as in mmap. All whole pages but for the file's end.
  bool map_file(uint64_t offset, uint64_t size, int fd, uint64_t file_offset, int protection);

 private:
  friend ReservationPool;
  /// As it was when it was reserved. False if the system refuses.
  bool reset();

  uint8_t *base_ = nullptr;
  uint64_t size_ = 0;
  uint64_t used_ = 0;  // nothing was ever committed or mapped from here on
  ReservationPool *pool_ = nullptr;
};

/// Reservations of one size. A few that are not needed any more are kept for the next who wants one: only what was used of them costs
/// something to give back, not their size (which emulators, that keep lists of pages, are slow with). May be used by several threads.
class ReservationPool {
 public:
  explicit ReservationPool(uint64_t size) : size_(size) {}
  uint64_t size() const { return size_; }
  /// Must not outlive the pool. Empty if the address space cannot be had.
  Reservation take();

 private:
  friend Reservation;
  void keep(Reservation unused);

  uint64_t size_;
  std::mutex mutex_;
  std::vector<Reservation> kept_;
};

}  // namespace wasmc::platform
