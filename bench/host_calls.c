// What calls into the host take, by the same source for both sides: `host_calls JOB DIRECTORY` prints nanoseconds per call, the least of
// several rounds: on a shared machine a round can only become slower.
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { kRounds = 15, kBlock = 64 << 10, kBlocks = 256, kEntries = 100000 };

static char block[kBlock];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int open_in(const char *directory, const char *name, int flags) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  int fd = open(path, flags, 0666);
  if (fd < 0) die(path);
  return fd;
}

// Each gives the number of calls made.
static long clock_calls(const char *directory) {
  (void)directory;
  enum { kCalls = 200000 };
  for (long i = 0; i < kCalls; i++) now();
  return kCalls;
}

// Into the directory's `null`: that of /dev.
static long write_calls(const char *directory) {
  enum { kCalls = 50000 };
  int fd = open_in(directory, "null", O_WRONLY);
  for (long i = 0; i < kCalls; i++)
    if (write(fd, block, 1) != 1) die("write");
  close(fd);
  return kCalls;
}

static long read_blocks(const char *directory) {
  int fd = open_in(directory, "blocks", O_RDONLY);
  for (long i = 0; i < kBlocks; i++)
    if (read(fd, block, kBlock) != kBlock) die("read");
  close(fd);
  return kBlocks;
}

static long write_blocks(const char *directory) {
  int fd = open_in(directory, "blocks", O_WRONLY | O_CREAT);
  for (long i = 0; i < kBlocks; i++)
    if (write(fd, block, kBlock) != kBlock) die("write");
  close(fd);
  return kBlocks;
}

static long list_entries(const char *directory) {
  DIR *entries = opendir(directory);
  if (!entries) die(directory);
  long count = 0;
  while (readdir(entries)) count++;
  closedir(entries);
  return count;
}

// What readdir reads.
static long make_entries(const char *directory) {
  char name[32];
  for (long i = 0; i < kEntries; i++) {
    snprintf(name, sizeof name, "entry-%06ld", i);
    close(open_in(directory, name, O_WRONLY | O_CREAT));
  }
  return kEntries;
}

static const struct {
  const char *name;
  long (*run)(const char *directory);
  int rounds;
} kJobs[] = {
    {"clock", clock_calls, kRounds},         {"write-1", write_calls, kRounds},        {"read-64K", read_blocks, kRounds},
    {"write-64K", write_blocks, kRounds},    {"readdir", list_entries, 5},             {"make-entries", make_entries, 1},
};

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  memset(block, 'x', sizeof block);
  for (size_t i = 0; i < sizeof kJobs / sizeof *kJobs; i++) {
    if (strcmp(argv[1], kJobs[i].name) != 0) continue;
    double least = 1e300;
    for (int round = 0; round < kJobs[i].rounds; round++) {
      double start = now();
      long calls = kJobs[i].run(argv[2]);
      double each = (now() - start) / (double)calls;
      if (each < least) least = each;
    }
    printf("%.2f\n", least);
    return 0;
  }
  return 2;
}
