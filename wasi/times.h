// Clocks and timestamps of WASI (nanoseconds in 64 bits) and of the host.
#pragma once
#include <algorithm>
#include <cstdint>
#include <ctime>

#include "wasi/types.h"

namespace wasmc::wasi {

inline constexpr uint64_t kNanosPerSecond = 1'000'000'000;

/// Saturates: a time before 1970 is 0, one after 2554 the largest number.
inline uint64_t to_nanos(const timespec &time) {
  if (time.tv_sec < 0) return 0;
  uint64_t seconds = static_cast<uint64_t>(time.tv_sec);
  if (seconds > (UINT64_MAX - kNanosPerSecond) / kNanosPerSecond) return UINT64_MAX;
  return seconds * kNanosPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

inline timespec to_timespec(uint64_t nanos) {
  return {.tv_sec = static_cast<time_t>(nanos / kNanosPerSecond), .tv_nsec = static_cast<long>(nanos % kNanosPerSecond)};
}

inline Or<clockid_t> host_clock(uint32_t clock) {
  switch (ClockId(clock)) {
    case ClockId::Realtime: return CLOCK_REALTIME;
    case ClockId::Monotonic: return CLOCK_MONOTONIC;
    case ClockId::ProcessCputime: return CLOCK_PROCESS_CPUTIME_ID;
    case ClockId::ThreadCputime: return CLOCK_THREAD_CPUTIME_ID;
  }
  return refuse(Errno::Inval);
}

}  // namespace wasmc::wasi
