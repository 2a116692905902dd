// Floating point: printf, scanf and strtod both ways, rounding, conversions, comparison with NaN, infinities, denormals.
// Only operations that IEEE 754 defines to the last bit, so that every libc and CPU must agree.
//
//: run
//: stdin floats.in
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits(double value) {
  uint64_t out;
  memcpy(&out, &value, sizeof out);
  return out;
}

static void show(const char *what, double value) {
  if (isnan(value)) printf("%-12s nan\n", what);  // sign and payload are the machine's choice
  else printf("%-12s %.17g %e %016llx\n", what, value, value, (unsigned long long)bits(value));
}

__attribute__((noinline)) static void arithmetic(double a, double b) {
  show("a", a), show("b", b);
  show("a+b", a + b), show("a-b", a - b), show("a*b", a * b), show("a/b", a / b);
  show("sqrt|a|", sqrt(fabs(a))), show("floor", floor(a)), show("ceil", ceil(a)), show("trunc", trunc(a)), show("rint", rint(a));
  show("copysign", copysign(a, b)), show("(float)a", (float)a);
  printf("compare      %d%d%d%d%d%d\n", a < b, a <= b, a == b, a != b, a >= b, a > b);
}

// Conversions of what is in range; what C leaves undefined is left out.
__attribute__((noinline)) static void conversions(double value) {
  if (!(fabs(value) < 9.2e18)) return;
  printf("convert      %lld", (long long)value);
  if (fabs(value) < 2147483000.0) printf(" %d %d", (int)value, (int)(float)value);
  if (value >= 0) printf(" %llu", (unsigned long long)value);
  printf(" %.17g %.9g\n", (double)(long long)value, (float)(unsigned long long)fabs(value));
}

int main(void) {
  double values[64];
  int count = 0;
  char word[64];
  while (count < 64 && scanf("%63s", word) == 1) {
    double by_scanf = 0;
    values[count] = strtod(word, NULL);
    if (sscanf(word, "%lf", &by_scanf) != 1 || (bits(by_scanf) != bits(values[count]) && !isnan(by_scanf))) printf("scanf and strtod differ: %s\n", word);
    count++;
  }
  printf("%d values\n", count);
  for (int i = 0; i < count; i++) {
    arithmetic(values[i], values[(i + 1) % count]);
    conversions(values[i]);
  }
  printf("%f %.3f %10.2f|%-10.1f|%+g %#g %a\n", 3.14159, 2.0 / 3, 1234.5678, -9.99, 1e100, 1.0, 1.0);
  printf("%g %g %g %g\n", 1e5, 1e-5, 123456789.0, 0.0001);
  float sum = 0;
  for (int i = 1; i <= 100000; i++) sum += 1.0f / (float)i;
  printf("harmonic in float %.9g\n", sum);
  volatile double tiny = DBL_MIN;
  printf("denormal %.17g %d\n", tiny / 4, tiny / 4 * 4 == tiny);
  return 0;
}
