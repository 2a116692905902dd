#define _GNU_SOURCE  // memmem
#include "attempts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW
#define READS __WASI_RIGHTS_FD_READ
#define WRITES __WASI_RIGHTS_FD_WRITE
#define READS_AND_SEEKS (READS | __WASI_RIGHTS_FD_SEEK)
#define WRITES_AND_SEEKS (WRITES | __WASI_RIGHTS_FD_SEEK)

static const uint32_t kLongestShown = 80;

struct text text_of(const char *string) { return (struct text){string, strlen(string)}; }

static void print_path(struct text path) {
  putchar('"');
  for (uint32_t i = 0; i < path.length && i < kLongestShown; ++i) {
    if (path.at[i] >= ' ' && path.at[i] <= '~') putchar(path.at[i]);
    else printf("\\x%02x", (uint8_t)path.at[i]);
  }
  printf(path.length > kLongestShown ? "\"… (%u bytes)" : "\"", path.length);
}

static bool as_expected(uint32_t expected, uint32_t got) {
  if (expected == MAGIC_LINK) return got == LOOP || got == NOTCAPABLE;
  return got == expected;
}

void judge(struct trial *trial, const char *what, struct text path, uint32_t expected, uint32_t got) {
  ++trial->attempts;
  if (as_expected(expected, got)) return;
  ++trial->failures;
  printf("FAILED %s: %s ", trial->name, what);
  print_path(path);
  printf(": %u, expected %u\n", got, expected);
}

uint32_t open_at(uint32_t dir, uint32_t lookup, struct text path, uint32_t oflags, uint64_t rights, uint32_t *fd_out) {
  return wasi_path_open(dir, lookup, address_of(path.at), path.length, oflags, rights, rights, 0, address_of(fd_out));
}

uint32_t open_directory(uint32_t dir, struct text path, uint32_t *fd_out) {
  __wasi_fdstat_t stat;
  uint32_t error = wasi_fd_fdstat_get(dir, address_of(&stat));
  if (error) return error;
  // A directory cannot be opened for writing, but what is opened through it can.
  const uint64_t base = stat.fs_rights_inheriting & ~(WRITES | __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE);
  return wasi_path_open(dir, FOLLOW, address_of(path.at), path.length, __WASI_OFLAGS_DIRECTORY, base, stat.fs_rights_inheriting, 0,
                        address_of(fd_out));
}

uint32_t read_file(uint32_t fd, char *buffer, uint32_t size, uint32_t *used_out) {
  __wasi_iovec_t iov = {(uint8_t *)buffer, size};
  return wasi_fd_pread(fd, address_of(&iov), 1, 0, address_of(used_out));
}

uint32_t write_file(uint32_t fd, struct text bytes) {
  __wasi_ciovec_t iov = {(const uint8_t *)bytes.at, bytes.length};
  uint32_t written;
  return wasi_fd_pwrite(fd, address_of(&iov), 1, 0, address_of(&written));
}

uint32_t put_file(uint32_t dir, struct text path) {
  uint32_t fd;
  uint32_t error = open_at(dir, 0, path, __WASI_OFLAGS_CREAT, WRITES_AND_SEEKS, &fd);
  if (error) return error;
  error = write_file(fd, TEXT(PUBLIC));
  wasi_fd_close(fd);
  return error;
}

uint32_t is_public(uint32_t fd) {
  char buffer[32];
  uint32_t used;
  uint32_t error = read_file(fd, buffer, sizeof buffer, &used);
  if (error) return error;
  return used == strlen(PUBLIC) && memcmp(buffer, PUBLIC, used) == 0 ? SUCCESS : LEAKED;
}

// The operations. Each gives the error number of the call that it is named for.

static uint32_t open_to_read(uint32_t dir, uint32_t lookup, struct text path) {
  uint32_t fd;
  uint32_t error = open_at(dir, lookup, path, 0, READS_AND_SEEKS, &fd);
  if (error) return error;
  error = is_public(fd);
  wasi_fd_close(fd);
  return error;
}

static uint32_t open_read(uint32_t dir, struct text path) { return open_to_read(dir, FOLLOW, path); }
static uint32_t open_nofollow(uint32_t dir, struct text path) { return open_to_read(dir, 0, path); }

static uint32_t open_write(uint32_t dir, struct text path) {
  uint32_t fd;
  uint32_t error = open_at(dir, FOLLOW, path, 0, WRITES_AND_SEEKS, &fd);
  if (error) return error;
  error = write_file(fd, TEXT(PUBLIC));
  wasi_fd_close(fd);
  return error;
}

/// Without any right to the file: truncation alone.
static uint32_t open_truncate(uint32_t dir, struct text path) {
  uint32_t fd;
  uint32_t error = open_at(dir, FOLLOW, path, __WASI_OFLAGS_TRUNC, 0, &fd);
  if (error) return error;
  wasi_fd_close(fd);
  return open_write(dir, path);
}

static uint32_t open_to_create(uint32_t dir, struct text path, uint32_t oflags) {
  uint32_t fd;
  uint32_t error = open_at(dir, FOLLOW, path, __WASI_OFLAGS_CREAT | oflags, WRITES, &fd);
  if (error) return error;
  wasi_fd_close(fd);
  return wasi_path_unlink_file(dir, address_of(path.at), path.length);
}

static uint32_t open_create(uint32_t dir, struct text path) { return open_to_create(dir, path, 0); }
static uint32_t open_exclusive(uint32_t dir, struct text path) { return open_to_create(dir, path, __WASI_OFLAGS_EXCL); }

/// Opens a directory and lists it.
static uint32_t list(uint32_t dir, struct text path) {
  char buffer[4096];
  uint32_t fd, used;
  uint32_t error = open_directory(dir, path, &fd);
  if (error) return error;
  error = wasi_fd_readdir(fd, address_of(buffer), sizeof buffer, __WASI_DIRCOOKIE_START, address_of(&used));
  wasi_fd_close(fd);
  if (error) return error;
  return memmem(buffer, used, "only-outside", strlen("only-outside")) ? LEAKED : SUCCESS;
}

static uint32_t stat(uint32_t dir, struct text path) {
  __wasi_filestat_t found;
  uint32_t error = wasi_path_filestat_get(dir, FOLLOW, address_of(path.at), path.length, address_of(&found));
  if (error) return error;
  return found.filetype == __WASI_FILETYPE_REGULAR_FILE && found.size != strlen(PUBLIC) ? LEAKED : SUCCESS;
}

static uint32_t stat_nofollow(uint32_t dir, struct text path) {
  __wasi_filestat_t found;
  return wasi_path_filestat_get(dir, 0, address_of(path.at), path.length, address_of(&found));
}

static uint32_t set_times_to_one(uint32_t dir, uint32_t lookup, struct text path) {
  return wasi_path_filestat_set_times(dir, lookup, address_of(path.at), path.length, 1, 1,
                                      __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM);
}

static uint32_t set_times(uint32_t dir, struct text path) { return set_times_to_one(dir, FOLLOW, path); }
static uint32_t set_times_nofollow(uint32_t dir, struct text path) { return set_times_to_one(dir, 0, path); }

static uint32_t readlink(uint32_t dir, struct text path) {
  char buffer[4096];
  uint32_t used;
  return wasi_path_readlink(dir, address_of(path.at), path.length, address_of(buffer), sizeof buffer, address_of(&used));
}

static uint32_t create_directory(uint32_t dir, struct text path) {
  uint32_t error = wasi_path_create_directory(dir, address_of(path.at), path.length);
  return error ? error : wasi_path_remove_directory(dir, address_of(path.at), path.length);
}

static uint32_t remove_directory(uint32_t dir, struct text path) {
  uint32_t error = wasi_path_remove_directory(dir, address_of(path.at), path.length);
  return error ? error : wasi_path_create_directory(dir, address_of(path.at), path.length);
}

static uint32_t unlink(uint32_t dir, struct text path) {
  uint32_t error = wasi_path_unlink_file(dir, address_of(path.at), path.length);
  return error ? error : put_file(dir, path);
}

static uint32_t symlink(uint32_t dir, struct text path) {
  uint32_t error = wasi_path_symlink(address_of("file"), strlen("file"), dir, address_of(path.at), path.length);
  return error ? error : wasi_path_unlink_file(dir, address_of(path.at), path.length);
}

static uint32_t link_between(uint32_t old_dir, struct text old_path, uint32_t new_dir, struct text new_path) {
  uint32_t error =
      wasi_path_link(old_dir, 0, address_of(old_path.at), old_path.length, new_dir, address_of(new_path.at), new_path.length);
  return error ? error : wasi_path_unlink_file(new_dir, address_of(new_path.at), new_path.length);
}

static uint32_t link_from(uint32_t dir, struct text path) { return link_between(dir, path, FIRST, TEXT("taken")); }
static uint32_t link_to(uint32_t dir, struct text path) { return link_between(FIRST, TEXT("mine"), dir, path); }

static uint32_t rename_between(uint32_t old_dir, struct text old_path, uint32_t new_dir, struct text new_path) {
  return wasi_path_rename(old_dir, address_of(old_path.at), old_path.length, new_dir, address_of(new_path.at), new_path.length);
}

static uint32_t rename_and_back(uint32_t old_dir, struct text old_path, uint32_t new_dir, struct text new_path) {
  uint32_t error = rename_between(old_dir, old_path, new_dir, new_path);
  return error ? error : rename_between(new_dir, new_path, old_dir, old_path);
}

static uint32_t rename_from(uint32_t dir, struct text path) { return rename_and_back(dir, path, FIRST, TEXT("taken")); }
static uint32_t rename_to(uint32_t dir, struct text path) { return rename_and_back(FIRST, TEXT("mine"), dir, path); }

/// What was there is lost, but it said the same.
static uint32_t rename_over(uint32_t dir, struct text path) {
  uint32_t error = rename_between(FIRST, TEXT("mine"), dir, path);
  return error ? error : put_file(FIRST, TEXT("mine"));
}

struct operation {
  const char *name, *subject;
  bool changes;
  uint32_t (*run)(uint32_t dir, struct text path);
};

static const struct operation kOperations[] = {
    {"open_read", "file", false, open_read},
    {"open_nofollow", "file", false, open_nofollow},
    {"list", "dir", false, list},
    {"stat", "file", false, stat},
    {"stat_nofollow", "link", false, stat_nofollow},
    {"readlink", "link", false, readlink},
    {"open_write", "file", true, open_write},
    {"open_truncate", "file", true, open_truncate},
    {"open_create", "new", true, open_create},
    {"open_exclusive", "new", true, open_exclusive},
    {"set_times", "file", true, set_times},
    {"set_times_nofollow", "link", true, set_times_nofollow},
    {"create_directory", "new", true, create_directory},
    {"remove_directory", "empty", true, remove_directory},
    {"unlink", "file", true, unlink},
    {"symlink", "new", true, symlink},
    {"link_from", "file", true, link_from},
    {"link_to", "new", true, link_to},
    {"rename_from", "file", true, rename_from},
    {"rename_from", "dir", true, rename_from},
    {"rename_to", "new", true, rename_to},
    {"rename_over", "file", true, rename_over},
};
static const unsigned kOperationCount = sizeof kOperations / sizeof *kOperations;

void attempt(struct trial *trial, const char *operation, uint32_t dir, struct text path, uint32_t expected) {
  for (const struct operation *op = kOperations; op < kOperations + kOperationCount; ++op)
    if (strcmp(op->name, operation) == 0) return judge(trial, op->name, path, expected, op->run(dir, path));
  printf("no operation %s\n", operation);
  abort();
}

void attempt_rows(struct trial *trial, uint32_t dir, const struct row *rows, unsigned count) {
  for (const struct row *row = rows; row < rows + count; ++row)
    attempt(trial, row->operation, dir, text_of(row->path), row->expected);
}

void attempt_all_at(struct trial *trial, uint32_t dir, struct text path, uint32_t expected) {
  for (const struct operation *op = kOperations; op < kOperations + kOperationCount; ++op)
    judge(trial, op->name, path, expected, op->run(dir, path));
}

void attempt_through(struct trial *trial, uint32_t dir, const char *prefix, uint32_t reads, uint32_t changes) {
  char path[1024];
  for (const struct operation *op = kOperations; op < kOperations + kOperationCount; ++op) {
    int length = snprintf(path, sizeof path, "%s/%s", prefix, op->subject);
    if (length < 0 || (size_t)length >= sizeof path) abort();
    judge(trial, op->name, (struct text){path, length}, op->changes ? changes : reads, op->run(dir, (struct text){path, length}));
  }
}
