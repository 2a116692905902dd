/* A calculator for a compiler to compile: a recursive descent parser, headers of the C library, loops and tables. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
  const char *at;
  int errors;
};

static double sum(struct parser *p);

static char next(struct parser *p) {
  while (isspace((unsigned char)*p->at)) p->at++;
  return *p->at;
}

static double atom(struct parser *p) {
  if (next(p) == '(') {
    p->at++;
    double value = sum(p);
    if (next(p) == ')') p->at++;
    else p->errors++;
    return value;
  }
  char *end;
  double value = strtod(p->at, &end);
  p->errors += end == p->at;
  p->at = end;
  return value;
}

static double product(struct parser *p) {
  double value = atom(p);
  for (char c = next(p); c == '*' || c == '/'; c = next(p)) {
    p->at++;
    double right = atom(p);
    value = c == '*' ? value * right : value / right;
  }
  return value;
}

static double sum(struct parser *p) {
  double value = product(p);
  for (char c = next(p); c == '+' || c == '-'; c = next(p)) {
    p->at++;
    double right = product(p);
    value += c == '+' ? right : -right;
  }
  return value;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    struct parser p = {argv[i], 0};
    double value = sum(&p);
    if (p.errors || next(&p)) fprintf(stderr, "cannot read %s\n", argv[i]);
    else printf("%s = %g\n", argv[i], value);
  }
  return 0;
}
