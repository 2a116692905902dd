// Times of files: set through paths, descriptors and links, to the nanosecond, and what writing and reading do to them.
//
//: run
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __wasi__
#include <wasi/api.h>
#endif

#include "errno_name.h"

static void report(const char *what, int result) { printf("%-36s %s\n", what, result < 0 ? errno_name(errno) : "done"); }

enum special { GIVEN, OMIT, NOW };

// What futimens does with UTIME_OMIT and UTIME_NOW, which wasi-libc refuses for the time of modification: WASI's own call.
static int set_times(int fd, enum special access, enum special modification) {
#ifdef __wasi__
  const __wasi_fstflags_t atim[] = {__WASI_FSTFLAGS_ATIM, 0, __WASI_FSTFLAGS_ATIM_NOW};
  const __wasi_fstflags_t mtim[] = {__WASI_FSTFLAGS_MTIM, 0, __WASI_FSTFLAGS_MTIM_NOW};
  errno = __wasi_fd_filestat_set_times(fd, 42000000001, 43000000002, atim[access] | mtim[modification]);
  return errno ? -1 : 0;
#else
  const long nanoseconds[] = {1, UTIME_OMIT, UTIME_NOW};
  struct timespec times[2] = {{42, nanoseconds[access]}, {43, modification == GIVEN ? 2 : nanoseconds[modification]}};
  return futimens(fd, times);
#endif
}

static void show(const char *what, const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0) return printf("%s: %s\n", what, errno_name(errno)), (void)0;
  printf("%-36s %lld.%09ld", what, (long long)info.st_atim.tv_sec, info.st_atim.tv_nsec);
  printf(" %lld.%09ld\n", (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

static int before(struct timespec a, struct timespec b) {
  return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

// The kernel stamps files with a clock that may be some milliseconds behind the one that programs read.
static int is_now(struct timespec time) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return time.tv_sec >= now.tv_sec - 600 && time.tv_sec <= now.tv_sec + 1;
}

static void set(void) {
  struct timespec some[2] = {{1000000000, 123456789}, {1500000000, 987654321}};
  struct timespec far[2] = {{4102444800, 5}, {4102444800, 999999999}};
  struct timespec epoch[2] = {{0, 0}, {0, 0}}, wrong[2] = {{0, 1000000000}, {0, 0}};
  struct stat info;
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  report("utimensat", utimensat(AT_FDCWD, "file", some, 0));
  show("seconds and nanoseconds", "file");
  report("access only", set_times(fd, GIVEN, OMIT));
  show("access only", "file");
  report("neither", set_times(fd, OMIT, OMIT));
  show("neither", "file");
  report("modification only", set_times(fd, OMIT, GIVEN));
  show("modification only", "file");
  report("modification now", set_times(fd, OMIT, NOW));
  fstat(fd, &info);
  printf("access kept %d, modification now %d\n", info.st_atim.tv_sec == 42, is_now(info.st_mtim));
  report("access now, modification given", set_times(fd, NOW, GIVEN));
  fstat(fd, &info);
  printf("access now %d, modification given %d\n", is_now(info.st_atim), info.st_mtim.tv_sec == 43);
  report("far in the future", futimens(fd, far));
  show("far", "file");
  report("the epoch", futimens(fd, epoch));
  show("epoch", "file");
  report("both now", set_times(fd, NOW, NOW));
  fstat(fd, &info);
  printf("now %d %d\n", is_now(info.st_atim), is_now(info.st_mtim));
  report("no times: now", futimens(fd, NULL));
  report("too many nanoseconds", futimens(fd, wrong));
  report("utimensat of nothing", utimensat(AT_FDCWD, "none", some, 0));
  close(fd);
  report("futimens of nothing", futimens(fd, some));
}

static void links_and_directories(void) {
  struct timespec first[2] = {{100, 1}, {200, 2}}, second[2] = {{300, 3}, {400, 4}};
  symlink("file", "soft");
  symlink("none", "dangling");
  report("through a link", utimensat(AT_FDCWD, "soft", first, 0));
  report("a link itself", utimensat(AT_FDCWD, "soft", second, AT_SYMLINK_NOFOLLOW));
  show("file", "file");
  show("link", "soft");
  report("through what dangles", utimensat(AT_FDCWD, "dangling", first, 0));
  report("what dangles itself", utimensat(AT_FDCWD, "dangling", second, AT_SYMLINK_NOFOLLOW));
  show("dangling", "dangling");
  mkdir("dir", 0755);
  report("a directory", utimensat(AT_FDCWD, "dir", first, 0));
  show("directory", "dir");
  int dir = open("dir", O_RDONLY | O_DIRECTORY);
  report("an open directory", futimens(dir, second));
  show("directory", "dir");
  close(open("dir/entry", O_WRONLY | O_CREAT, 0644));
  struct stat info;
  fstat(dir, &info);
  printf("an entry changes its directory: %d\n", is_now(info.st_mtim));
  report("relative to a directory", utimensat(dir, "entry", first, 0));
  show("entry", "dir/entry");
  close(dir);
}

// What reading and writing do to times, seen from a time in the past.
static void effects(void) {
  struct timespec past[2] = {{1000, 0}, {1000, 0}};
  struct stat info, later;
  char byte = 'x';
  int fd = open("effects", O_RDWR | O_CREAT, 0644);
  write(fd, &byte, 1);
  futimens(fd, past);
  fstat(fd, &info);
  printf("changing times is a change: %d\n", is_now(info.st_ctim));
  read(fd, &byte, 1);
  fstat(fd, &info);
  printf("reading does not modify: %d\n", info.st_mtim.tv_sec == 1000);
  write(fd, &byte, 1);
  fstat(fd, &info);
  printf("writing does: %d\n", is_now(info.st_mtim));
  futimens(fd, past);
  ftruncate(fd, 100);
  fstat(fd, &info);
  printf("another size does: %d\n", is_now(info.st_mtim));
  futimens(fd, past);
  link("effects", "effects-2");
  fstat(fd, &later);
  printf("a link changes, does not modify: %d %d\n", !before(later.st_ctim, info.st_ctim), later.st_mtim.tv_sec == 1000);
  futimens(fd, past);
  rename("effects-2", "effects-3");
  stat("effects-3", &info);
  printf("a rename keeps: %d\n", info.st_mtim.tv_sec == 1000);
  close(open("effects", O_WRONLY | O_TRUNC));
  fstat(fd, &info);
  printf("O_TRUNC modifies: %d\n", is_now(info.st_mtim));
  close(fd);
}

int main(void) {
  set();
  links_and_directories();
  effects();
  return 0;
}
