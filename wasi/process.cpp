// The process: leaving it, random bytes, yielding.
#include <sched.h>
#include <sys/random.h>

#include "wasi/functions.h"

namespace wasmc::wasi {

TrapOr<> proc_exit(Context &, uint32_t status) { return std::unexpected(Trap::exit(static_cast<int32_t>(status))); }

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
