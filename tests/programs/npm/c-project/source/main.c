/* A calculator: each argument is a line, each line may use the variables of those before. */
#include <calc/parser.h>
#include <stdio.h>

#include "text/scan.h"

int main(int argc, char **argv) {
  struct variables variables = {0};
  int wrong = 0;
  for (int i = 1; i < argc; i++) {
    struct parser p = {argv[i], &variables, 0};
    double value = calc_line(&p);
    if (p.errors || next(&p.at)) wrong++, fprintf(stderr, "cannot read %s\n", argv[i]);
    else printf("%s = %g\n", argv[i], value);
  }
  calc_forget(&variables);
  return wrong != 0;
}
