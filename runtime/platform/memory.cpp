#include "platform/memory.h"

#include <sys/mman.h>
#include <unistd.h>

namespace wasmc::platform {

size_t page_size() { return size_t(sysconf(_SC_PAGESIZE)); }

Reservation::~Reservation() {
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

bool Reservation::commit(uint64_t offset, uint64_t size) const {
  return size == 0 || mprotect(base_ + offset, size, PROT_READ | PROT_WRITE) == 0;
}

bool Reservation::map_file(uint64_t offset, uint64_t size, int fd, uint64_t file_offset, int protection) const {
  return mmap(base_ + offset, size, protection, MAP_PRIVATE | MAP_FIXED, fd, off_t(file_offset)) != MAP_FAILED;
}

}  // namespace wasmc::platform
