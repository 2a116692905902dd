// The Mandelbrot set: double-precision arithmetic in registers, a loop with an early exit.
#include "bench.h"

static uint32_t iterations(double re, double im, uint32_t limit) {
  double x = 0, y = 0;
  uint32_t i = 0;
  for (; i < limit; i++) {
    double xx = x * x, yy = y * y;
    if (xx + yy > 4) break;
    y = 2 * x * y + im;
    x = xx - yy + re;
  }
  return i;
}

int main(int argc, char **argv) {
  uint32_t size = size_argument(argc, argv, 1000);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t row = 0; row < size; row++)
    for (uint32_t column = 0; column < size; column++)
      checksum = add_to_checksum(checksum, iterations(column * 3.0 / size - 2.25, row * 3.0 / size - 1.5, 500));
  return report(checksum);
}
