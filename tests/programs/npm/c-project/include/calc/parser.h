#pragma once
#include <calc/variables.h>

struct parser {
  const char *at;
  struct variables *variables;
  int errors;
};

/* The value of a line: an expression, or `name = expression`. */
double calc_line(struct parser *p);
