// An LZ77 compressor with hash chains, its own byte format, and the decompressor: unaligned loads, match loops,
// overlapping copies.
#include "bench.h"

enum { kHashBits = 14, kWindow = 1 << 16, kShortest = 4, kLongest = 130, kTries = 16 };

static uint32_t load32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static uint32_t common_length(const uint8_t *a, const uint8_t *b, uint32_t limit) {
  uint32_t length = 0;
  while (length < limit && a[length] == b[length]) length++;
  return length;
}

struct matcher {
  uint32_t head[1 << kHashBits], previous[kWindow];  // positions plus one; 0 is none
};

static void insert(struct matcher *m, const uint8_t *data, uint32_t at) {
  uint32_t *head = &m->head[load32(data + at) * 2654435761u >> (32 - kHashBits)];
  m->previous[at % kWindow] = *head;
  *head = at + 1;
}

static uint32_t longest_match(const struct matcher *m, const uint8_t *data, uint32_t at, uint32_t limit,
                              uint32_t *distance) {
  uint32_t best = 0, candidate = m->head[load32(data + at) * 2654435761u >> (32 - kHashBits)];
  for (int32_t tries = kTries; candidate && at - (candidate - 1) < kWindow && tries > 0; tries--) {
    uint32_t from = candidate - 1, length = common_length(data + from, data + at, limit);
    if (length > best) best = length, *distance = at - from;
    candidate = m->previous[from % kWindow];
  }
  return best;
}

static uint32_t put_literals(uint8_t *out, uint32_t to, const uint8_t *from, uint32_t count) {
  while (count > 0) {
    uint32_t run = count < 127 ? count : 127;
    out[to++] = (uint8_t)run;
    memcpy(out + to, from, run);
    to += run, from += run, count -= run;
  }
  return to;
}

// A byte below 128 counts literals that follow; else length - 3 in its low bits and a distance of two bytes.
static uint32_t compress(struct matcher *m, const uint8_t *in, uint32_t size, uint8_t *out) {
  memset(m, 0, sizeof *m);
  uint32_t at = 0, literals = 0, to = 0;
  while (at + kShortest <= size) {
    uint32_t distance = 0, limit = size - at < kLongest ? size - at : kLongest;
    uint32_t length = longest_match(m, in, at, limit, &distance);
    insert(m, in, at);
    if (length < kShortest) {
      at++, literals++;
      continue;
    }
    to = put_literals(out, to, in + at - literals, literals);
    literals = 0;
    out[to] = (uint8_t)(0x80 | (length - 3));
    out[to + 1] = (uint8_t)distance;
    out[to + 2] = (uint8_t)(distance >> 8);
    to += 3;
    for (uint32_t i = 1; i < length && at + i + kShortest <= size; i++) insert(m, in, at + i);
    at += length;
  }
  return put_literals(out, to, in + at - literals, size - at + literals);
}

static uint32_t decompress(const uint8_t *in, uint32_t size, uint8_t *out) {
  uint32_t to = 0;
  for (uint32_t at = 0; at < size;) {
    uint32_t code = in[at++];
    if (code < 0x80) {
      memcpy(out + to, in + at, code);
      at += code, to += code;
      continue;
    }
    uint32_t length = (code & 0x7f) + 3, from = to - (in[at] | (uint32_t)in[at + 1] << 8);
    at += 2;
    for (uint32_t i = 0; i < length; i++) out[to + i] = out[from + i];
    to += length;
  }
  return to;
}

static void write_text(uint8_t *text, uint32_t size, uint32_t *state) {
  uint8_t words[256][8];
  for (int32_t i = 0; i < 256; i++)
    for (int32_t j = 0; j < 8; j++) words[i][j] = (uint8_t)('a' + next_random(state) % 26);
  for (uint32_t at = 0; at < size;) {
    uint32_t random = next_random(state), length = 2 + random % 7;
    const uint8_t *word = words[(random >> 8 & 255) * (random >> 16 & 255) >> 8];
    for (uint32_t i = 0; i < length && at < size; i++) text[at++] = i + 1 == length ? ' ' : word[i];
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 6), size = 1 << 20, state = 1;
  struct matcher *matcher = must_allocate(sizeof *matcher);
  uint8_t *text = must_allocate(size), *packed = must_allocate(size + size / 64), *again = must_allocate(size);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    write_text(text, size, &state);
    uint32_t packed_size = compress(matcher, text, size, packed);
    checksum = add_to_checksum(checksum, packed_size);
    for (int32_t i = 0; i < 10; i++) {
      if (decompress(packed, packed_size, again) != size || memcmp(text, again, size) != 0) return 1;
      checksum = add_to_checksum(checksum, again[(uint32_t)i * 1000]);
    }
  }
  return report(checksum);
}
