// Clocks. The precision that a guest asks for is not needed: the host's clocks cost the same at their best.
#include <ctime>

#include "wasi/functions.h"
#include "wasi/times.h"

namespace wasmc::wasi {

Or<> clock_res_get(Context &, GuestMemory memory, uint32_t clock, uint32_t resolution_out) {
  auto out = TRY(memory.cell<uint64_t>(resolution_out));
  timespec resolution;
  if (clock_getres(TRY(host_clock(clock)), &resolution) != 0) return refuse_host();
  out.store(to_nanos(resolution));
  return {};
}

Or<> clock_time_get(Context &, GuestMemory memory, uint32_t clock, uint64_t, uint32_t time_out) {
  auto out = TRY(memory.cell<uint64_t>(time_out));
  timespec now;
  if (clock_gettime(TRY(host_clock(clock)), &now) != 0) return refuse_host();
  out.store(to_nanos(now));
  return {};
}

}  // namespace wasmc::wasi
