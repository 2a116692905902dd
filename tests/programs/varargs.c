// Variable arguments of every type, passed on, copied, and by structure.
//
//: run
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct point {
  int x;
  double y;
  char name[8];
};

static double sum(const char *types, ...) {
  va_list args;
  va_start(args, types);
  double out = 0;
  for (; *types; types++) {
    switch (*types) {
      case 'i': out += va_arg(args, int); break;
      case 'l': out += (double)va_arg(args, long long); break;
      case 'd': out += va_arg(args, double); break;
      case 's': out += (double)strlen(va_arg(args, const char *)); break;
      case 'p': {
        struct point p = va_arg(args, struct point);
        out += p.x + p.y + (double)strlen(p.name);
        break;
      }
    }
  }
  va_end(args);
  return out;
}

static int forward(char *out, size_t size, const char *format, ...) {
  va_list args, copy;
  va_start(args, format);
  va_copy(copy, args);
  int length = vsnprintf(NULL, 0, format, copy);
  va_end(copy);
  int again = vsnprintf(out, size, format, args);
  va_end(args);
  return length == again ? length : -1;
}

int main(void) {
  struct point p = {3, 4.5, "point"};
  printf("%.3f\n", sum("idlsp", 1, 2.5, 1LL << 33, "four", p));
  printf("%.3f\n", sum("dididididi", 1.0, 2, 3.0, 4, 5.0, 6, 7.0, 8, 9.0, 10));
  char text[64];
  printf("%d", forward(text, sizeof text, "%s-%05d-%x-%c-%lld-%.2f-%p", "abc", 42, 255, 'z', -1LL, 0.5, (void *)0 == 0 ? (void *)16 : 0));
  printf(" %s\n", text);
  printf("%d", forward(text, 10, "%s", "longer than the buffer"));
  printf(" %s\n", text);
  printf("%5d|%-5d|%05d|%+d|%#x|%o|%%|%3s|%-3s|%.2s|%*d\n", 42, 42, 42, 42, 42, 42, "a", "b", "cde", 6, 7);
  return 0;
}
