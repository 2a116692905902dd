// The C library's memory and string functions over strings of all sizes: memcpy, memset, memmove, strlen, strcmp,
// strchr, strstr. Native's come from glibc in vector assembly; Wasm's are compiled C.
#include "bench.h"

enum { kStrings = 512, kLength = 256 };
static char texts[kStrings][kLength], text[kStrings * kLength];

static void fill(uint32_t *state) {
  static const char kAlphabet[] = "etaoin shrdlu cmfwyp vbgkqjxz";
  for (uint32_t i = 0; i < kStrings; i++) {
    uint32_t length = next_random(state) % (kLength - 1);
    for (uint32_t j = 0; j < length; j++) texts[i][j] = kAlphabet[next_random(state) % (sizeof kAlphabet - 1)];
    texts[i][length] = 0;
  }
}

static uint32_t join(void) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < kStrings; i++) {
    size_t length = strlen(texts[i]);
    memcpy(text + at, texts[i], length);
    at += (uint32_t)length;
    text[at++] = ' ';
  }
  text[at] = 0;
  return at;
}

static uint32_t count_words(const char *in) {
  uint32_t words = 0;
  for (const char *space = in; (space = strchr(space, ' ')); space++) words++;
  return words;
}

static uint32_t count_found(const char *in, const char *needle) {
  uint32_t found = 0;
  for (const char *at = in; (at = strstr(at, needle)); at++) found++;
  return found;
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 6000), state = 1;
  fill(&state);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t length = join(), sign = 0;
    for (uint32_t i = 0; i < kStrings; i++) sign += strcmp(texts[i], texts[(i * 7 + round) % kStrings]) < 0;
    checksum = add_to_checksum(checksum, count_words(text) + sign);
    checksum = add_to_checksum(checksum, count_found(text, "the") + count_found(text, "shrdl"));
    memmove(text + 1, text, length / 2);
    memset(text + length / 2, 'a' + (int32_t)(round % 26), length / 4);
    checksum = add_to_checksum(checksum, (uint8_t)text[next_random(&state) % length]);
  }
  return report(checksum);
}
