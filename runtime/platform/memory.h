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
    std::swap(prepared_, other.prepared_);
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

  /// What is committed and mapped by now is how the pool keeps it for whoever takes it with this key: with contents as fresh, so that nothing has to
  /// be done again. The `resident` bytes at `offset`, which must be writable, are cleared by hand: that costs less than new pages.
  void prepare(const void *key, uint64_t offset, uint64_t resident);
  bool is_prepared() const { return prepared_.key != nullptr; }

 private:
  friend ReservationPool;
  struct Preparation {
    const void *key = nullptr;
    uint64_t used = 0;
    uint64_t resident_begin = 0, resident_end = 0;
  };
  /// As it was when it was reserved. False if the system refuses.
  bool reset();
  /// As it was when it was prepared, but for what was written then. False if the system refuses.
  bool rewind();

  uint8_t *base_ = nullptr;
  uint64_t size_ = 0;
  uint64_t used_ = 0;  // nothing was ever committed or mapped from here on
  Preparation prepared_;
  ReservationPool *pool_ = nullptr;
};

/// Reservations of one size. A few that are not needed any more are kept for the next who wants one: only what was used of them costs
/// something to give back, not their size (which emulators, that keep lists of pages, are slow with). May be used by several threads.
class ReservationPool {
 public:
  explicit ReservationPool(uint64_t size) : size_(size) {}
  uint64_t size() const { return size_; }
  /// Must not outlive the pool. Prepared if one is kept that was prepared with this key, otherwise as new. Empty if the address space cannot be had.
  Reservation take(const void *key = nullptr);
  /// Nobody will ask for what was prepared with this key any more.
  void forget(const void *key);

 private:
  friend Reservation;
  void keep(Reservation unused);
  Reservation take_kept(const void *key);

  uint64_t size_;
  std::mutex mutex_;
  std::vector<Reservation> kept_;
};

}  // namespace wasmc::platform
