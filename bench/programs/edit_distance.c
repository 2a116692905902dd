// Dynamic programming: the edit distance of two texts, row by row, each cell from three neighbours.
#include "bench.h"

enum { kLength = 4000 };
static char first[kLength], second[kLength];
static uint32_t rows[2][kLength + 1];

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t distance(void) {
  for (uint32_t j = 0; j <= kLength; j++) rows[0][j] = j;
  for (uint32_t i = 0; i < kLength; i++) {
    const uint32_t *above = rows[i & 1];
    uint32_t *here = rows[~i & 1];
    here[0] = i + 1;
    for (uint32_t j = 0; j < kLength; j++) {
      uint32_t changed = above[j] + (first[i] != second[j]);
      here[j + 1] = least(changed, least(above[j + 1], here[j]) + 1);
    }
  }
  return rows[kLength & 1][kLength];
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 20), state = 1;
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < kLength; i++) {
      first[i] = (char)('a' + next_random(&state) % 4);
      second[i] = next_random(&state) % 8 ? first[i] : 'x';
    }
    checksum = add_to_checksum(checksum, distance());
  }
  return report(checksum);
}
