// Plain recursion: the cost of a direct call and its frame.
#include "bench.h"

static uint64_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char **argv) { return report(fib(size_argument(argc, argv, 41))); }
