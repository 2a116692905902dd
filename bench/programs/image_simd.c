// image_filter.c's blur and edges, with the same result after as many rounds, for vectors of 16 bytes: loads that overlap, widening, saturation.
// wasm-flags: -msimd128
#include "bench.h"

typedef uint8_t Bytes __attribute__((vector_size(16)));
typedef uint16_t Words __attribute__((vector_size(32)));

enum { kWidth = 1024, kHeight = 768, kLanes = 16 };
static uint8_t image[kHeight][kWidth], blurred[kHeight][kWidth], edges[kHeight][kWidth];

static inline Bytes load(const uint8_t *from) {
  Bytes bytes;
  memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

static inline Words widen(const uint8_t *from) { return __builtin_convertvector(load(from), Words); }

static inline void store(uint8_t *to, Bytes bytes) { memcpy(to, &bytes, sizeof bytes); }

static inline Bytes blur_at(int32_t y, int32_t x) {
  const uint8_t *above = &image[y - 1][x], *here = &image[y][x], *below = &image[y + 1][x];
  Words corners = widen(above - 1) + widen(above + 1) + widen(below - 1) + widen(below + 1);
  Words sides = widen(above) + widen(below) + widen(here - 1) + widen(here + 1);
  return __builtin_convertvector((corners + 2 * sides + 4 * widen(here) + 8) >> 4, Bytes);
}

static inline Bytes difference(Bytes a, Bytes b) { return __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b); }

static inline Bytes edge_at(int32_t y, int32_t x) {
  Bytes across = difference(load(&blurred[y][x + 1]), load(&blurred[y][x - 1]));
  return __builtin_elementwise_add_sat(across, difference(load(&blurred[y + 1][x]), load(&blurred[y - 1][x])));
}

// What is left of a row is done by vectors that overlap the ones before.
static void blur(void) {
  for (int32_t y = 1; y < kHeight - 1; y++) {
    for (int32_t x = 1; x + kLanes < kWidth; x += kLanes) store(&blurred[y][x], blur_at(y, x));
    store(&blurred[y][kWidth - 1 - kLanes], blur_at(y, kWidth - 1 - kLanes));
  }
}

static void find_edges(void) {
  for (int32_t y = 1; y < kHeight - 1; y++) {
    for (int32_t x = 1; x + kLanes < kWidth; x += kLanes) store(&edges[y][x], edge_at(y, x));
    store(&edges[y][kWidth - 1 - kLanes], edge_at(y, kWidth - 1 - kLanes));
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 1600), state = 1;
  for (int32_t y = 0; y < kHeight; y++)
    for (int32_t x = 0; x < kWidth; x++) image[y][x] = (uint8_t)(next_random(&state) >> 8);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    blur();
    find_edges();
    checksum = add_to_checksum(checksum, edges[1 + round % 700][1 + round % 1000]);
    image[round % kHeight][round % kWidth] ^= 0xff;
  }
  for (int32_t y = 0; y < kHeight; y++)
    for (int32_t x = 0; x < kWidth; x++) checksum = add_to_checksum(checksum, edges[y][x]);
  return report(checksum);
}
