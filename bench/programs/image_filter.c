// A blur and an edge filter over bytes with saturation: widening loads, sums, narrowing stores.
#include "bench.h"

enum { kWidth = 1024, kHeight = 768 };
static uint8_t image[kHeight][kWidth], blurred[kHeight][kWidth], edges[kHeight][kWidth];

static void blur(void) {
  for (int32_t y = 1; y < kHeight - 1; y++)
    for (int32_t x = 1; x < kWidth - 1; x++) {
      uint32_t corners = image[y - 1][x - 1] + image[y - 1][x + 1] + image[y + 1][x - 1] + image[y + 1][x + 1];
      uint32_t sides = image[y - 1][x] + image[y + 1][x] + image[y][x - 1] + image[y][x + 1];
      blurred[y][x] = (uint8_t)((corners + 2 * sides + 4 * image[y][x] + 8) >> 4);
    }
}

static void find_edges(void) {
  for (int32_t y = 1; y < kHeight - 1; y++)
    for (int32_t x = 1; x < kWidth - 1; x++) {
      int32_t across = blurred[y][x + 1] - blurred[y][x - 1], down = blurred[y + 1][x] - blurred[y - 1][x];
      int32_t strength = (across < 0 ? -across : across) + (down < 0 ? -down : down);
      edges[y][x] = (uint8_t)(strength > 255 ? 255 : strength);
    }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 400), state = 1;
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
