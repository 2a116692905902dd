// Grows memory to 1.25 GB in steps and touches each, then asks for more than there can be.
// The reference is grow.expected: a native program has no memory.grow.
//
//: run
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 65536u
#define pages() __builtin_wasm_memory_size(0)
#define grow(n) __builtin_wasm_memory_grow(0, n)

int main(void) {
  const size_t first = pages();
  const size_t step = (32u << 20) / PAGE;
  int bad = 0;
  for (int i = 0; i < 40; i++) {
    size_t before = pages();
    if (grow(step) != before || pages() != before + step) bad++;
    uint32_t *begin = (uint32_t *)(before * PAGE), *last = (uint32_t *)((before + step) * PAGE - 4);
    bad += *begin != 0 || *last != 0;  // new memory is zero
    *begin = *last = (uint32_t)i + 1;
  }
  for (size_t i = 0; i < 40; i++) {
    bad += *(uint32_t *)((first + i * step) * PAGE) != i + 1;
    bad += *(uint32_t *)((first + (i + 1) * step) * PAGE - 4) != i + 1;
  }
  printf("grew by %zu MB, %d bad\n", (pages() - first) * PAGE >> 20, bad);
  printf("grow by 0: %s\n", grow(0) == pages() ? "the size" : "another number");
  printf("grow by 65536: %s\n", grow(65536) == SIZE_MAX ? "refused" : "allowed");
  size_t size = 300u << 20;
  char *block = malloc(size);
  if (!block) return puts("malloc failed"), 1;
  block[0] = 1, block[size - 1] = 2;
  memset(block + size / 2, 3, 1 << 20);
  printf("malloc of 300 MB: %d\n", block[0] + block[size - 1] + block[size / 2 + (1 << 20) - 1]);
  return bad != 0;
}
