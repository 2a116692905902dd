// SHA-256 (FIPS 180-4), CRC-32 and Adler-32 over generated data: integer loops with rotates and tables.
//
//: run
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The constants are the fractional parts of the cube roots (k) and square roots (h) of the first primes; found by integer search.
static uint32_t k[64], h[8];

static uint32_t root_fraction(unsigned prime, int power) {
  // The largest 34-bit x with x^power <= prime * 2^(32*power); its low 32 bits are the fraction.
  uint64_t x = 0;
  for (int bit = 37; bit >= 0; bit--) {
    unsigned __int128 t = x | (uint64_t)1 << bit, p = t * t;
    if (power == 3) {
      // Compare p * t with prime << 96 without 128-bit overflow: p / 2^32 loses less than one unit.
      if ((p >> 16) * t >> 48 < (unsigned __int128)prime << 32) x = (uint64_t)t;
    } else if (p <= (unsigned __int128)prime << 64) {
      x = (uint64_t)t;
    }
  }
  return (uint32_t)x;
}

static void constants(void) {
  int found = 0;
  for (unsigned n = 2; found < 64; n++) {
    int prime = 1;
    for (unsigned d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    if (found < 8) h[found] = root_fraction(n, 2);
    k[found++] = root_fraction(n, 3);
  }
}

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void block(uint32_t state[8], const uint8_t *in) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)in[i * 4] << 24 | (uint32_t)in[i * 4 + 1] << 16 | (uint32_t)in[i * 4 + 2] << 8 | in[i * 4 + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = s[7] + (rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
    uint32_t t2 = (rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof s[0]);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

static void sha256(const uint8_t *data, size_t size) {
  uint32_t state[8];
  memcpy(state, h, sizeof state);
  size_t rest = size % 64;
  for (size_t i = 0; i + 64 <= size; i += 64) block(state, data + i);
  uint8_t tail[128] = {0};
  memcpy(tail, data + size - rest, rest);
  tail[rest] = 0x80;
  size_t end = rest < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) tail[end - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
  for (size_t i = 0; i < end; i += 64) block(state, tail + i);
  printf("sha256 ");
  for (int i = 0; i < 8; i++) printf("%08x", state[i]);
  puts("");
}

static uint32_t crc32(const uint8_t *data, size_t size) {
  static uint32_t table[256];
  for (uint32_t i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++) table[i] = table[i] >> 1 ^ (0xedb88320 & -(table[i] & 1));
  }
  uint32_t crc = ~0u;
  while (size-- > 0) crc = table[(crc ^ *data++) & 255] ^ crc >> 8;
  return ~crc;
}

static uint32_t adler32(const uint8_t *data, size_t size) {
  uint32_t a = 1, b = 0;
  while (size-- > 0) a = (a + *data++) % 65521, b = (b + a) % 65521;
  return b << 16 | a;
}

int main(void) {
  constants();
  sha256((const uint8_t *)"", 0);
  sha256((const uint8_t *)"abc", 3);
  size_t size = 1000003;
  uint8_t *data = malloc(size);
  uint32_t state = 1;
  for (size_t i = 0; i < size; i++) state = state * 69069 + 1, data[i] = (uint8_t)(state >> 24);
  sha256(data, size);
  printf("crc32 %08x adler32 %08x\n", crc32(data, size), adler32(data, size));
  return 0;
}
