// The spectral norm of an infinite matrix, cut off at n: integer address arithmetic, conversions and divisions in an
// inner product.
#include <math.h>

#include "bench.h"

static double entry(uint32_t i, uint32_t j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(uint32_t n, const double *in, double *out, int transposed) {
  for (uint32_t i = 0; i < n; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < n; j++) sum += (transposed ? entry(j, i) : entry(i, j)) * in[j];
    out[i] = sum;
  }
}

int main(int argc, char **argv) {
  uint32_t n = size_argument(argc, argv, 3000);
  double *u = must_allocate(n * sizeof *u), *v = must_allocate(n * sizeof *v), *t = must_allocate(n * sizeof *t);
  for (uint32_t i = 0; i < n; i++) u[i] = 1;
  for (int32_t round = 0; round < 10; round++) {
    times(n, u, t, 0);
    times(n, t, v, 1);
    times(n, v, t, 0);
    times(n, t, u, 1);
  }
  double uv = 0, vv = 0;
  for (uint32_t i = 0; i < n; i++) uv += u[i] * v[i], vv += v[i] * v[i];
  return report(add_double(CHECKSUM_START, sqrt(uv / vv)));
}
