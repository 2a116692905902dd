// memory.atomic.wait and notify: what each answers, time limits, and that a notification wakes exactly whom it says.
//
//: run
//: no-dir
#include "thread.h"

enum { WAITERS = 6 };

static _Atomic int32_t cell, other, begun;
static _Atomic int64_t wide;
static _Atomic uint32_t woken[3];  // by what wait answered

static uint64_t now(void) {
  uint64_t time;
  return clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &time) ? 0 : time;
}

static int32_t wait32(_Atomic int32_t *at, int32_t expected, int64_t limit) {
  return __builtin_wasm_memory_atomic_wait32((int32_t *)at, expected, limit);
}
static int32_t wait64(_Atomic int64_t *at, int64_t expected, int64_t limit) {
  return __builtin_wasm_memory_atomic_wait64((int64_t *)at, expected, limit);
}

static void wait_once(void *argument) {
  begun++;
  if ((uintptr_t)argument % 2) woken[wait64(&wide, 0, FOREVER)]++;
  else woken[wait32(&cell, 0, FOREVER)]++;
}

static uint32_t all_woken(void) { return woken[0] + woken[1] + woken[2]; }

static int run(int argc, char **argv) {
  print_number("not what it should be", (uint64_t)wait32(&cell, 1, FOREVER));
  print_number("not what it should be, 64 bits", (uint64_t)wait64(&wide, 1LL << 32, FOREVER));
  uint64_t before = now();
  print_number("nobody comes", (uint64_t)wait32(&cell, 0, 20000000));
  print_number("waited", now() - before >= 20000000);
  print_number("no time at all", (uint64_t)wait64(&wide, 0, 0));
  print_number("nobody to wake", wake(&cell, UINT32_MAX));

  // Half of them wait at each cell. Who is not there yet is not woken, so it is tried until all have been.
  start_all(WAITERS, wait_once);
  uint32_t told = 0, too_many = 0, elsewhere = 0;
  while (told < WAITERS / 2) {
    uint32_t count = wake(&cell, 1);
    too_many += count > 1;
    told += count;
    elsewhere += wake(&other, UINT32_MAX);
    sched_yield();
  }
  while (told < WAITERS) told += wake((_Atomic int32_t *)&wide, UINT32_MAX);
  join_all(WAITERS);
  print_number("woken", all_woken());
  print_number("because of a notification", woken[0]);
  print_number("told", told);
  print_number("too many at once", too_many);
  print_number("woken elsewhere", elsewhere);
  return 0;
}
