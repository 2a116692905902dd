// Products of 128 bits: by __int128, which Wasm has no instruction for, and put together from halves in the usual ways, and in ways that only look like those.
#include <stdint.h>
#include <stdio.h>

typedef unsigned __int128 Wide;
static uint64_t low(uint64_t x) { return x & 0xFFFFFFFF; }
static uint64_t high(uint64_t x) { return x >> 32; }

#define PRODUCT(name, ...) \
  __attribute__((noinline)) static uint64_t name(uint64_t a, uint64_t b, uint64_t *lower) { \
    uint64_t ll = low(a) * low(b), lh = low(a) * high(b), hl = high(a) * low(b), hh = high(a) * high(b); \
    __VA_ARGS__ \
  }
PRODUCT(by_carries, uint64_t t = hl + high(ll), u = lh + low(t); *lower = low(ll) | u << 32; return hh + high(t) + high(u);)
PRODUCT(crossed, uint64_t t = lh + high(ll), u = hl + low(t); *lower = (u << 32) + low(ll); return high(t) + (hh + high(u));)
PRODUCT(by_columns, uint64_t u = high(ll) + low(lh) + low(hl); *lower = low(ll) | u << 32; return hh + high(lh) + high(hl) + high(u);)
PRODUCT(columns_reordered, uint64_t u = low(hl) + (high(ll) + low(lh)); *lower = u << 32 | low(ll); return high(u) + (high(hl) + (high(lh) + hh)) + a;)
// Not products:
PRODUCT(wrong_half, uint64_t t = hl + high(ll), u = hl + low(t); *lower = low(ll) | u << 32; return hh + high(t) + high(u);)
PRODUCT(wrong_carry, uint64_t t = hl + high(ll), u = lh + low(t); *lower = low(ll) | t << 32; return hh + high(u) + high(u);)
PRODUCT(wrong_low, uint64_t t = hl + high(lh), u = lh + low(t); *lower = low(lh) | u << 32; return hh + high(t) + high(u);)
PRODUCT(wrong_top, uint64_t t = hl + high(ll), u = lh + low(t); *lower = low(hh) | u << 32; return ll + high(t) + high(u);)
PRODUCT(short_shift, uint64_t t = hl + (ll >> 31), u = lh + low(t); *lower = low(ll) | u << 31; return hh + high(t) + (u >> 31);)
PRODUCT(missing_column, uint64_t u = high(ll) + low(lh) + low(lh); *lower = low(ll) | u << 32; return hh + high(lh) + high(hl) + high(u);)
PRODUCT(narrow_mask, uint64_t t = hl + high(ll), u = lh + (t & 0x7FFFFFFF); *lower = (ll & 0xFFFFFFFE) | u << 32; return hh + high(t) + high(u);)
__attribute__((noinline)) static uint64_t square(uint64_t a, uint64_t b, uint64_t *lower) { return by_carries(a, a, lower) + b; }
__attribute__((noinline)) static uint64_t of_wide(uint64_t a, uint64_t b, uint64_t *lower) {
  Wide product = (Wide)a * b;
  *lower = (uint64_t)product;
  return (uint64_t)(product >> 64);
}
__attribute__((noinline)) static uint64_t of_signed(uint64_t a, uint64_t b, uint64_t *lower) {
  __int128 product = (__int128)(int64_t)a * (int64_t)b;
  *lower = (uint64_t)product;
  return (uint64_t)(product >> 64);
}
__attribute__((noinline)) static uint64_t of_four(uint64_t a, uint64_t b, uint64_t *lower) {
  Wide product = ((Wide)b << 64 | a) * ((Wide)(a ^ 5) << 64 | b);
  *lower = (uint64_t)product;
  return (uint64_t)(product >> 64);
}
__attribute__((noinline)) static uint64_t by_constant(uint64_t a, uint64_t b, uint64_t *lower) {
  Wide product = (Wide)(a ^ b) * 0x9E3779B97F4A7C15u;
  *lower = (uint64_t)product;
  return (uint64_t)(product >> 64) ^ *lower;
}

int main(void) {
  static const struct { const char *name; uint64_t (*product)(uint64_t, uint64_t, uint64_t *); } kWays[] = {
      {"by carries", by_carries}, {"crossed", crossed}, {"by columns", by_columns}, {"columns reordered", columns_reordered}, {"wrong half", wrong_half},
      {"wrong carry", wrong_carry}, {"wrong low", wrong_low}, {"wrong top", wrong_top}, {"short shift", short_shift}, {"missing column", missing_column},
      {"narrow mask", narrow_mask}, {"square", square}, {"wide", of_wide}, {"signed", of_signed}, {"four words", of_four}, {"constant", by_constant}};
  static const uint64_t kEdges[] = {0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x1FFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF};
  enum { kEdgeCount = sizeof kEdges / sizeof *kEdges };
  for (unsigned way = 0; way < sizeof kWays / sizeof *kWays; way++) {
    uint64_t hash = 0, state = 88172645463325252, wrong = 0;
    for (unsigned i = 0; i < kEdgeCount * kEdgeCount + 1000; i++) {
      uint64_t a, b, lower, truth;
      if (i < kEdgeCount * kEdgeCount) {
        a = kEdges[i % kEdgeCount], b = kEdges[i / kEdgeCount];
      } else {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        a = state, b = state * 0xD1342543DE82EF95 >> (i & 63);
      }
      uint64_t upper = kWays[way].product(a, b, &lower);
      hash = (hash ^ upper) * 0x100000001B3 ^ lower;
      wrong += upper != of_wide(a, b, &truth) || lower != truth;
    }
    printf("%-18s %016llx, %llu are others\n", kWays[way].name, (unsigned long long)hash, (unsigned long long)wrong);
  }
}
