// Clocks, sleep and random numbers: nothing that is the same twice, so it says whether each behaves.
//
//: run
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#ifdef __wasi__
#include <wasi/api.h>
#else
#include <sys/random.h>
#endif

static double from_timespec(struct timespec time) { return (double)time.tv_sec + (double)time.tv_nsec * 1e-9; }

static double seconds(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return -1;
  return from_timespec(now);
}

static void clocks(void) {
  double real = seconds(CLOCK_REALTIME), last = seconds(CLOCK_MONOTONIC);
  printf("real time is after 2024: %d\n", real > 1.7e9);
  int backwards = 0;
  for (int i = 0; i < 1000; i++) {
    double now = seconds(CLOCK_MONOTONIC);
    backwards += now < last;
    last = now;
  }
  printf("monotonic: %d\n", backwards == 0);
  struct timeval day;
  // The same clock to ten minutes: natively `time` may read the tick's clock, seconds behind where a virtual machine was kept waiting.
  printf("gettimeofday: %d", gettimeofday(&day, NULL) == 0 && (double)day.tv_sec >= real - 600 && (double)day.tv_sec < real + 600);
  printf(", time: %d\n", (double)time(NULL) >= real - 600);
  struct timespec grain;
  printf("resolution: %d", clock_getres(CLOCK_MONOTONIC, &grain) == 0 && grain.tv_sec == 0);
  printf(" %d\n", clock_getres(CLOCK_REALTIME, &grain) == 0 && grain.tv_sec == 0 && grain.tv_nsec > 0);
}

static void sleep_until(clockid_t clock, const char *what) {
  struct timespec until;
  clock_gettime(clock, &until);
  until.tv_nsec += 10000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  printf("until %s: %d", what, clock_nanosleep(clock, TIMER_ABSTIME, &until, NULL));
  printf(" %d\n", seconds(clock) >= from_timespec(until));
}

static void sleeps(void) {
  struct timespec wait = {0, 20000000};
  double before = seconds(CLOCK_MONOTONIC);
  int result = nanosleep(&wait, NULL);
  printf("sleeps: %d %d\n", result == 0, seconds(CLOCK_MONOTONIC) - before >= 0.02);
  before = seconds(CLOCK_MONOTONIC);
  printf("usleep: %d", usleep(15000) == 0);
  printf(" %d\n", seconds(CLOCK_MONOTONIC) - before >= 0.015);
  sleep_until(CLOCK_MONOTONIC, "a monotonic time");
  sleep_until(CLOCK_REALTIME, "a real time");
  // What is past does not wait: this would be for decades.
  struct timespec past = {1000, 0}, nothing = {0, 0}, wrong = {0, 1000000000};
  printf("until the past: %d %d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL),
         clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &nothing, NULL));
  printf("no time at all: %d", nanosleep(&nothing, NULL));
  printf(", no such time: %d\n", nanosleep(&wrong, NULL) < 0 && errno == EINVAL);
}

// More than the kernel gives in one call, which is 32 MiB.
static int fill(void *bytes, size_t size) {
#ifdef __wasi__
  return __wasi_random_get(bytes, size) == 0;
#else
  for (size_t done = 0; done < size;) {
    ssize_t got = getrandom((char *)bytes + done, size - done, 0);
    if (got <= 0) return 0;
    done += (size_t)got;
  }
  return 1;
#endif
}

static int by_value(const void *a, const void *b) {
  unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;
  return (x > y) - (x < y);
}

static void random_numbers(void) {
  unsigned char one[32] = {0}, other[32] = {0};
  printf("random: %d", getentropy(one, 32) == 0 && getentropy(other, 32) == 0);
  printf(" %d\n", memcmp(one, other, 32) != 0);
  // One number from each KiB: two of them alike, or a zero, would be a part that was not filled, or filled twice.
  enum { SIZE = 40 << 20, STEP = 1024 };
  unsigned char *large = calloc(SIZE, 1);
  unsigned long long *samples = calloc(SIZE / STEP, sizeof *samples);
  printf("40 MiB: %d", fill(large, SIZE));
  for (int i = 0; i < SIZE / STEP; i++) memcpy(&samples[i], large + (size_t)i * STEP + STEP - 8, 8);
  qsort(samples, SIZE / STEP, sizeof *samples, by_value);
  int alike = samples[0] == 0;
  for (int i = 1; i < SIZE / STEP; i++) alike += samples[i] == samples[i - 1];
  printf(", alike %d\n", alike);
  printf("nothing: %d\n", fill(large, 0));
}

int main(void) {
  clocks();
  sleeps();
  random_numbers();
  return 0;
}
