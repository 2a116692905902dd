// The heap: many blocks of all sizes, each full of a pattern that is checked when it goes, realloc, calloc, alignment.
//
//: run
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kSlots = 2000 };
static struct {
  unsigned char *at;
  size_t size;
  unsigned char pattern;
} slots[kSlots];

static uint32_t state = 12345;
static uint32_t next(void) {
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  return state;
}

static int bad;
static void check(int i) {
  for (size_t k = 0; k < slots[i].size; k++) bad += slots[i].at[k] != slots[i].pattern;
}
static size_t some_size(void) {
  uint32_t kind = next() % 100;
  return kind < 70 ? 1 + next() % 64 : kind < 95 ? 1 + next() % 4096 : 1 + next() % 200000;
}

int main(void) {
  size_t total = 0;
  for (int round = 0; round < 60000; round++) {
    int i = (int)(next() % kSlots);
    size_t size = some_size();
    total += size;
    check(i);
    if (next() % 4 == 0 && slots[i].at) {
      size_t kept = size < slots[i].size ? size : slots[i].size;
      slots[i].at = realloc(slots[i].at, size);
      slots[i].size = kept;
      check(i);
    } else {
      free(slots[i].at);
      slots[i].at = malloc(size);
    }
    if (!slots[i].at) return puts("out of memory"), 1;
    slots[i].size = size;
    slots[i].pattern = (unsigned char)next();
    memset(slots[i].at, slots[i].pattern, size);
    bad += (uintptr_t)slots[i].at % 8 != 0;
  }
  for (int i = 0; i < kSlots; i++) check(i), free(slots[i].at);
  unsigned char *zeros = calloc(1000, 1000);
  for (int i = 0; i < 1000000; i++) bad += zeros[i] != 0;
  free(zeros);
  void *aligned = aligned_alloc(4096, 8192);
  bad += (uintptr_t)aligned % 4096 != 0;
  free(aligned);
  printf("%zu bytes allocated, %d bad\n", total, bad);
  return bad != 0;
}
