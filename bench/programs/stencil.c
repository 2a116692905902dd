// Jacobi iteration on a square grid: five loads, one store, two arrays from the heap whose distance the compiler does
// not know.
#include "bench.h"

static void relax(const double *from, double *to, uint32_t n) {
  for (uint32_t i = 1; i < n - 1; i++)
    for (uint32_t j = 1; j < n - 1; j++)
      to[i * n + j] = 0.2 * (from[i * n + j] + from[i * n + j - 1] + from[i * n + j + 1] + from[(i - 1) * n + j] +
                             from[(i + 1) * n + j]);
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 1500), n = 600;
  double *from = must_allocate(n * n * sizeof *from), *to = must_allocate(n * n * sizeof *to);
  for (uint32_t i = 0; i < n * n; i++) from[i] = to[i] = i * 7919 % 1009 / 1009.0;
  for (uint32_t round = 0; round < rounds; round++) {
    relax(from, to, n);
    double *swapped = from;
    from = to;
    to = swapped;
  }
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < n * n; i++) checksum = add_double(checksum, from[i]);
  return report(checksum);
}
