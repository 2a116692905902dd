// Sieve of Eratosthenes over bytes: strided stores and a counting scan.
#include "bench.h"

static uint32_t count_primes(uint8_t *composite, uint32_t n) {
  memset(composite, 0, n);
  for (uint32_t i = 2; i * i < n; i++)
    if (!composite[i])
      for (uint32_t j = i * i; j < n; j += i) composite[j] = 1;
  uint32_t count = 0;
  for (uint32_t i = 2; i < n; i++) count += !composite[i];
  return count;
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 250), n = 1000000;
  uint8_t *composite = must_allocate(n);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t i = 0; i < rounds; i++) checksum = add_to_checksum(checksum, count_primes(composite, n - i));
  return report(checksum);
}
