// The smallest whole program: libc start-up, one write, exit code 0.
#include <stdio.h>

int main(void) {
  puts("Hello from WebAssembly!");
  return 0;
}
