// Integers of 8 to 128 bits: arithmetic, division, shifts, rotates, bit counting, conversions, all on awkward values.
//
//: run
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static const int64_t awkward[] = {0, 1, -1, 2, 7, -7, 10, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536, INT32_MAX, INT32_MIN,
                                  UINT32_MAX, 4294967296, INT64_MAX, INT64_MIN, INT64_MIN + 1, 0x123456789abcdef0, -0x0fedcba987654321};
enum { kCount = sizeof awkward / sizeof awkward[0] };

static uint64_t hash = 14695981039346656037u;
static void mix(uint64_t value) { hash = (hash ^ value) * 1099511628211u; }

__attribute__((noinline)) static void pair64(int64_t a, int64_t b) {
  uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  mix(ua + ub), mix(ua - ub), mix(ua * ub), mix(ua & ub), mix(ua | ub), mix(ua ^ ub);
  mix(ua << (ub & 63)), mix(ua >> (ub & 63)), mix((uint64_t)(a >> (b & 63)));
  mix(ua << (ub & 63) | ua >> (-ub & 63)), mix(a < b), mix(ua < ub);
  if (b != 0) mix(ua / ub), mix(ua % ub);
  if (b != 0 && !(a == INT64_MIN && b == -1)) mix((uint64_t)(a / b)), mix((uint64_t)(a % b));
}

__attribute__((noinline)) static void pair32(int32_t a, int32_t b) {
  uint32_t ua = (uint32_t)a, ub = (uint32_t)b;
  mix(ua + ub), mix(ua - ub), mix(ua * ub), mix(ua << (ub & 31)), mix(ua >> (ub & 31)), mix((uint32_t)(a >> (b & 31)));
  mix(ua << (ub & 31) | ua >> (-ub & 31)), mix((uint64_t)((int64_t)a * b)), mix((uint64_t)ua * ub);
  if (b != 0) mix(ua / ub), mix(ua % ub);
  if (b != 0 && !(a == INT32_MIN && b == -1)) mix((uint32_t)(a / b)), mix((uint32_t)(a % b));
}

__attribute__((noinline)) static void narrow(int64_t a) {
  mix((uint64_t)(int8_t)a), mix((uint64_t)(int16_t)a), mix((uint64_t)(int32_t)a), mix((uint8_t)a), mix((uint16_t)a), mix((uint32_t)a);
  uint64_t u = (uint64_t)a;
  if (u) mix((uint64_t)__builtin_clzll(u)), mix((uint64_t)__builtin_ctzll(u));
  mix((uint64_t)__builtin_popcountll(u)), mix(__builtin_bswap64(u)), mix(__builtin_bswap32((uint32_t)u));
}

__attribute__((noinline)) static void wide(int64_t a, int64_t b) {
  __int128 product = (__int128)a * b;
  unsigned __int128 unsigned_product = (unsigned __int128)(uint64_t)a * (uint64_t)b;
  mix((uint64_t)product), mix((uint64_t)(product >> 64)), mix((uint64_t)(unsigned_product >> 64));
  if (b != 0) mix((uint64_t)(unsigned_product / (uint64_t)b)), mix((uint64_t)(product % b));
}

__attribute__((noinline)) static int overflows(int64_t a, int64_t b) {
  int64_t out;
  int32_t out32;
  return __builtin_add_overflow(a, b, &out) + 2 * __builtin_sub_overflow(a, b, &out) + 4 * __builtin_mul_overflow(a, b, &out) +
         8 * __builtin_mul_overflow((int32_t)a, (int32_t)b, &out32);
}

int main(void) {
  for (int i = 0; i < kCount; i++) {
    narrow(awkward[i]);
    for (int j = 0; j < kCount; j++) {
      pair64(awkward[i], awkward[j]);
      pair32((int32_t)awkward[i], (int32_t)awkward[j]);
      wide(awkward[i], awkward[j]);
      mix((uint64_t)overflows(awkward[i], awkward[j]));
    }
    printf("%20" PRId64 " %016" PRIx64 "\n", awkward[i], hash);
  }
  return 0;
}
