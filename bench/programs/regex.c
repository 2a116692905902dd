// A backtracking matcher for regular expressions, compiled to a small program of its own first: recursion, branches,
// byte loads.
#include "bench.h"

enum { kChar, kAny, kSet, kSplit, kJump, kMatch, kMaxProgram = 64 };

// Split tries `x` first, then `y`; both are instruction numbers. A set is two characters, its range.
struct instruction {
  uint8_t opcode, x, y;
};
struct program {
  struct instruction code[kMaxProgram];
  uint32_t length;
};

static uint32_t emit(struct program *p, uint8_t opcode, uint32_t x, uint32_t y) {
  p->code[p->length] = (struct instruction){opcode, (uint8_t)x, (uint8_t)y};
  return p->length++;
}

static void make_room(struct program *p, uint32_t at) {
  memmove(p->code + at + 1, p->code + at, (p->length - at) * sizeof *p->code);
  p->length++;
  for (uint32_t i = at + 1; i < p->length; i++) {
    struct instruction *code = &p->code[i];
    if (code->opcode != kSplit && code->opcode != kJump) continue;
    code->x += code->x >= at;
    code->y += code->y >= at;
  }
}

static const char *compile_alternatives(struct program *p, const char *pattern);

static const char *compile_atom(struct program *p, const char *pattern) {
  if (*pattern == '(') return compile_alternatives(p, pattern + 1) + 1;
  if (*pattern == '[') {  // [a-z] only
    emit(p, kSet, (uint8_t)pattern[1], (uint8_t)pattern[3]);
    return pattern + 5;
  }
  emit(p, *pattern == '.' ? kAny : kChar, (uint8_t)*pattern, 0);
  return pattern + 1;
}

static const char *compile_sequence(struct program *p, const char *pattern) {
  while (*pattern && *pattern != '|' && *pattern != ')') {
    uint32_t begin = p->length;
    pattern = compile_atom(p, pattern);
    if (*pattern == '*' || *pattern == '?') {
      make_room(p, begin);
      if (*pattern == '*') emit(p, kJump, begin, 0);
      p->code[begin] = (struct instruction){kSplit, (uint8_t)(begin + 1), (uint8_t)p->length};
      pattern++;
    } else if (*pattern == '+') {
      emit(p, kSplit, begin, p->length + 1);
      pattern++;
    }
  }
  return pattern;
}

static const char *compile_alternatives(struct program *p, const char *pattern) {
  uint32_t begin = p->length;
  pattern = compile_sequence(p, pattern);
  if (*pattern != '|') return pattern;
  make_room(p, begin);
  uint32_t jump = emit(p, kJump, 0, 0);
  p->code[begin] = (struct instruction){kSplit, (uint8_t)(begin + 1), (uint8_t)p->length};
  pattern = compile_alternatives(p, pattern + 1);
  p->code[jump].x = (uint8_t)p->length;
  return pattern;
}

// The end of the match that begins at `text`, or null.
static const char *match(const struct instruction *code, uint32_t pc, const char *text) {
  for (;;) {
    const struct instruction *now = &code[pc];
    switch (now->opcode) {
      case kChar:
        if ((uint8_t)*text != now->x) return NULL;
        text++;
        pc++;
        break;
      case kAny:
        if (!*text || *text == '\n') return NULL;
        text++;
        pc++;
        break;
      case kSet:
        if ((uint8_t)*text < now->x || (uint8_t)*text > now->y) return NULL;
        text++;
        pc++;
        break;
      case kJump:
        pc = now->x;
        break;
      case kSplit: {
        const char *end = match(code, now->x, text);
        if (end) return end;
        pc = now->y;
        break;
      }
      default:
        return text;
    }
  }
}

int main(int argc, char **argv) {
  static const char *const kPatterns[] = {"(a|b|c|d)+e[a-z]*f", "[a-z]+[0-9]+[a-z]?", "(ab|ba|cd)*x", "f.*g.*h",
                                          "q(w|e|r)+t?y*[0-9]"};
  static const char kAlphabet[] = "aabbccddeeffgghhqwertyx0123 \n";
  uint32_t rounds = size_argument(argc, argv, 40), size = 1 << 16, state = 1;
  char *text = must_allocate(size);
  for (uint32_t i = 0; i < size; i++) text[i] = kAlphabet[next_random(&state) % (sizeof kAlphabet - 1)];
  text[size - 1] = 0;
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++)
    for (uint32_t i = 0; i < sizeof kPatterns / sizeof *kPatterns; i++) {
      struct program program = {.length = 0};
      compile_alternatives(&program, kPatterns[i]);
      emit(&program, kMatch, 0, 0);
      uint32_t found = 0, total = 0;
      for (const char *at = text; *at; at++) {
        const char *end = match(program.code, 0, at);
        if (end) found++, total += (uint32_t)(end - at);
      }
      checksum = add_to_checksum(add_to_checksum(checksum, found), total);
    }
  return report(checksum);
}
