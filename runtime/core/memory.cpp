#include "core/memory.h"

#include <algorithm>

namespace wasmc::core {
namespace {

/// The largest size in bytes. One of 4 GiB in single bytes is one byte too large for memory.size.
uint64_t limit_of(const EngineConfig &config, const Limits &limits) {
  if (limits.is_64) return std::min(config.memory64_size, abi::kMaxMemory64);
  return (uint64_t{4} << 30) - (limits.page_size_log2 == 0 ? 1 : 0);
}

/// Pages in bytes, but at most `limit`.
uint64_t bytes_of(uint64_t pages, const Limits &limits, uint64_t limit) {
  return std::min(pages, limit >> limits.page_size_log2) << limits.page_size_log2;
}

std::unexpected<Error> no_guard() {
  return fail("cannot reserve 8 GiB of address space, which this artifact was compiled for (--bounds=guard)");
}

}  // namespace

Result<MemorySpace> reserve_memory(const EngineConfig &config, SpaceSource source, const Limits &limits, abi::BoundsMode bounds, uint64_t before) {
  const uint64_t limit = limit_of(config, limits), page = platform::page_size();
  const uint64_t least = bytes_of(limits.min, limits, limit);
  if (least >> limits.page_size_log2 != limits.min)
    return fail("cannot allocate the memory: " + std::to_string(limits.min) + " pages are more than wasmc allows, which is " + std::to_string(limit) + " bytes");
  MemorySpace out{.space = {}, .capacity = bytes_of(limits.max.value_or(UINT64_MAX), limits, limit)};
  if (abi::relies_on_guard(bounds, limits.is_64, limits.page_size_log2)) {
    const uint64_t size = before + abi::kGuardReservation;
    out.space = source.pool && size <= source.pool->size() ? source.pool->take(source.key) : platform::Reservation::reserve(size);
    if (!out.space) return no_guard();
    out.guarded = abi::kGuardReservation;
    return out;
  }
  // Explicit checks work in whatever room there is.
  for (;;) {
    out.space = platform::Reservation::reserve(before + platform::round_up(std::max<uint64_t>(out.capacity, 1), page));
    if (out.space || out.capacity <= least) break;
    out.capacity = std::max(out.capacity / 2 >> limits.page_size_log2 << limits.page_size_log2, least);
  }
  if (!out.space) return fail("cannot allocate the memory: out of memory");
  return out;
}

Result<std::shared_ptr<SharedMemoryImpl>> SharedMemoryImpl::make(const EngineConfig &config, const Limits &limits, abi::BoundsMode bounds) {
  auto out = std::make_shared<SharedMemoryImpl>();
  out->room = TRY(reserve_memory(config, {}, limits, bounds, 0));
  out->limits = limits;
  out->record.base = out->room.space.base();
  if (!MemoryObject::of(out).grow(limits.min)) return fail("cannot allocate the memory: out of memory");
  return out;
}

MemoryObject MemoryObject::of(std::shared_ptr<SharedMemoryImpl> shared) {
  MemorySpace &room = shared->room;
  return {.record = &shared->record, .space = &room.space, .offset = 0, .capacity = room.capacity, .guarded = room.guarded, .limits = shared->limits, .shared = std::move(shared)};
}

std::optional<uint64_t> MemoryObject::grow(uint64_t pages) const {
  std::unique_lock<std::mutex> lock;
  if (shared) lock = std::unique_lock(shared->growing);
  const uint64_t old = length();
  if (pages > (capacity - old) >> limits.page_size_log2) return std::nullopt;
  const uint64_t next = old + (pages << limits.page_size_log2), page = platform::page_size();
  // Pages of the machine may be larger than the memory's: the first and the last may be partly in use.
  const uint64_t begin = (offset + old) / page * page, end = platform::round_up(offset + next, page);
  if (pages != 0 && !space->commit(begin, end - begin)) return std::nullopt;
  __atomic_store_n(&record->length, next, __ATOMIC_RELEASE);
  return old >> limits.page_size_log2;
}

}  // namespace wasmc::core
