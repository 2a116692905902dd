// Pancake flips over all permutations of n: tiny loops over a small array, every index from memory.
#include "bench.h"

enum { kMost = 16 };

static int32_t count_flips(const int32_t *permutation, int32_t n) {
  int32_t flipped[kMost], flips = 0;
  for (int32_t i = 0; i < n; i++) flipped[i] = permutation[i];
  for (int32_t first; (first = flipped[0]) != 0; flips++)
    for (int32_t low = 0, high = first; low < high; low++, high--) {
      int32_t kept = flipped[low];
      flipped[low] = flipped[high];
      flipped[high] = kept;
    }
  return flips;
}

// The next permutation in the order of rotated prefixes; 0 after the last.
static int next_permutation(int32_t *permutation, int32_t *count, int32_t n) {
  for (int32_t prefix = 1; prefix < n; prefix++) {
    int32_t first = permutation[0];
    for (int32_t i = 0; i < prefix; i++) permutation[i] = permutation[i + 1];
    permutation[prefix] = first;
    if (++count[prefix] <= prefix) return 1;
    count[prefix] = 0;
  }
  return 0;
}

int main(int argc, char **argv) {
  int32_t n = (int32_t)size_argument(argc, argv, 10), permutation[kMost], count[kMost] = {0}, most = 0, checksum = 0;
  if (n > kMost) n = kMost;
  for (int32_t i = 0; i < n; i++) permutation[i] = i;
  uint32_t number = 0;
  do {
    int32_t flips = count_flips(permutation, n);
    if (flips > most) most = flips;
    checksum += number++ % 2 == 0 ? flips : -flips;
  } while (next_permutation(permutation, count, n));
  return report(add_to_checksum(add_to_checksum(CHECKSUM_START, (uint32_t)checksum), (uint32_t)most));
}
