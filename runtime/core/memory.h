// Linear memories (spec 4.2.9 Memory Instances): a record that compiled code sees, in address space that is reserved once.
#pragma once
#include <memory>
#include <mutex>

#include "core/wait_queue.h"
#include "platform/memory.h"
#include "runtime/runtime.h"

namespace wasmc::core {

/// Room for a memory behind `before` bytes of something else; nothing of it is committed, unless it is prepared.
struct MemorySpace {
  platform::Reservation space;
  uint64_t capacity = 0;  ///< bytes that the memory may have
  uint64_t guarded = 0;   ///< bytes from the base in which a fault of compiled code is a trap; 0: code must check
};

/// Where space with guard pages comes from, and what the pool may have prepared for us. No pool: from the system, for what may outlive the engine.
struct SpaceSource {
  platform::ReservationPool *pool = nullptr;
  const void *key = nullptr;
};

/// Errors: more than wasmc allows; not enough address space. `bounds` is what code that uses the memory was compiled for.
Result<MemorySpace> reserve_memory(const EngineConfig &config, SpaceSource source, const Limits &limits, abi::BoundsMode bounds, uint64_t before);

/// A memory that stores on several threads use at the same time. Whoever may use it owns it.
struct SharedMemoryImpl {
  abi::MemoryRecord record{};  ///< the only one; its length is read and written atomically
  MemorySpace room;
  Limits limits;
  std::mutex growing;
  WaitQueue waiters;

  static Result<std::shared_ptr<SharedMemoryImpl>> make(const EngineConfig &config, const Limits &limits, abi::BoundsMode bounds);
};

struct MemoryObject {
  abi::MemoryRecord *record = nullptr;
  platform::Reservation *space = nullptr;  ///< the reservation that the memory is part of
  uint64_t offset = 0;                     ///< of the base in it
  uint64_t capacity = 0;                   ///< bytes from the base that may be committed
  uint64_t guarded = 0;                    ///< bytes from the base in which a fault of compiled code is a trap
  Limits limits;                           ///< as declared, in pages
  std::shared_ptr<SharedMemoryImpl> shared{};  ///< of a shared memory: its owner

  static MemoryObject of(std::shared_ptr<SharedMemoryImpl> shared);

  uint64_t length() const { return __atomic_load_n(&record->length, __ATOMIC_ACQUIRE); }
  uint64_t pages() const { return length() >> limits.page_size_log2; }
  bool holds(uint64_t first, uint64_t count) const {
    const uint64_t length = this->length();
    return first <= length && count <= length - first;
  }
  /// Pages before, or nothing if it cannot grow by so much. Of a shared memory, as one step to other threads.
  std::optional<uint64_t> grow(uint64_t pages) const;
};

}  // namespace wasmc::core
