// Recursion: deep, mutual, tree-shaped, and with frames in linear memory.
//
//: run
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static unsigned depth(unsigned n) { return n == 0 ? 0 : 1 + depth(n - 1) * 1; }
static unsigned odd(unsigned n);
__attribute__((noinline)) static unsigned even(unsigned n) { return n == 0 ? 1 : odd(n - 1); }
__attribute__((noinline)) static unsigned odd(unsigned n) { return n == 0 ? 0 : even(n - 1); }
static unsigned ackermann(unsigned m, unsigned n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

// Each level has an array whose address is taken, so it lives on the stack in linear memory.
__attribute__((noinline)) static int with_frame(int n, const char *above) {
  char here[64];
  snprintf(here, sizeof here, "level %d below [%.20s]", n, above);
  return n == 0 ? (int)strlen(here) : with_frame(n - 1, here) + here[6];
}

static int solutions, row_of[9];
static int safe(int column, int row) {
  for (int i = 0; i < column; i++)
    if (row_of[i] == row || row_of[i] - row == i - column || row_of[i] - row == column - i) return 0;
  return 1;
}
static void queens(int column) {
  if (column == 8) {
    solutions++;
    return;
  }
  for (int row = 0; row < 8; row++)
    if (safe(column, row)) row_of[column] = row, queens(column + 1);
}

int main(void) {
  printf("depth %u\n", depth(20000));
  printf("even %u odd %u\n", even(20001), odd(20001));
  printf("ackermann %u\n", ackermann(2, 2000));
  printf("fib %u\n", fib(27));
  printf("frames %d\n", with_frame(200, "top"));
  queens(0);
  printf("queens %d\n", solutions);
  return 0;
}
