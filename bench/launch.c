// Runs a command and writes what it used: wall nanoseconds, CPU microseconds, peak resident kilobytes, exit status (128
// + signal). `launch FILE COMMAND ARGS…`
//
// A process of its own, and a small one, because a child's peak memory begins with what its parent had resident when it
// was started: from Python every program seems to need 10 MB.
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t microseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: launch FILE COMMAND ARGS…\n", stderr);
    return 2;
  }
  pid_t child;
  int status;
  struct rusage used;
  int64_t begin = nanoseconds();
  if (posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ) != 0) {
    perror(argv[2]);
    return 127;
  }
  if (wait4(child, &status, 0, &used) != child) {
    perror("wait4");
    return 2;
  }
  int64_t wall = nanoseconds() - begin;
  FILE *report = fopen(argv[1], "w");
  if (!report) {
    perror(argv[1]);
    return 2;
  }
  int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  fprintf(report, "%lld %lld %ld %d\n", (long long)wall,
          (long long)(microseconds(used.ru_utime) + microseconds(used.ru_stime)), used.ru_maxrss, code);
  return fclose(report) == 0 ? 0 : 2;
}
