// A radix-2 Fourier transform in place and back: strided double-precision loads and stores. The roots of unity come
// from half-angle formulas, because sin and cos differ between C libraries.
#include <math.h>

#include "bench.h"

struct complex {
  double re, im;
};

static void fill_roots(struct complex *roots, uint32_t n) {
  roots[0] = (struct complex){1, 0};
  double re = -1, im = 0;  // the root of the angle pi, halved in each round
  for (uint32_t step = n / 2; step >= 1; step /= 2) {
    for (uint32_t i = 0; i < n; i += 2 * step)
      roots[i + step] = (struct complex){roots[i].re * re - roots[i].im * im, roots[i].re * im + roots[i].im * re};
    double half = sqrt((1 + re) / 2);
    im = step == n / 2 ? 1 : im / (2 * half);
    re = half;
  }
}

static void reorder(struct complex *data, uint32_t n) {
  for (uint32_t i = 1, j = 0; i < n; i++) {
    uint32_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      struct complex swapped = data[i];
      data[i] = data[j];
      data[j] = swapped;
    }
  }
}

// roots[k] is the unit circle's point k / n of the way round.
static void transform(struct complex *data, uint32_t n, const struct complex *roots, double sign) {
  reorder(data, n);
  for (uint32_t half = 1; half < n; half *= 2) {
    uint32_t stride = n / (2 * half);
    for (uint32_t base = 0; base < n; base += 2 * half)
      for (uint32_t k = 0; k < half; k++) {
        struct complex *a = &data[base + k], *b = a + half, w = roots[k * stride];
        w.im *= sign;
        double re = b->re * w.re - b->im * w.im, im = b->re * w.im + b->im * w.re;
        b->re = a->re - re;
        b->im = a->im - im;
        a->re += re;
        a->im += im;
      }
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 3000), n = 1 << 12, state = 1;
  struct complex *data = must_allocate(n * sizeof *data), *roots = must_allocate(n * sizeof *roots);
  fill_roots(roots, n);
  for (uint32_t i = 0; i < n; i++) data[i] = (struct complex){next_random(&state) % 1000 / 1000.0, 0};
  for (uint32_t round = 0; round < rounds; round++) {
    transform(data, n, roots, 1);
    transform(data, n, roots, -1);
    for (uint32_t i = 0; i < n; i++) data[i].re /= n, data[i].im /= n;
  }
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < n; i++) checksum = add_double(add_double(checksum, data[i].re), data[i].im);
  return report(checksum);
}
