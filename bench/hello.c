// The smallest whole program, for measuring what a start costs.
#include <stdio.h>

int main(void) {
  puts("Hello, world!");
  return 0;
}
