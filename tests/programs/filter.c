// A filter: reads all of standard input, writes it with line numbers and in capitals, and counts.
//
//: run
//: stdin filter.c
//: run
//: run close
#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "close")) fclose(stdin);
  char line[256];
  unsigned lines = 0, words = 0, bytes = 0;
  while (fgets(line, sizeof line, stdin)) {
    int in_word = 0;
    for (char *p = line; *p; p++) {
      words += !in_word && !isspace((unsigned char)*p);
      in_word = !isspace((unsigned char)*p);
      *p = (char)toupper((unsigned char)*p);
      bytes++;
    }
    printf("%4u  %s", ++lines, line);
  }
  fprintf(stderr, "this goes to standard error\n");
  printf("%u lines, %u words, %u bytes\n", lines, words, bytes);
  return 0;
}
