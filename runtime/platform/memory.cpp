#include "platform/memory.h"

#include <algorithm>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

namespace wasmc::platform {
namespace {

constexpr size_t kMostKept = 16;

}  // namespace

size_t page_size() {
  static const size_t size = size_t(sysconf(_SC_PAGESIZE));
  return size;
}

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

void Reservation::prepare(const void *key, uint64_t offset, uint64_t resident) {
  prepared_ = {.key = key, .used = used_, .resident_begin = offset, .resident_end = offset + resident};
}

bool Reservation::reset() {
  prepared_ = {};
  const uint64_t used = std::exchange(used_, 0);
  return used == 0 || mmap(base_, used, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

bool Reservation::rewind() {
  // Whatever was written is gone: anonymous pages are zeros again, a file's are the file's.
  const auto drop = [&](uint64_t begin, uint64_t end) { return begin == end || madvise(base_ + begin, end - begin, MADV_DONTNEED) == 0; };
  std::memset(base_ + prepared_.resident_begin, 0, prepared_.resident_end - prepared_.resident_begin);
  if (!drop(0, prepared_.resident_begin) || !drop(prepared_.resident_end, used_)) return false;
  const uint64_t added = std::exchange(used_, prepared_.used) - prepared_.used;
  return added == 0 || mprotect(base_ + prepared_.used, added, PROT_NONE) == 0;
}

Reservation ReservationPool::take(const void *key) {
  Reservation out = take_kept(key);
  if (out && (!key || out.prepared_.key != key) && !out.reset()) out = {};
  if (!out) out = Reservation::reserve(size_);
  if (out) out.pool_ = this;
  return out;
}

Reservation ReservationPool::take_kept(const void *key) {
  std::lock_guard lock(mutex_);
  if (kept_.empty()) return {};
  auto found = std::ranges::find(kept_, key, [](const Reservation &each) { return each.prepared_.key; });
  if (found == kept_.end()) found = kept_.begin();
  Reservation out = std::move(*found);
  kept_.erase(found);
  return out;
}

void ReservationPool::keep(Reservation unused) {
  if (!unused || !(unused.is_prepared() ? unused.rewind() : unused.reset())) return;
  std::lock_guard lock(mutex_);
  if (kept_.size() < kMostKept) kept_.push_back(std::move(unused));
}

void ReservationPool::forget(const void *key) {
  std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Reservation &each) { return each.prepared_.key == key; });
}

}  // namespace wasmc::platform
