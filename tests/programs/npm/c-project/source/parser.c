/* A recursive descent parser for sums and products of numbers and variables. */
#include <calc/parser.h>
#include <math.h>
#include <stdlib.h>

#include "text/scan.h"

static double sum(struct parser *p);

static double atom(struct parser *p) {
  char c = next(&p->at);
  if (c == '-') {
    p->at++;
    return -atom(p);
  }
  if (c == '(') {
    p->at++;
    double value = sum(p);
    if (next(&p->at) == ')') p->at++;
    else p->errors++;
    return value;
  }
  if (isalpha((unsigned char)c)) {
    char name[CALC_MAX_NAME];
    scan_name(&p->at, name, sizeof name);
    double *value = calc_variable(p->variables, name, 0);
    p->errors += !value;
    return value ? *value : 0;
  }
  char *end;
  double value = strtod(p->at, &end);
  p->errors += end == p->at;
  p->at = end;
  return value;
}

static double power(struct parser *p) {
  double base = atom(p);
  if (next(&p->at) != '^') return base;
  p->at++;
  return pow(base, power(p));
}

static double product(struct parser *p) {
  double value = power(p);
  for (char c = next(&p->at); c == '*' || c == '/'; c = next(&p->at)) {
    p->at++;
    double right = power(p);
    value = c == '*' ? value * right : value / right;
  }
  return value;
}

static double sum(struct parser *p) {
  double value = product(p);
  for (char c = next(&p->at); c == '+' || c == '-'; c = next(&p->at)) {
    p->at++;
    double right = product(p);
    value += c == '+' ? right : -right;
  }
  return value;
}

double calc_line(struct parser *p) {
  const char *begin = p->at;
  char name[CALC_MAX_NAME];
  if (isalpha((unsigned char)next(&p->at)) && scan_name(&p->at, name, sizeof name) && next(&p->at) == '=') {
    p->at++;
    double value = sum(p), *place = calc_variable(p->variables, name, 1);
    p->errors += !place;
    if (place) *place = value;
    return value;
  }
  p->at = begin;
  return sum(p);
}
