#pragma once
#include <ctype.h>

static inline char next(const char **at) {
  while (isspace((unsigned char)**at)) (*at)++;
  return **at;
}

static inline int scan_name(const char **at, char *name, int size) {
  int length = 0;
  for (; isalnum((unsigned char)**at) || **at == '_'; (*at)++)
    if (length < size - 1) name[length++] = **at;
  name[length] = 0;
  return length;
}
