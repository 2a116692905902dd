// Call-heavy code with several parameters and results that feed each other: Takeuchi's function, Ackermann's, and two
// functions that call each other.
#include "bench.h"

static int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

// Hofstadter's female and male sequences.
static int32_t male(int32_t n);
static int32_t female(int32_t n) { return n == 0 ? 1 : n - male(female(n - 1)); }
static int32_t male(int32_t n) { return n == 0 ? 0 : n - female(male(n - 1)); }

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 10);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < rounds; i++) {
    checksum = add_to_checksum(checksum, (uint32_t)takeuchi(20 + (int32_t)(i & 1), 12, 6));
    checksum = add_to_checksum(checksum, ackermann(3, 8));
    checksum = add_to_checksum(checksum, (uint32_t)female(130 + (int32_t)(i & 7)));
  }
  return report(checksum);
}
