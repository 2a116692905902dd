// poll and select over standard input as a file, a pipe, a pipe that stays silent and a terminal; over files; with and without a
// time limit. The argument says what standard input is.
//
//: run file
//: stdin floats.in
//: run pipe
//: stdin-pipe floats.in
//: run silent
//: stdin-silent
//: run terminal
//: stdin-terminal
//: run null
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "errno_name.h"

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Not POLLHUP: WASI tells of it with the data, Linux apart.
static void print_events(short events) {
  if (!events) printf(" none");
  if (events & POLLIN) printf(" in");
  if (events & POLLOUT) printf(" out");
  if (events & POLLERR) printf(" error");
  if (events & POLLNVAL) printf(" invalid");
}

static void try_poll(const char *what, struct pollfd *polled, nfds_t count, int milliseconds) {
  int ready = poll(polled, count, milliseconds);
  printf("%-28s %s %d:", what, ready < 0 ? errno_name(errno) : "ready", ready);
  for (nfds_t i = 0; i < count; i++) print_events(polled[i].revents);
  printf("\n");
}

static const char *kind(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return errno_name(errno);
  if (S_ISREG(info.st_mode)) return "file";
  if (S_ISDIR(info.st_mode)) return "directory";
  return S_ISCHR(info.st_mode) ? "characters" : "another kind";
}

static void standard_input(int silent) {
  struct pollfd in = {STDIN_FILENO, POLLIN, 0};
  printf("terminal: %d, %s\n", isatty(STDIN_FILENO), kind(STDIN_FILENO));
  try_poll("at once", &in, 1, 0);
  double start = seconds();
  try_poll("with a limit", &in, 1, 30);
  double took = seconds() - start;
  printf("waited: %d\n", took >= 0.03);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(STDIN_FILENO, &set);
  struct timeval limit = {0, 20000};
  int ready = select(1, &set, NULL, NULL, &limit);
  printf("select: %d %d\n", ready, ready > 0 && FD_ISSET(STDIN_FILENO, &set));
  if (silent) return;
  try_poll("without a limit", &in, 1, -1);
  char text[256];
  ssize_t size, total = 0;
  while ((size = read(STDIN_FILENO, text, sizeof text)) > 0) total += size;
  printf("read %zd, end %zd\n", total, size);
  in.revents = 0;
  printf("at the end: %d\n", poll(&in, 1, 1000));
}

static void files(void) {
  int file = open("file", O_RDWR | O_CREAT, 0644), directory = open(".", O_RDONLY | O_DIRECTORY);
  struct pollfd both = {file, POLLIN | POLLOUT, 0}, two[2] = {{file, POLLIN, 0}, {file, POLLOUT, 0}};
  struct pollfd out[2] = {{STDIN_FILENO, POLLIN, 0}, {file, POLLOUT, 0}};
  try_poll("file, both", &both, 1, -1);
  try_poll("file, twice", two, 2, 1000);
  printf("input or file: %d ready\n", poll(out, 2, -1) > 0);
  close(file);
  try_poll("closed", &both, 1, 0);
  printf("terminals: file %d, directory %d", isatty(file), isatty(directory));
  printf(" %s\n", errno == ENOTTY ? "ENOTTY" : errno_name(errno));
  close(directory);
  struct timespec start = {0, 0}, limit = {0, 5000000};
  printf("nanosleep %d %d\n", nanosleep(&limit, &start), start.tv_nsec == 0);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  standard_input(!strcmp(what, "silent") || !strcmp(what, "terminal"));
  files();
  return 0;
}
