// What the benchmark programs share: the size argument, a source of numbers, a checksum and its report. Types have
// fixed widths and no libm function beyond sqrt is used, so that a program prints the same for every target.
#pragma once
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t size_argument(int argc, char **argv, uint32_t fallback) {
  return argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : fallback;
}

// xorshift32; the state must not be zero.
static inline uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

#define CHECKSUM_START 0xcbf29ce484222325u

static inline uint64_t add_to_checksum(uint64_t checksum, uint64_t value) {
  return (checksum ^ value) * 0x100000001b3u;
}

static inline uint64_t add_double(uint64_t checksum, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return add_to_checksum(checksum, bits);
}

static inline int report(uint64_t checksum) {
  printf("%016" PRIx64 "\n", checksum);
  return 0;
}

// Memory, or the end of the program.
static inline void *must_allocate(size_t bytes) {
  void *memory = malloc(bytes);
  if (!memory) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  return memory;
}
