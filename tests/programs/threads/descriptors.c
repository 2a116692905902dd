// Threads that use the same descriptors at once. The answer to a call is a proper error, or right for one of the files that the
// number may have stood for: never a mixture, never a wrong file.
//
//: run hammer 8 4000
//: run own 8 500
//: run shared 6 1500
//: run entries 6 200
#include "thread.h"

enum { FILES = 5, SIZE = 512, FIRST = 4, NUMBERS = 12, ALL = 0x1fffffff };

static uint32_t rounds;
static _Atomic uint32_t wrong, useful;

static void fail(const char *what, uint32_t with) {
  wrong++;
  print_number(what, with);
}

static uint16_t open_at(const char *path, uint32_t oflags, uint32_t flags, uint32_t *fd) {
  uint64_t rights = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_FILESTAT_GET;
  return path_open(DIRECTORY, 0, path, length_of(path), oflags, rights, 0, flags, fd);
}

static const char *name_of(char name[24], char kind, uint32_t number) {
  char *at = digits(name, number);
  *--at = '-';
  *--at = kind;
  return at;
}

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}

// A file of SIZE times the same letter.
static void make_file(uint32_t number) {
  char name[24];
  uint8_t text[SIZE];
  uint32_t fd, written;
  __wasi_ciovec_t part = {text, SIZE};
  __builtin_memset(text, 'A' + (int)number, SIZE);
  if (open_at(name_of(name, 'f', number), __WASI_OFLAGS_CREAT, 0, &fd)) return fail("cannot create", number);
  if (fd_write(fd, &part, 1, &written) || written != SIZE || fd_close(fd)) fail("cannot write", number);
}

// What was read must be of one file, up to its end.
static void check_text(const uint8_t *text, uint32_t size) {
  for (uint32_t i = 0; i < size; i++)
    if (text[i] != text[0] || text[0] < 'A' || text[0] >= 'A' + FILES) return fail("a mixture", size);
  useful += size > 0;
}

// Numbers that all threads open, read, move and close, without a lock.
static void hammer(void *argument) {
  uint32_t random = (uint32_t)(uintptr_t)argument * 7919 + 1, fd, size;
  uint8_t text[SIZE];
  char name[24];
  __wasi_iovec_t part = {text, SIZE};
  __wasi_filestat_t info;
  uint64_t position;
  for (uint32_t i = 0; i < rounds; i++) {
    uint32_t number = FIRST + next_random(&random) % NUMBERS, to = FIRST + next_random(&random) % NUMBERS;
    uint16_t error;
    switch (next_random(&random) % 8) {
      case 0:
      case 1:
        if ((error = open_at(name_of(name, 'f', number % FILES), 0, 0, &fd))) fail("open", error);
        else if (fd < FIRST) fail("open gives", fd);
        else if (fd >= FIRST + NUMBERS) fd_close(fd);  // so that numbers stay few
        break;
      case 2:
        error = fd_close(number);
        if (error && error != __WASI_ERRNO_BADF) fail("close", error);
        break;
      case 3:
        error = fd_renumber(number, to);
        if (error && error != __WASI_ERRNO_BADF) fail("renumber", error);
        break;
      case 4:
        error = fd_filestat_get(number, &info);
        if (error ? error != __WASI_ERRNO_BADF : info.size != SIZE) fail("filestat", error);
        break;
      case 5:
        error = fd_seek(number, 0, __WASI_WHENCE_SET, &position);
        if (error ? error != __WASI_ERRNO_BADF : position != 0) fail("seek", error);
        break;
      case 6:
        error = fd_read(number, &part, 1, &size);
        if (error && error != __WASI_ERRNO_BADF) fail("read", error);
        if (!error) check_text(text, size);
        break;
      default:
        error = fd_pread(number, &part, 1, 0, &size);
        if (error && error != __WASI_ERRNO_BADF) fail("pread", error);
        if (!error && size != SIZE) fail("pread gives", size);
        if (!error) check_text(text, size);
    }
  }
}

static void close_numbers(void) {
  for (uint32_t fd = FIRST; fd < FIRST + NUMBERS; fd++) fd_close(fd);
}

// Numbers of the thread's own: nobody else may ever touch what is behind them, however often numbers change hands.
static void own(void *argument) {
  uint32_t self = (uint32_t)(uintptr_t)argument, fd, other, size;
  char name[24], moved[24];
  uint8_t text[32];
  for (uint32_t i = 0; i < rounds; i++) {
    __wasi_ciovec_t out = {text, 8};
    __wasi_iovec_t in = {text, sizeof text};
    __builtin_memset(text, (int)('a' + self), 8);
    const char *path = name_of(name, 'o', self * 100000 + i), *to = name_of(moved, 'm', self);
    if (open_at(path, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, 0, &fd)) fail("open its own", self);
    if (fd_write(fd, &out, 1, &size) || size != 8) fail("write its own", self);
    if (path_rename(DIRECTORY, path, length_of(path), DIRECTORY, to, length_of(to))) fail("rename its own", self);
    if (open_at(to, 0, 0, &other) || fd_renumber(other, fd)) fail("renumber its own", self);
    if (fd_read(fd, &in, 1, &size) || size != 8) fail("read its own", size);
    for (uint32_t j = 0; j < size; j++)
      if (text[j] != 'a' + self) fail("not its own", text[j]);
    if (fd_close(fd)) fail("close its own", self);
    useful++;
  }
  const char *last = name_of(moved, 'm', self);
  if (path_unlink_file(DIRECTORY, last, length_of(last))) fail("unlink its own", self);
}

static uint32_t shared_fd;

// Writes of different threads through one descriptor follow each other: none is lost, none is cut.
static void append_records(void *argument) {
  uint8_t record[16];
  uint32_t size;
  __wasi_ciovec_t part[] = {{record, 5}, {record + 5, 11}};
  __builtin_memset(record, 'A' + (int)(uintptr_t)argument, sizeof record);
  for (uint32_t i = 0; i < rounds; i++)
    if (fd_write(shared_fd, part, 2, &size) || size != sizeof record) fail("write", size);
}

static void shared(uint32_t threads_used) {
  uint32_t counts[32] = {0}, size;
  uint8_t record[16];
  __wasi_iovec_t part = {record, sizeof record};
  uint64_t at = 0;
  if (open_at("shared", __WASI_OFLAGS_CREAT, 0, &shared_fd)) return fail("create", 0);
  start_all(threads_used, append_records);
  join_all(threads_used);
  for (; !fd_pread(shared_fd, &part, 1, at, &size) && size == sizeof record; at += size) {
    for (uint32_t i = 1; i < size; i++)
      if (record[i] != record[0]) fail("records overlap at", (uint32_t)at);
    counts[record[0] - 'A']++;
  }
  for (uint32_t i = 0; i < threads_used; i++) {
    if (counts[i] != rounds) fail("records", counts[i]);
    useful += counts[i];
  }
  fd_close(shared_fd);
  path_unlink_file(DIRECTORY, "shared", 6);
}

// Half of the threads make and remove files, the others list the directory through the same descriptor: each listing has what is
// always there exactly once.
static void list_entries(void *argument) {
  uint32_t self = (uint32_t)(uintptr_t)argument, fd, used;
  char name[24];
  uint8_t buffer[200];
  for (uint32_t i = 0; i < rounds; i++) {
    if (self % 2) {
      const char *path = name_of(name, 't', self * 10 + i % 10);
      if (open_at(path, __WASI_OFLAGS_CREAT, 0, &fd) || fd_close(fd)) fail("create", self);
      else if (path_unlink_file(DIRECTORY, path, length_of(path))) fail("unlink", self);
      continue;
    }
    uint32_t found = 0;
    uint64_t cookie = 0;
    while (true) {
      if (fd_readdir(DIRECTORY, buffer, sizeof buffer, cookie, &used)) fail("readdir", self);
      uint32_t at = 0;
      for (__wasi_dirent_t entry; at + sizeof entry <= used; at += sizeof entry + entry.d_namlen) {
        __builtin_memcpy(&entry, buffer + at, sizeof entry);
        if (at + sizeof entry + entry.d_namlen > used) break;  // cut off: it is the next call's first
        found += buffer[at + sizeof entry] == 'f';
        cookie = entry.d_next;
      }
      if (used < sizeof buffer) break;
    }
    if (found != FILES) fail("files in a listing", found);
    useful++;
  }
}

static int run(int argc, char **argv) {
  uint32_t threads_used = number_of(argv[2]), fd;
  char name[24];
  rounds = number_of(argv[3]);
  for (uint32_t i = 0; i < FILES; i++) make_file(i);
  if (same(argv[1], "shared")) {
    shared(threads_used);
  } else {
    start_all(threads_used, same(argv[1], "hammer") ? hammer : same(argv[1], "own") ? own : list_entries);
    join_all(threads_used);
  }
  close_numbers();
  if (open_at("f-0", 0, 0, &fd) || fd != FIRST) fail("not the lowest number that is free", fd);
  for (uint32_t i = 0; i < FILES; i++) {
    const char *path = name_of(name, 'f', i);
    if (path_unlink_file(DIRECTORY, path, length_of(path))) fail("unlink", i);
  }
  print_number("wrong", wrong);
  print_number("useful", useful > 0);
  return 0;
}
