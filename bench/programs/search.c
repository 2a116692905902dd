// Loops that look for something, of the program's own: lines of a table, fields of a line, the end of a quoted text, the length of a
// match, words in a list. Most are short, as in real texts; a few are long.
#include "bench.h"

enum { kText = 1 << 16, kWords = 4096 };
static char text[kText + 1], copy[kText + 1];
static uint32_t words[kWords];

static uint32_t length_of(uint32_t *state) {
  uint32_t kind = next_random(state) % 16;
  return kind < 8 ? next_random(state) % 8 : kind < 14 ? next_random(state) % 40 : next_random(state) % 600;
}

// Fields with commas between them, some in quotes; lines of about twenty.
static void fill(uint32_t *state) {
  uint32_t at = 0;
  while (at < kText) {
    uint32_t length = length_of(state), is_quoted = next_random(state) % 8 == 0;
    if (is_quoted) text[at++] = '"';
    for (; length && at < kText; length--) text[at++] = (char)('a' + next_random(state) % 26);
    if (is_quoted && at < kText) text[at++] = '"';
    if (at < kText) text[at++] = next_random(state) % 20 ? ',' : '\n';
  }
  for (uint32_t i = 0; i < kText; i++) copy[i] = next_random(state) % 64 ? text[i] : '.';
  for (uint32_t i = 0; i < kWords; i++) words[i] = next_random(state);
}

static __attribute__((noinline)) const char *find(const char *at, const char *end, char wanted) {
  while (at < end && *at != wanted) at++;
  return at;
}

static __attribute__((noinline)) const char *end_of_field(const char *at, const char *end) {
  while (at != end && *at != ',' && *at != '"' && (unsigned char)*at >= ' ') at++;
  return at;
}

static __attribute__((noinline)) uint32_t match(const char *one, const char *other, uint32_t limit) {
  uint32_t length = 0;
  while (length < limit && one[length] == other[length]) length++;
  return length;
}

static __attribute__((noinline)) uint32_t index_of(const uint32_t *list, uint32_t count, uint32_t wanted) {
  for (uint32_t i = 0; i < count; i++)
    if (list[i] == wanted) return i;
  return count;
}

static uint32_t fields(const char *at, const char *end) {
  uint32_t out = 0;
  while (at < end) {
    const char *stop = end_of_field(at, end);
    if (stop < end && *stop == '"') stop = find(stop + 1, end, '"');
    out = out * 31 + (uint32_t)(stop - at);
    at = stop + 1;
  }
  return out;
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 1500), state = 1;
  fill(&state);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t lines = 0, matched = 0, found = 0;
    const char *end = text + kText;
    for (const char *line = text; line < end; lines++) {
      const char *stop = find(line, end, '\n');
      checksum = add_to_checksum(checksum, fields(line, stop));
      line = stop + 1;
    }
    for (uint32_t at = round % 7; at < kText;) {
      uint32_t length = match(text + at, copy + at, kText - at);
      matched += length * length;
      at += length + 1;
    }
    for (uint32_t i = 0; i < 32; i++) found += index_of(words, kWords, words[next_random(&state) % kWords]);
    checksum = add_to_checksum(checksum, lines + matched + found);
  }
  return report(checksum);
}
