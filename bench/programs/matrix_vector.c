// A matrix and its transpose times vectors: one pass along rows, one down columns, and a rank-two update.
#include "bench.h"

static void update(double *matrix, const double *u, const double *v, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) matrix[i * n + j] += u[i] * v[j] - v[i] * u[j];
}

static void times_transposed(const double *matrix, const double *in, double *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++) out[j] += 0.001 * matrix[i * n + j] * in[i];
}

static void times(const double *matrix, const double *in, double *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < n; j++) sum += matrix[i * n + j] * in[j];
    out[i] = 0.001 * sum;
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 600), n = 500, state = 1;
  double *matrix = must_allocate(n * n * sizeof *matrix), *u = must_allocate(n * sizeof *u), *v = must_allocate(n * sizeof *v);
  for (uint32_t i = 0; i < n * n; i++) matrix[i] = next_random(&state) % 100 / 1000.0;
  for (uint32_t i = 0; i < n; i++) u[i] = v[i] = next_random(&state) % 100 / 100.0;
  for (uint32_t round = 0; round < rounds; round++) {
    update(matrix, u, v, n);
    times_transposed(matrix, u, v, n);
    times(matrix, v, u, n);
    for (uint32_t i = 0; i < n; i++) {
      u[i] = u[i] / (1 + u[i] * u[i]);
      v[i] = v[i] / (1 + v[i] * v[i]);
    }
  }
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < n; i++) checksum = add_double(checksum, u[i] + v[i]);
  return report(checksum);
}
