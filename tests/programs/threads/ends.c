// One thread ends the program while others sleep, read, wait and spin, none of which would end by itself: the process must end with
// it, and with its code. The arguments: how it ends, and by whom.
//
//: run unreachable thread
//: stdin-silent
//: no-dir
//: trap unreachable
//: frame end_now
//: run unreachable main
//: stdin-silent
//: no-dir
//: trap unreachable
//: run load thread
//: stdin-silent
//: no-dir
//: trap out of bounds memory access
//: run stack thread
//: stdin-silent
//: no-dir
//: trap call stack exhausted
//: run stack main
//: stdin-silent
//: no-dir
//: trap call stack exhausted
//: run divide all
//: stdin-silent
//: no-dir
//: trap integer divide by zero
//: run exit thread
//: stdin-silent
//: no-dir
//: exit 42
//: run exit main
//: stdin-silent
//: no-dir
//: exit 42
//: run exit all
//: stdin-silent
//: no-dir
//: exit 42
//: run return main
//: stdin-silent
//: no-dir
#include "thread.h"

enum { BLOCKED = 12, ENDING = 8 };

static _Atomic int32_t blocking, ending, never;
static const char *how;

static void block(void *argument) {
  uint8_t byte;
  uint32_t size;
  __wasi_iovec_t part = {&byte, 1};
  __wasi_subscription_t in = {.u = {.tag = __WASI_EVENTTYPE_FD_READ}};
  __wasi_event_t out;
  blocking++;
  wake(&blocking, 1);
  switch ((uintptr_t)argument % 5) {
    case 0: sleep_for(3600000000000); break;
    case 1: fd_read(0, &part, 1, &size); break;
    case 2: poll_oneoff(&in, &out, 1, &size); break;
    case 3: wait_while(&never, 0); break;
    default:
      while (!never) {}
  }
  print("a thread goes on\n");
}

__attribute__((noinline)) static int deeper(int depth) {
  int below = deeper(depth + 1);
  __asm__ volatile("" : "+r"(below));  // so that this stays a recursion
  return below + depth;
}

__attribute__((noinline)) static int end_now(void) {
  int one = 1, zero = 0;
  __asm__ volatile("" : "+r"(one), "+r"(zero));  // a trap is undefined behaviour in C: hidden from the optimiser
  if (same(how, "unreachable")) __builtin_trap();
  if (same(how, "load")) return *(volatile int *)0x7fff0000;
  if (same(how, "stack")) return deeper(0);
  if (same(how, "divide")) return one / zero;
  if (same(how, "exit")) proc_exit(42);
  return 0;
}

static void end_in_thread(void *argument) { end_now(); }

// All at the same moment: there is one report and one exit code.
static void end_together(void *argument) {
  ending++;
  while (ending < ENDING) {}
  end_now();
}

static int run(int argc, char **argv) {
  how = argv[1];
  start_all(BLOCKED, block);
  for (int32_t now; (now = blocking) < BLOCKED;) wait_while(&blocking, now);
  sleep_for(20000000);  // most will be where they block; nothing depends on it
  print("all are blocked\n");
  if (same(argv[2], "main")) return end_now();
  bool all = same(argv[2], "all");
  for (uint32_t i = 0; i < (all ? ENDING : 1); i++)
    if (start(BLOCKED + i, all ? end_together : end_in_thread, NULL) < 0) print("a thread did not start\n");
  join(BLOCKED);
  print("after the end\n");
  return 1;
}
