// SHA-256 of a long message, in blocks: rotations, additions, a schedule in memory, all unrollable.
#include "bench.h"

static uint32_t round_constants[64];

static uint32_t rotated(uint32_t x, uint32_t n) { return x >> n | x << (32 - n); }

static unsigned __int128 power(uint64_t base, uint32_t exponent) {
  unsigned __int128 out = 1;
  while (exponent-- > 0) out *= base;
  return out;
}

// The first 32 bits of the fractional part of a small prime's square or cube root, bit by bit.
static uint32_t root_fraction(uint32_t prime, uint32_t root) {
  uint64_t found = 0;  // 32 bits before the point and 32 behind
  for (uint64_t bit = (uint64_t)1 << 37; bit; bit >>= 1)
    if (power(found | bit, root) <= (unsigned __int128)prime << (32 * root)) found |= bit;
  return (uint32_t)found;
}

static void fill_constants(uint32_t *state) {
  uint32_t count = 0;
  for (uint32_t n = 2; count < 64; n++) {
    int composite = 0;
    for (uint32_t d = 2; d * d <= n; d++) composite |= n % d == 0;
    if (composite) continue;
    if (count < 8) state[count] = root_fraction(n, 2);
    round_constants[count++] = root_fraction(n, 3);
  }
}

static void compress(uint32_t *state, const uint8_t *block) {
  uint32_t w[64];
  for (int32_t i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
           block[4 * i + 3];
  for (int32_t i = 16; i < 64; i++) {
    uint32_t s0 = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6],
           h = state[7];
  for (int32_t i = 0; i < 64; i++) {
    uint32_t s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25), choice = (e & f) ^ (~e & g);
    uint32_t t1 = h + s1 + choice + round_constants[i] + w[i];
    uint32_t s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22), majority = (a & b) ^ (a & c) ^ (b & c);
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + s0 + majority;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g,
      state[7] += h;
}

int main(int argc, char **argv) {
  uint32_t megabytes = size_argument(argc, argv, 110), state[8], seed = 1;
  enum { kLength = 1 << 16 };
  static uint8_t message[kLength];
  fill_constants(state);
  for (uint32_t i = 0; i < kLength; i++) message[i] = (uint8_t)next_random(&seed);
  for (uint32_t i = 0; i < megabytes * 16; i++)
    for (uint32_t at = 0; at < kLength; at += 64) compress(state, message + at);
  uint64_t checksum = CHECKSUM_START;
  for (int32_t i = 0; i < 8; i++) checksum = add_to_checksum(checksum, state[i]);
  return report(checksum);
}
