// Threads that wait at addresses of a shared memory (threads proposal: memory.atomic.wait and notify).
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>

namespace wasmc::core {

/// What memory.atomic.wait returns; the numbers are the proposal's.
enum class WaitResult : uint32_t { Ok = 0, NotEqual = 1, TimedOut = 2 };

class WaitQueue {
 public:
  /// Waits at an address until notified, if `is_equal` holds: that is asked with the queue locked, so that no notification falls
  /// between the look and the wait. `timeout` is in nanoseconds; negative: for ever.
  WaitResult wait(uint64_t address, int64_t timeout, const std::function<bool()> &is_equal);
  /// Wakes up to `count` that wait at the address, the longest waiting first. How many it were.
  uint32_t notify(uint64_t address, uint32_t count);

 private:
  struct Waiter {
    std::condition_variable woken;
    bool is_notified = false;
  };

  std::mutex mutex_;
  std::map<uint64_t, std::list<Waiter *>> waiting_;  ///< by address; no list is empty
};

}  // namespace wasmc::core
