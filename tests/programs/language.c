// Corners of C: structures by value, bit-fields, unions, switch tables, goto, variable-length arrays, statics, volatile.
//
//: run
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct small { short a; char b; };
struct large { int numbers[20]; double tail; };
struct fields { unsigned low : 3, middle : 11, high : 18; signed sign : 5; };
union view { uint32_t word; uint8_t bytes[4]; float number; };

static struct small twist(struct small s) { return (struct small){(short)-s.a, (char)(s.b + 1)}; }
static struct large scale(struct large l, int by) {
  for (int i = 0; i < 20; i++) l.numbers[i] *= by;
  l.tail /= by;
  return l;
}

static int dense(int n) {
  switch (n) {
    case 0: return 10;
    case 1: return -3;
    case 2: return 77;
    case 3: n *= 5; /* fall through */
    case 4: return n + 1;
    case 5: case 6: case 7: return n * n;
    case 8: return 1 << n;
    default: return n < 0 ? -1 : 0;
  }
}
static long long sparse(long long n) {
  switch (n) {
    case -1000000000000: return 1;
    case 0: return 2;
    case 65536: return 3;
    case 4294967295: return 4;
    case 4294967296: return 5;
    default: return 6;
  }
}
static int machine(const char *code) {
  int value = 0;
next:
  switch (*code++) {
    case '+': value++; goto next;
    case '-': value--; goto next;
    case '*': value *= 2; goto next;
    case '?': if (value > 10) goto done; goto next;
    case 0: goto done;
    default: goto next;
  }
done:
  return value;
}
static int vla(int n) {
  int array[n], sum = 0;
  for (int i = 0; i < n; i++) array[i] = i * n;
  for (int i = n; i-- > 0;) sum += array[i] ^ i;
  return sum;
}
static int counter(void) {
  static int calls;
  return ++calls;
}

int main(void) {
  struct small s = twist(twist((struct small){300, 'x'}));
  printf("%d %c\n", s.a, s.b);
  struct large l = {{1, 2, 3}, 10};
  l.numbers[19] = 7;
  l = scale(scale(l, 3), 4);
  printf("%d %d %d %.4f\n", l.numbers[0], l.numbers[2], l.numbers[19], l.tail);
  struct fields f = {5, 1234, 99999, -9};
  f.middle += 1000, f.high <<= 2, f.sign -= 5;
  printf("%u %u %u %d\n", f.low, f.middle, f.high, f.sign);
  union view v = {.number = 1.5f};
  printf("%08x %02x\n", v.word, v.bytes[3]);
  for (int i = -2; i < 11; i++) printf("%d ", dense(i));
  puts("");
  long long keys[] = {-1000000000000, 0, 65536, 4294967295, 4294967296, 1};
  for (int i = 0; i < 6; i++) printf("%lld ", sparse(keys[i]));
  puts("");
  printf("%d %d\n", machine("++**+?*?+"), machine("+++***-?-----"));
  printf("%d %d\n", vla(10), vla(100));
  for (int i = 0; i < 5; i++) counter();
  printf("%d\n", counter());
  volatile int trouble = 7;
  for (int i = 0; i < 5; i++) trouble = trouble * 3 - i;
  printf("%d\n", trouble);
  return 0;
}
