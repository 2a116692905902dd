// LU decomposition with rows on the heap, with partial pivoting: row operations through pointers, triangular loops.
#include <math.h>

#include "bench.h"

static uint32_t pivot_row(double **rows, uint32_t n, uint32_t k) {
  uint32_t best = k;
  for (uint32_t i = k + 1; i < n; i++)
    if (fabs(rows[i][k]) > fabs(rows[best][k])) best = i;
  return best;
}

static void decompose(double **rows, uint32_t n) {
  for (uint32_t k = 0; k < n; k++) {
    uint32_t pivot = pivot_row(rows, n, k);
    double *top = rows[pivot];
    rows[pivot] = rows[k];
    rows[k] = top;
    for (uint32_t i = k + 1; i < n; i++) {
      double factor = rows[i][k] /= top[k];
      for (uint32_t j = k + 1; j < n; j++) rows[i][j] -= factor * top[j];
    }
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 25), n = 500, state = 1;
  double **rows = must_allocate(n * sizeof *rows);
  for (uint32_t i = 0; i < n; i++) rows[i] = must_allocate(n * sizeof **rows);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < n; i++)
      for (uint32_t j = 0; j < n; j++) rows[i][j] = next_random(&state) % 2000 / 1000.0 - 1;
    decompose(rows, n);
    for (uint32_t i = 0; i < n; i++) checksum = add_double(checksum, rows[i][i]);
  }
  return report(checksum);
}
