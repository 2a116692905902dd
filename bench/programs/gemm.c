// Matrix product of doubles over arrays of fixed size: the loop that every native compiler vectorises.
#include "bench.h"

enum { kSize = 320 };
static double a[kSize][kSize], b[kSize][kSize], c[kSize][kSize];

static void multiply(double alpha) {
  for (int32_t i = 0; i < kSize; i++)
    for (int32_t k = 0; k < kSize; k++)
      for (int32_t j = 0; j < kSize; j++) c[i][j] += alpha * a[i][k] * b[k][j];
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 40);
  for (int32_t i = 0; i < kSize; i++)
    for (int32_t j = 0; j < kSize; j++) {
      a[i][j] = (i * j + 1) % kSize / (double)kSize;
      b[i][j] = i * (j + 1) % kSize / (double)kSize;
    }
  for (uint32_t i = 0; i < rounds; i++) multiply(1.0 / (i + 1));
  uint64_t checksum = CHECKSUM_START;
  for (int32_t i = 0; i < kSize; i++)
    for (int32_t j = 0; j < kSize; j++) checksum = add_double(checksum, c[i][j]);
  return report(checksum);
}
