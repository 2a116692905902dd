// Eight threads add up: a part of the numbers each, a counter under a lock, an atomic one, and one of the thread's own.
//
//: run
//: no-dir
#include "thread.h"

enum { THREADS = 8, NUMBERS = 1 << 20, ROUNDS = 20000 };

static uint32_t numbers[NUMBERS];
static _Atomic uint64_t total;
static _Atomic uint32_t counted;
static struct mutex mutex;
static uint32_t locked_count, kept[THREADS];
static _Thread_local uint32_t own = 1000;

static void add(void *argument) {
  uint32_t part = (uint32_t)(uintptr_t)argument;
  uint64_t sum = 0;
  for (uint32_t i = part * (NUMBERS / THREADS); i < (part + 1) * (NUMBERS / THREADS); i++) sum += numbers[i];
  total += sum;
  for (int i = 0; i < ROUNDS; i++) {
    lock(&mutex);
    locked_count++;
    unlock(&mutex);
    counted++;
    own++;
  }
  kept[part] = own;
}

static int run(int argc, char **argv) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < NUMBERS; i++) sum += numbers[i] = i * 2654435761u;
  start_all(THREADS, add);
  join_all(THREADS);
  print_number("the same sum", total == sum);
  print_number("under a lock", locked_count);
  print_number("atomic", counted);
  uint32_t right = 0;
  for (int i = 0; i < THREADS; i++) right += kept[i] == 1000 + ROUNDS;
  print_number("each its own", right);
  print_number("the main thread's", own);
  return 0;
}
