#include "platform/memory.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

namespace wasmc::platform {
namespace {

constexpr size_t kMostKept = 8;

}  // namespace

size_t page_size() { return size_t(sysconf(_SC_PAGESIZE)); }

Reservation::~Reservation() {
  if (pool_) std::exchange(pool_, nullptr)->keep(std::move(*this));
  if (base_) munmap(base_, size_);
}

Reservation Reservation::reserve(uint64_t size) {
  Reservation out;
  void *base = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return out;
  out.base_ = static_cast<uint8_t *>(base);
  out.size_ = size;
  return out;
}

bool Reservation::commit(uint64_t offset, uint64_t size) {
  used_ = std::max(used_, offset + size);
  return size == 0 || mprotect(base_ + offset, size, PROT_READ | PROT_WRITE) == 0;
}

bool Reservation::map_file(uint64_t offset, uint64_t size, int fd, uint64_t file_offset, int protection) {
  used_ = std::max(used_, round_up(offset + size, page_size()));
  return mmap(base_ + offset, size, protection, MAP_PRIVATE | MAP_FIXED, fd, off_t(file_offset)) != MAP_FAILED;
}

bool Reservation::reset() {
  const uint64_t used = std::exchange(used_, 0);
  return used == 0 || mmap(base_, used, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

Reservation ReservationPool::take() {
  Reservation out;
  {
    std::lock_guard lock(mutex_);
    if (!kept_.empty()) {
      out = std::move(kept_.back());
      kept_.pop_back();
    }
  }
  if (!out) out = Reservation::reserve(size_);
  if (out) out.pool_ = this;
  return out;
}

void ReservationPool::keep(Reservation unused) {
  if (!unused || !unused.reset()) return;
  std::lock_guard lock(mutex_);
  if (kept_.size() < kMostKept) kept_.push_back(std::move(unused));
}

}  // namespace wasmc::platform
