// An interpreter whose instructions go to the next one by a computed goto: some of their own, some where several meet, some out of loops and calls.
#include <stdio.h>

enum {
  Push, Dup, Swap, Drop, Over, Add, Sub, Mul, Div, And, Or, Xor, Shl, Less, Equal, Not, Jump, JumpIf, Load, Store, Call, Return, Print, Sum, Halt, kOpcodes
};

typedef unsigned long long Word;

static Word memory[64];

__attribute__((noinline)) static Word divide(Word a, Word b) { return (long long)b > 0 ? (Word)((long long)a / (long long)b) : a; }

static Word run(const unsigned char *code, int fuel) {
  static const void *const labels[kOpcodes] = {&&push, &&dup, &&swap, &&drop, &&over, &&add, &&sub, &&mul, &&div, &&and, &&or, &&xor, &&shl, &&less, &&equal,
                                               &&not, &&jump, &&jump_if, &&load, &&store, &&call, &&return_, &&print, &&sum, &&halt};
  Word stack[64], *top = stack, value;
  const unsigned char *returns[16], **last = returns, *at = code;
  *top = 0;
#define NEXT                       \
  do {                             \
    if (--fuel < 0) goto halt;     \
    goto *labels[*at++ % kOpcodes]; \
  } while (0)
  NEXT;
push: *++top = (Word)(signed char)*at++; NEXT;
dup: value = *top; *++top = value; NEXT;
swap: value = *top; *top = top[-1]; top[-1] = value; NEXT;
drop: --top; NEXT;
over: value = top[-1]; *++top = value; NEXT;
add: value = top[-1] + *top; goto binary;
sub: value = top[-1] - *top; goto binary;
mul: value = top[-1] * *top; goto binary;
div: value = divide(top[-1], *top); goto binary;
and: value = top[-1] & *top; goto binary;
or: value = top[-1] | *top; goto binary;
xor: value = top[-1] ^ *top; goto binary;
shl: value = top[-1] << (*top & 15); goto binary;
less: value = (long long)top[-1] < (long long)*top; goto binary;
equal: value = top[-1] == *top; goto binary;
binary: *--top = value; NEXT;
not: *top = !*top; NEXT;
jump: at = code + *at; NEXT;
jump_if: at = *top-- ? code + *at : at + 1; NEXT;
load: *++top = memory[*at++ & 63]; NEXT;
store: memory[*at++ & 63] = *top--; NEXT;
call: *last++ = at + 1; at = code + *at; NEXT;
return_: at = *--last; NEXT;
print: printf("%lld\n", (long long)*top--); NEXT;
sum:
  value = 0;
  for (int i = 0; i < 64; ++i) value += memory[i] * (Word)i;
  *++top = value;
  NEXT;
halt: return *top + (Word)fuel;
}

int main(void) {
  // Sums a third of each square down from 40's into memory[0], and mixes them into memory[2].
  static const unsigned char code[] = {
      Push, 40, Store, 1,                                              // 0
      Load, 1, Not, JumpIf, 38,                                        // 4: until none is left
      Load, 1, Call, 33, Push, 3, Div, Load, 0, Add, Dup, Store, 0,    // 9
      Push, 5, Shl, Load, 2, Xor, Store, 2, Jump, 43,                  // 22
      Halt,                                                            // 32
      Dup, Mul, Return, Halt, Halt,                                    // 33: the square of what is on top
      Load, 0, Print, Jump, 52,                                        // 38
      Load, 1, Push, 1, Sub, Store, 1, Jump, 4,                        // 43: the next
      Sum, Print, Load, 2, Dup, Push, 0, Less, Over, Swap, Drop, Or, Print, Push, 7, Halt};  // 52
  printf("%lld\n", (long long)run(code, 100000));
  printf("%lld\n", (long long)run(code, 300));
  // Instructions as they come; all but those that would leave the stack or the code, or do not end.
  static const unsigned char harmless[] = {Dup, Swap, Over, Add, Sub, Mul, Div, And, Or, Xor, Shl, Less, Equal, Not, Load, Store, Sum};
  unsigned seed = 1;
  for (int round = 0; round < 200; ++round) {
    unsigned char made[128];
    int depth = 1, n = 0;
    made[n++] = Push, made[n++] = (unsigned char)round;
    while (n < 120) {
      seed = seed * 1664525u + 1013904223u;
      unsigned char next = harmless[(seed >> 16) % sizeof harmless];
      const int takes = next == Swap || next == Over || (next >= Add && next <= Equal) ? 2 : next == Load || next == Sum ? 0 : 1;
      if (depth < takes || depth - takes < 1 - (next != Store) || depth > 50) next = Push;
      made[n++] = next;
      if (next == Push || next == Load || next == Store) made[n++] = (unsigned char)(seed >> 8);
      depth += next == Push || next == Dup || next == Over || next == Load || next == Sum ? 1 : next == Store || (next >= Add && next <= Equal) ? -1 : 0;
    }
    made[n++] = Halt;
    printf("%d: %lld\n", round, (long long)run(made, round % 7 ? 1000 : 40));
  }
}
