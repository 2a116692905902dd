// Threads that grow the memory while others use it: no growth is lost, each gets pages of its own, zeroed, and all see them.
//
//: run
//: no-dir
#include "thread.h"

enum { THREADS = 6, GROWTHS = 50, PAGE = 1 << 16 };

static uint32_t pages[THREADS][GROWTHS];
static _Atomic uint32_t failures, dirty;

static void grow(void *argument) {
  uint32_t thread = (uint32_t)(uintptr_t)argument;
  for (int i = 0; i < GROWTHS; i++) {
    size_t page = __builtin_wasm_memory_grow(0, 1);
    if (page == SIZE_MAX) {
      failures++;
      continue;
    }
    pages[thread][i] = (uint32_t)page;
    uint32_t *words = (uint32_t *)(page * PAGE);
    for (uint32_t j = 0; j < PAGE / 4; j += 97) {
      dirty += words[j] != 0;
      words[j] = thread * GROWTHS + (uint32_t)i + 1;
    }
  }
}

static int run(int argc, char **argv) {
  size_t before = __builtin_wasm_memory_size(0);
  start_all(THREADS, grow);
  join_all(THREADS);
  uint32_t right = 0;
  for (uint32_t thread = 0; thread < THREADS; thread++)
    for (uint32_t i = 0; i < GROWTHS; i++) {
      const uint32_t *words = (const uint32_t *)((size_t)pages[thread][i] * PAGE);
      uint32_t wrong = 0;
      for (uint32_t j = 0; j < PAGE / 4; j += 97) wrong += words[j] != thread * GROWTHS + i + 1;
      right += wrong == 0;
    }
  print_number("failures", failures);
  print_number("grown by", __builtin_wasm_memory_size(0) - before);
  print_number("pages that are whole", right);
  print_number("words that were not zero", dirty);
  size_t size = __builtin_wasm_memory_size(0);
  print_number("beyond the maximum", __builtin_wasm_memory_grow(0, 1 << 15) != SIZE_MAX);
  print_number("and nothing changed", __builtin_wasm_memory_size(0) == size);
  return 0;
}
