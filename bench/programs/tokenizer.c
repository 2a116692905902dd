// A tokenizer for a language like C over generated text: branches on characters, a table of character classes, keywords
// by hash.
#include "bench.h"

enum class_of { kSpace, kLetter, kDigit, kQuote, kMark, kEnd };
enum token { kName, kKeyword, kNumber, kString, kOperator, kTokens };

static uint8_t classes[256];
static const char *const kKeywords[] = {"if",  "else",   "while", "for",      "return",
                                        "int", "struct", "break", "continue", "const"};
enum { kKeywordCount = sizeof kKeywords / sizeof *kKeywords, kSlots = 64 };
static const char *slots[kSlots];

static uint32_t hash(const char *text, uint32_t length) {
  uint32_t value = 2166136261u;
  for (uint32_t i = 0; i < length; i++) value = (value ^ (uint8_t)text[i]) * 16777619u;
  return value;
}

static void fill_tables(void) {
  for (int32_t c = 1; c < 256; c++) {
    int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    classes[c] = letter ? kLetter : c >= '0' && c <= '9' ? kDigit : c == '"' ? kQuote : c <= ' ' ? kSpace : kMark;
  }
  classes[0] = kEnd;
  for (uint32_t i = 0; i < kKeywordCount; i++) {
    uint32_t at = hash(kKeywords[i], (uint32_t)strlen(kKeywords[i])) % kSlots;
    while (slots[at]) at = (at + 1) % kSlots;
    slots[at] = kKeywords[i];
  }
}

static int is_keyword(const char *text, uint32_t length, uint32_t hash_value) {
  for (uint32_t at = hash_value % kSlots; slots[at]; at = (at + 1) % kSlots)
    if (strncmp(slots[at], text, length) == 0 && slots[at][length] == 0) return 1;
  return 0;
}

static const char *next_token(const char *at, enum token *token, uint32_t *value) {
  const char *begin = at;
  *value = 0;
  switch (classes[(uint8_t)*at]) {
    case kLetter:
      do at++;
      while (classes[(uint8_t)*at] == kLetter || classes[(uint8_t)*at] == kDigit);
      *value = hash(begin, (uint32_t)(at - begin));
      *token = is_keyword(begin, (uint32_t)(at - begin), *value) ? kKeyword : kName;
      return at;
    case kDigit:
      for (; classes[(uint8_t)*at] == kDigit; at++) *value = *value * 10 + (uint32_t)(*at - '0');
      *token = kNumber;
      return at;
    case kQuote:
      for (at++; *at != '"'; at++) at += *at == '\\';
      *token = kString;
      return at + 1;
    default:
      *value = (uint8_t)*at++;
      if (*at == '=' || *at == *begin) *value = *value << 8 | (uint8_t)*at++;
      *token = kOperator;
      return at;
  }
}

static void write_source(char *to, uint32_t length, uint32_t *state) {
  static const char kMarks[] = "+-*/<>={}();,";
  uint32_t at = 0;
  while (at + 40 < length) {
    uint32_t kind = next_random(state) >> 8 & 7, size = 1 + (next_random(state) >> 8) % 12;
    if (kind < 3) {
      for (uint32_t i = 0; i < size; i++) to[at++] = (char)('a' + next_random(state) % 26);
    } else if (kind < 5) {
      const char *word = kKeywords[next_random(state) % kKeywordCount];
      for (; *word; word++) to[at++] = *word;
    } else if (kind == 5) {
      for (uint32_t i = 0; i < size / 2 + 1; i++) to[at++] = (char)('0' + next_random(state) % 10);
    } else if (kind == 6) {
      to[at++] = '"';
      for (uint32_t i = 0; i < size; i++) to[at++] = (char)('a' + next_random(state) % 26);
      to[at++] = '"';
    } else {
      to[at++] = kMarks[next_random(state) % (sizeof kMarks - 1)];
    }
    to[at++] = size & 1 ? ' ' : '\n';
  }
  to[at] = 0;
}

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 60), length = 1 << 20, state = 1;
  char *source = must_allocate(length);
  fill_tables();
  write_source(source, length, &state);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t counts[kTokens] = {0}, sum = 0;
    for (const char *at = source;;) {
      while (classes[(uint8_t)*at] == kSpace) at++;
      if (!*at) break;
      enum token token;
      uint32_t value;
      at = next_token(at, &token, &value);
      counts[token]++;
      sum = sum * 31 + value;
    }
    for (int32_t i = 0; i < kTokens; i++) checksum = add_to_checksum(checksum, counts[i]);
    checksum = add_to_checksum(checksum, sum);
  }
  return report(checksum);
}
