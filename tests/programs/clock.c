// Clocks, sleep and random numbers: nothing that is the same twice, so it says whether each behaves.
//
//: run
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return -1;
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(void) {
  double real = seconds(CLOCK_REALTIME), start = seconds(CLOCK_MONOTONIC), last = start;
  printf("real time is after 2024: %d\n", real > 1.7e9);
  int backwards = 0;
  for (int i = 0; i < 1000; i++) {
    double now = seconds(CLOCK_MONOTONIC);
    backwards += now < last;
    last = now;
  }
  printf("monotonic: %d\n", backwards == 0);
  struct timespec wait = {0, 20000000};
  double before = seconds(CLOCK_MONOTONIC);
  int result = nanosleep(&wait, NULL);
  double took = seconds(CLOCK_MONOTONIC) - before;
  printf("sleeps: %d %d\n", result == 0, took >= 0.02 && took < 5);
  unsigned char one[32] = {0}, other[32] = {0};
  printf("random: %d", getentropy(one, 32) == 0 && getentropy(other, 32) == 0);
  printf(" %d\n", memcmp(one, other, 32) != 0);
  struct timespec grain;
  printf("resolution: %d\n", clock_getres(CLOCK_MONOTONIC, &grain) == 0 && grain.tv_sec == 0);
  return 0;
}
