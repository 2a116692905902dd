// Runs beside the guest and changes what its paths name, as fast as it can, until standard input ends:
// `mover exchange A B…` has each pair change places, `mover move A B…` takes each A to B or back. Says how often when it ends.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

// An odd number, so that the guest, if it has to wait for its turn, meets every state in turn.
static const unsigned kRoundsBetweenLooks = 101;

static int change(int exchange, unsigned long round, const char *a, const char *b) {
  if (exchange) return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
  return round % 2 ? rename(b, a) : rename(a, b);
}

static int is_over(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  return sched_yield() != 0 || poll(&input, 1, 0) != 0;
}

int main(int argc, char **argv) {
  const int exchange = argc > 1 && strcmp(argv[1], "exchange") == 0;
  unsigned long round = 0, changes = 0;
  for (; round % kRoundsBetweenLooks != 0 || !is_over(); ++round) {
    for (int i = 2; i + 1 < argc; i += 2, ++changes)
      if (change(exchange, round, argv[i], argv[i + 1]) != 0) return perror("mover"), 1;
    if (round == 0) {
      puts("moving");
      fflush(stdout);
    }
  }
  printf("%lu changes\n", changes);
  return 0;
}
