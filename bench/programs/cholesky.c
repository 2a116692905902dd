// The Cholesky factor of a matrix in single precision: dot products of rows, triangular loops.
#include <math.h>

#include "bench.h"

static float dot(const float *a, const float *b, uint32_t count) {
  // Four sums, as one writes it where the compiler may not reorder.
  float sums[4] = {0, 0, 0, 0};
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (uint32_t k = 0; k < 4; k++) sums[k] += a[i + k] * b[i + k];
  for (; i < count; i++) sums[0] += a[i] * b[i];
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}

static void factor(float *matrix, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    float *row = matrix + i * n;
    for (uint32_t j = 0; j < i; j++) row[j] = (row[j] - dot(row, matrix + j * n, j)) / matrix[j * n + j];
    row[i] = sqrtf(row[i] - dot(row, row, i));
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 25), n = 600, state = 1;
  float *matrix = must_allocate(n * n * sizeof *matrix);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = 0; j <= i; j++) matrix[i * n + j] = i == j ? (float)n : (float)(next_random(&state) % 100) / 100.0f;
    factor(matrix, n);
    for (uint32_t i = 0; i < n; i++) checksum = add_double(checksum, matrix[i * n + i]);
  }
  return report(checksum);
}
