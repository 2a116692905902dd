// The process: leaving it, random bytes, yielding.
#include <sched.h>
#include <sys/random.h>

#include "wasi/functions.h"

namespace wasmc::wasi {
namespace {

/// witx `signal`: what a signal does to a process that has no handler for it. A guest cannot have one.
enum class Action : uint8_t { Unknown, Ignore, Stop, Terminate };

Action default_action(uint32_t signal) {
  constexpr uint32_t kNone = 0, kChld = 16, kCont = 17, kStop = 18, kTtou = 21, kUrg = 22, kWinch = 27, kSys = 30;
  if (signal > kSys) return Action::Unknown;
  if (signal >= kStop && signal <= kTtou) return Action::Stop;
  for (uint32_t ignored : {kNone, kChld, kCont, kUrg, kWinch})
    if (signal == ignored) return Action::Ignore;
  return Action::Terminate;
}

/// What a shell adds to a signal's number to say that it ended a process.
constexpr int32_t kExitOfSignals = 128;

/// WASI's numbers are Linux's without 16 (SIGSTKFLT).
int32_t host_number(uint32_t signal) { return static_cast<int32_t>(signal < 16 ? signal : signal + 1); }

}  // namespace


TrapOr<> proc_exit(Context &, uint32_t status) { return std::unexpected(Trap::exit(static_cast<int32_t>(status))); }

TrapOr<Or<>> proc_raise(Context &, uint32_t signal) {
  switch (default_action(signal)) {
    case Action::Unknown: return Or<>(refuse(Errno::Inval));
    case Action::Ignore: return Or<>();
    case Action::Stop: return Or<>(refuse(Errno::Notsup));  // would stop the embedder
    case Action::Terminate: return std::unexpected(Trap::exit(kExitOfSignals + host_number(signal)));
  }
  __builtin_unreachable();
}

Or<> random_get(Context &, GuestMemory memory, uint32_t buffer, uint32_t buffer_len) {
  auto rest = TRY(memory.bytes(buffer, buffer_len));
  while (!rest.empty()) {  // the kernel hands out at most 32 MiB at a time
    ssize_t got = retry([&] { return getrandom(rest.data(), rest.size(), 0); });
    if (got < 0) return refuse_host();
    rest = rest.subspan(static_cast<size_t>(got));
  }
  return {};
}

Or<> sched_yield(Context &) {
  ::sched_yield();
  return {};
}

}  // namespace wasmc::wasi
