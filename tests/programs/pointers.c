// Function pointers: tables, callbacks, functions that return functions, comparison, pointers in structures.
//
//: run
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long long (*binary)(long long, long long);
static long long add(long long a, long long b) { return a + b; }
static long long sub(long long a, long long b) { return a - b; }
static long long mul(long long a, long long b) { return a * b; }
static long long least(long long a, long long b) { return a < b ? a : b; }
static binary table[] = {add, sub, mul, least};

struct shape {
  double (*area)(const struct shape *);
  void (*print)(const struct shape *, const char *);
  double width, height;
};
static double box_area(const struct shape *s) { return s->width * s->height; }
static double triangle_area(const struct shape *s) { return s->width * s->height / 2; }
static void plain(const struct shape *s, const char *name) { printf("%s %.2f\n", name, s->area(s)); }
static void fancy(const struct shape *s, const char *name) { printf("<%s> %.2f\n", name, s->area(s)); }

static binary choose(int i) { return table[i & 3]; }
static binary (*choosers[])(int) = {choose, choose};

static int ascending(const void *a, const void *b) { return (*(int *)a > *(int *)b) - (*(int *)a < *(int *)b); }
static int descending(const void *a, const void *b) { return ascending(b, a); }

static double mixed(int a, float b, double c, long long d, char e, short f, float g, double h, int i, int j) {
  return a + b + c + (double)d + e + f + g + h + i + j;
}
static double (*many)(int, float, double, long long, char, short, float, double, int, int) = mixed;

int main(int argc, char **argv) {
  long long value = 1;
  unsigned state = 1;
  for (int i = 0; i < 1000000; i++) {
    state = state * 1664525 + 1013904223;
    value = choosers[state >> 31](state >> 20)(value, state % 1000) & 0xffffffffff;
  }
  printf("%lld\n", value);
  struct shape shapes[] = {{box_area, plain, 2, 3}, {triangle_area, fancy, 4, 5}, {box_area, fancy, 6, 7}};
  for (int i = 0; i < 3; i++) shapes[i].print(&shapes[i], i ? "other" : "first");
  int numbers[] = {5, 2, 9, -1, 7, 3};
  for (int round = 0; round < 2; round++) {
    qsort(numbers, 6, sizeof(int), round ? descending : ascending);
    for (int i = 0; i < 6; i++) printf("%d ", numbers[i]);
    puts("");
  }
  printf("%.3f\n", many(argc, 1.5f, 2.25, 1LL << 40, 'a', -300, 0.125f, 1e-3, 7, 8));
  printf("%d %d %d\n", table[0] == add, table[0] == sub, choose(6) == mul);
  return 0;
}
