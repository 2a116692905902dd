// One trap of each kind, chosen by the argument. What was written before the trap must have arrived; the trap line names
// the kind and the function.
//
//: run unreachable
//: trap unreachable
//: frame give_up
//: run load
//: trap out of bounds memory access
//: frame read_at
//: run store
//: trap out of bounds memory access
//: frame write_at
//: run load-dropped-high
//: trap out of bounds memory access
//: frame drop_at
//: run divide
//: trap integer divide by zero
//: frame divide
//: run remainder
//: trap integer divide by zero
//: frame remainder_of
//: run overflow
//: trap integer overflow
//: frame divide
//: run convert-nan
//: trap invalid conversion to integer
//: frame convert
//: run convert-large
//: trap integer overflow
//: frame convert
//: run null-call
//: trap uninitialized element
//: frame call
//: run wild-call
//: trap undefined element
//: frame call
//: run wrong-type
//: trap indirect call type mismatch
//: frame call_int
//: run stack
//: trap call stack exhausted
//: frame endless
//: run stack-mutual
//: trap call stack exhausted
//: run copy
//: trap out of bounds memory access
//: frame copy_to
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline))
// Traps are undefined behaviour in C: hide what happens from the optimiser.
#define HIDE(x) __asm__ volatile("" : "+r"(x))

KEEP static void give_up(void) { __builtin_trap(); }
KEEP static int read_at(uint32_t address) { return *(volatile int *)(uintptr_t)address; }
KEEP static void drop_at(uint32_t address) { (void)*(volatile int *)(uintptr_t)address; }
KEEP static void write_at(uint32_t address, int value) { *(volatile int *)(uintptr_t)address = value; }
KEEP static int divide(int a, int b) {
  HIDE(a);
  HIDE(b);
  return a / b;
}
KEEP static long long remainder_of(long long a, long long b) {
  HIDE(a);
  HIDE(b);
  return a % b;
}
KEEP static int convert(double value) {
  return __builtin_wasm_trunc_s_i32_f64(value);  // a cast would not trap
}
KEEP static void call(uint32_t index) {
  void (*function)(void) = (void (*)(void))(uintptr_t)index;
  HIDE(function);
  function();
}
KEEP static int call_int(void *target) {
  int (*function)(int, int) = (int (*)(int, int))target;
  HIDE(function);
  return function(1, 2);
}
KEEP static int endless(int n) {
  int below = endless(n + 1);
  HIDE(below);  // so that this stays a recursion
  return below + n;
}
KEEP static int pong(int n);
KEEP static int ping(int n) {
  int below = pong(n + 1);
  HIDE(below);
  return below * 3;
}
KEEP static int pong(int n) {
  int below = ping(n - 1);
  HIDE(below);
  return below + 1;
}
KEEP static void copy_to(uint32_t address, uint32_t size) {
  static char from[64];
  HIDE(size);
  __builtin_memcpy((void *)(uintptr_t)address, from, size);
}

static int run(const char *what) {
  if (!strcmp(what, "unreachable")) return give_up(), 0;
  if (!strcmp(what, "load")) return read_at(0x7fff0000);
  if (!strcmp(what, "store")) return write_at(0xfffffffe, 1), 0;
  if (!strcmp(what, "load-dropped-high")) return drop_at(0xfffffffc), 0;
  if (!strcmp(what, "divide")) return divide(1, 0);
  if (!strcmp(what, "remainder")) return (int)remainder_of(1, 0);
  if (!strcmp(what, "overflow")) return divide(INT_MIN, -1);
  if (!strcmp(what, "convert-nan")) return convert(__builtin_nan(""));
  if (!strcmp(what, "convert-large")) return convert(1e10);
  if (!strcmp(what, "null-call")) return call(0), 0;
  if (!strcmp(what, "wild-call")) return call(100000), 0;
  if (!strcmp(what, "wrong-type")) return call_int((void *)puts);
  if (!strcmp(what, "stack")) return endless(0);
  if (!strcmp(what, "stack-mutual")) return ping(0);
  if (!strcmp(what, "copy")) return copy_to(0xfffffff0, 64), 0;
  return 2;
}

int main(int argc, char **argv) {
  printf("before %s\n", argc > 1 ? argv[1] : "nothing");
  fflush(stdout);
  int status = argc > 1 ? run(argv[1]) : 2;
  puts("after");
  return status;
}
