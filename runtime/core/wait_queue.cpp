#include "core/wait_queue.h"

#include <chrono>

namespace wasmc::core {
namespace {

using Clock = std::chrono::steady_clock;

/// Timeouts that reach beyond the clock's end are for ever.
bool is_for_ever(int64_t timeout, Clock::time_point now) {
  return timeout < 0 || std::chrono::nanoseconds(timeout) > Clock::time_point::max() - now;
}

}  // namespace

WaitResult WaitQueue::wait(uint64_t address, int64_t timeout, const std::function<bool()> &is_equal) {
  std::unique_lock lock(mutex_);
  if (!is_equal()) return WaitResult::NotEqual;
  Waiter self;
  std::list<Waiter *> &queue = waiting_[address];
  const auto place = queue.insert(queue.end(), &self);
  const auto is_notified = [&self] { return self.is_notified; };
  const Clock::time_point now = Clock::now();
  if (is_for_ever(timeout, now)) {
    self.woken.wait(lock, is_notified);
    return WaitResult::Ok;
  }
  if (self.woken.wait_until(lock, now + std::chrono::nanoseconds(timeout), is_notified)) return WaitResult::Ok;
  queue.erase(place);  // still there: whoever takes it out says so
  if (queue.empty()) waiting_.erase(address);
  return WaitResult::TimedOut;
}

uint32_t WaitQueue::notify(uint64_t address, uint32_t count) {
  const std::scoped_lock lock(mutex_);
  const auto found = waiting_.find(address);
  uint32_t woken = 0;
  if (found == waiting_.end()) return 0;
  for (std::list<Waiter *> &queue = found->second; woken < count && !queue.empty(); ++woken) {
    Waiter &waiter = *queue.front();
    queue.pop_front();
    waiter.is_notified = true;
    waiter.woken.notify_one();  // under the lock: the waiter is gone once it can take it
  }
  if (found->second.empty()) waiting_.erase(found);
  return woken;
}

}  // namespace wasmc::core
