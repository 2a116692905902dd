// All shortest paths: an integer minimum in three nested loops.
#include "bench.h"

enum { kSize = 500 };
static int32_t path[kSize][kSize];

static void shortest_paths(void) {
  for (int32_t k = 0; k < kSize; k++)
    for (int32_t i = 0; i < kSize; i++)
      for (int32_t j = 0; j < kSize; j++) {
        int32_t through = path[i][k] + path[k][j];
        path[i][j] = path[i][j] < through ? path[i][j] : through;
      }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 7), state = 1;
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int32_t i = 0; i < kSize; i++)
      for (int32_t j = 0; j < kSize; j++)
        path[i][j] = next_random(&state) % 11 ? 1000 : (int32_t)(next_random(&state) % 100);
    shortest_paths();
    for (int32_t i = 0; i < kSize; i++)
      for (int32_t j = 0; j < kSize; j++) checksum = add_to_checksum(checksum, (uint32_t)path[i][j]);
  }
  return report(checksum);
}
