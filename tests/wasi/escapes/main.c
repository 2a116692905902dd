// A hostile guest: `guest CASE [ARGUMENT…]` makes the attempts of one case, tells what did not go as expected, and exits with 1
// if anything did not. Without a case it lists them.
#include <stdio.h>
#include <string.h>

#include "cases.h"

struct named_case {
  const char *name;
  void (*run)(struct trial *trial);
};

#define WASMC_CASE(name) {#name, name},
static const struct named_case kCases[] = {WASMC_CASES};
#undef WASMC_CASE
static const struct named_case *const kEnd = kCases + sizeof kCases / sizeof *kCases;

int main(int argc, char **argv) {
  if (argc < 2) {
    for (const struct named_case *entry = kCases; entry < kEnd; ++entry) puts(entry->name);
    return 0;
  }
  for (const struct named_case *entry = kCases; entry < kEnd; ++entry) {
    if (strcmp(entry->name, argv[1]) != 0) continue;
    struct trial trial = {.name = entry->name, .arguments = argv + 2};
    entry->run(&trial);
    printf("%u attempts, %u failures\n", trial.attempts, trial.failures);
    return trial.failures != 0;
  }
  printf("no case %s\n", argv[1]);
  return 1;
}
