// Heat in a cube: seven loads and a store per cell, three nested loops over global arrays.
#include "bench.h"

enum { kSize = 120 };
static double heat[kSize][kSize][kSize], next[kSize][kSize][kSize];

static void step(double from[kSize][kSize][kSize], double to[kSize][kSize][kSize]) {
  for (int32_t i = 1; i < kSize - 1; i++)
    for (int32_t j = 1; j < kSize - 1; j++)
      for (int32_t k = 1; k < kSize - 1; k++)
        to[i][j][k] = 0.125 * (from[i + 1][j][k] - 2.0 * from[i][j][k] + from[i - 1][j][k]) +
                      0.125 * (from[i][j + 1][k] - 2.0 * from[i][j][k] + from[i][j - 1][k]) +
                      0.125 * (from[i][j][k + 1] - 2.0 * from[i][j][k] + from[i][j][k - 1]) + from[i][j][k];
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 100), state = 1;
  for (int32_t i = 0; i < kSize; i++)
    for (int32_t j = 0; j < kSize; j++)
      for (int32_t k = 0; k < kSize; k++) heat[i][j][k] = next[i][j][k] = next_random(&state) % 1000 / 10.0;
  for (uint32_t round = 0; round < rounds; round++) {
    step(heat, next);
    step(next, heat);
  }
  uint64_t checksum = CHECKSUM_START;
  for (int32_t i = 0; i < kSize; i++)
    for (int32_t j = 0; j < kSize; j++) checksum = add_double(checksum, heat[i][j][j]);
  return report(checksum);
}
