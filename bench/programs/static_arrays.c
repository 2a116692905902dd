// Loops over arrays whose places and lengths are known: bytes, integers and floats, converted, mixed, turned round and summed. A producer of Wasm
// unrolls them and does not vectorise; native code is vectorised.
#include "bench.h"

enum { kLength = 40000 };

static uint8_t bytes[kLength], more_bytes[kLength], mixed[kLength];
static int32_t integers[kLength];
static uint32_t sums[kLength];
static float floats[kLength];
static double doubles[kLength];

static void upper(void) {
  for (int i = 0; i < kLength; ++i) mixed[i] = bytes[i] >= 'a' && bytes[i] <= 'z' ? bytes[i] - 32 : bytes[i];
}
static void blend(int alpha) {
  for (int i = 0; i < kLength; ++i) mixed[i] = (uint8_t)((bytes[i] * alpha + more_bytes[i] * (255 - alpha) + 128) >> 8);
}
static void to_floats(float offset) {
  for (int i = 0; i < kLength; ++i) floats[i] = (float)bytes[i] * (1.0f / 255) + offset;
}
static void to_integers(double scale) {
  for (int i = 0; i < kLength; ++i) integers[i] = (int32_t)(doubles[i] * scale);
}
static void to_doubles(double offset) {
  for (int i = 0; i < kLength; ++i) doubles[i] = integers[i] * 0.001 + offset;
}
static void turn_round(void) {
  for (int i = 0, j = kLength - 1; i < j; ++i, --j) {
    const int32_t value = integers[i];
    integers[i] = integers[j];
    integers[j] = value;
  }
}
static void clamp(int32_t limit) {
  for (int i = 0; i < kLength; ++i) integers[i] = integers[i] < -limit ? -limit : integers[i] > limit ? limit : integers[i];
}
static void add_up(void) {
  uint32_t sum = 0;
  for (int i = 0; i < kLength; ++i) sums[i] = sum += (uint32_t)integers[i];
}
static void smooth(void) {
  for (int i = 1; i < kLength - 1; ++i) doubles[i - 1] = (doubles[i - 1] + doubles[i] + doubles[i + 1]) / 3;
}
static int32_t greatest(void) {
  int32_t out = INT32_MIN;
  for (int i = 0; i < kLength; ++i) out = integers[i] > out ? integers[i] : out;
  return out;
}
static uint32_t total(void) {
  uint32_t out = 0;
  for (int i = 0; i < kLength; ++i) out += (uint32_t)sums[i] ^ mixed[i];
  return out;
}

int main(int argc, char **argv) {
  const uint32_t rounds = size_argument(argc, argv, 4000);
  uint32_t state = 1;
  for (int i = 0; i < kLength; ++i) {
    bytes[i] = (uint8_t)next_random(&state);
    more_bytes[i] = (uint8_t)next_random(&state);
    integers[i] = (int32_t)(next_random(&state) >> 12);
  }
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; ++round) {
    const uint32_t place = round % kLength;
    upper();
    checksum = add_to_checksum(checksum, mixed[place]);
    blend((int)(round & 255));
    to_floats((float)round);
    to_doubles(round * 0.125);
    smooth();
    to_integers(900);
    turn_round();
    clamp(1 << 20);
    add_up();
    checksum = add_to_checksum(checksum, total() + (uint32_t)greatest() + (uint32_t)floats[place]);
  }
  return report(checksum);
}
