#pragma once
#include <stddef.h>

#ifndef CALC_MAX_NAME
#define CALC_MAX_NAME 16
#endif

struct variable {
  char name[CALC_MAX_NAME];
  double value;
};

/* An open hash table that doubles when it is three quarters full. */
struct variables {
  struct variable *slots;
  size_t used, capacity;
};

double *calc_variable(struct variables *variables, const char *name, int create);
void calc_forget(struct variables *variables);
