// Directories as programs walk them: positions, entries that come and go meanwhile, trees made and removed, and the errors of each.
// The order of entries is the host's, so what is printed are sets and counts.
//
//: run in-order
//: run positions
//: run changes
//: run tree
//: run at
//: run errors
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __wasi__
#include <wasi/api.h>
#endif

#include "errno_name.h"

enum { MANY = 600 };

static void report(const char *what, int result) { printf("%-36s %s\n", what, result < 0 ? errno_name(errno) : "done"); }

static void create(const char *format, int number) {
  char path[64];
  snprintf(path, sizeof path, format, number);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (fd < 0) printf("cannot create %s: %s\n", path, errno_name(errno));
  else close(fd);
}

static void remove_one(const char *format, int number) {
  char path[64];
  snprintf(path, sizeof path, format, number);
  if (unlink(path) != 0) printf("cannot remove %s: %s\n", path, errno_name(errno));
}

// The next entry but `.` and `..`, or NULL.
static struct dirent *next(DIR *dir) {
  struct dirent *entry;
  do errno = 0, entry = readdir(dir);
  while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
  if (!entry && errno) printf("readdir: %s\n", errno_name(errno));
  return entry;
}

// How often each of the files `<prefix>NNN` is seen from here to the end; the number of entries.
static int tally(DIR *dir, const char *prefix, int seen[MANY]) {
  int entries = 0;
  size_t length = strlen(prefix);
  for (struct dirent *entry; (entry = next(dir)); entries++)
    if (!strncmp(entry->d_name, prefix, length)) seen[atoi(entry->d_name + length)]++;
  return entries;
}

static int exactly(const int seen[MANY], int from, int to, int times) {
  int right = 0;
  for (int i = from; i < to; i++) right += seen[i] == times;
  return right;
}

static void in_order(void) {
  for (int i = 0; i < MANY; i++) create("file-%03d", i);
  DIR *dir = opendir(".");
  char names[MANY][16];
  int entries = 0, same = 0;
  for (struct dirent *entry; entries < MANY && (entry = next(dir)); entries++) strcpy(names[entries], entry->d_name);
  printf("entries: %d, end: %d\n", entries, next(dir) == NULL);
  rewinddir(dir);
  for (struct dirent *entry; same < entries && (entry = next(dir)); same++)
    if (strcmp(entry->d_name, names[same]) != 0) break;
  printf("in the same order: %d, end: %d\n", same, next(dir) == NULL);
  report("closedir", closedir(dir));
  for (int i = 0; i < MANY; i++) remove_one("file-%03d", i);
}

// Reads the entry at a position, and moves the position behind it; 0 at the end.
static int read_at(DIR *dir, uint64_t *position, char name[16]) {
#ifdef __wasi__
  // The libc's `long` has 32 bits, positions have 64 on many file systems: what WASI itself gives.
  struct {
    __wasi_dirent_t entry;
    char name[16];
  } buffer;
  __wasi_size_t used;
  if (__wasi_fd_readdir(dirfd(dir), (uint8_t *)&buffer, sizeof buffer, *position, &used) || used < sizeof buffer.entry) return 0;
  size_t length = buffer.entry.d_namlen;
  snprintf(name, 16, "%.*s", (int)(length < 16 ? length : 15), buffer.name);
  *position = buffer.entry.d_next;
#else
  seekdir(dir, (long)*position);
  struct dirent *entry = readdir(dir);
  if (!entry) return 0;
  snprintf(name, 16, "%s", entry->d_name);
  *position = (uint64_t)telldir(dir);
#endif
  return 1;
}

static void positions(void) {
  enum { ENTRIES = 202 };  // with `.` and `..`
  uint64_t places[ENTRIES + 1] = {0};
  char names[ENTRIES][16], name[16];
  for (int i = 0; i < ENTRIES - 2; i++) create("file-%03d", i);
  DIR *dir = opendir(".");
  int entries = 0, right = 0;
  for (uint64_t at = 0; entries < ENTRIES && read_at(dir, &at, names[entries]);) places[++entries] = at;
  printf("entries: %d, end: %d\n", entries, !read_at(dir, &(uint64_t){places[entries]}, name));
  // Back and forth; then where an entry was that is gone, what follows it must be next.
  for (int i = 0, at = 0; i < ENTRIES; i++, at = (at + 91) % ENTRIES)
    right += read_at(dir, &(uint64_t){places[at]}, name) && !strcmp(name, names[at]);
  printf("found again: %d\n", right);
  uint64_t from = places[100];
  if (names[99][0] == 'f') unlink(names[99]);
  printf("after a removed entry: %d\n", read_at(dir, &from, name) && !strcmp(name, names[100]));
  printf("end again: %d\n", !read_at(dir, &(uint64_t){places[entries]}, name));
  closedir(dir);
  for (int i = 0; i < ENTRIES; i++) unlink(names[i]);
}

static void changes(void) {
  int seen[MANY] = {0};
  mkdir("d", 0755);
  for (int i = 0; i < MANY / 2; i++) create("d/file-%03d", i);
  DIR *dir = opendir("d");
  printf("before: %d entries", tally(dir, "file-", seen));
  printf(", once each: %d\n", exactly(seen, 0, MANY / 2, 1));

  // What comes before the directory is rewound is in what follows.
  for (int i = MANY / 2; i < MANY; i++) create("d/file-%03d", i);
  memset(seen, 0, sizeof seen);
  rewinddir(dir);
  printf("rewound: %d entries", tally(dir, "file-", seen));
  printf(", once each: %d\n", exactly(seen, 0, MANY, 1));

  // What is removed while the directory is read: what stays must be seen once, what goes at most once.
  memset(seen, 0, sizeof seen);
  rewinddir(dir);
  for (int i = 0; i < 20; i++) seen[atoi(next(dir)->d_name + 5)]++;
  for (int i = 1; i < MANY; i += 2) remove_one("d/file-%03d", i);
  tally(dir, "file-", seen);
  int stay = 0, twice = 0;
  for (int i = 0; i < MANY; i++) stay += i % 2 == 0 && seen[i] == 1, twice += seen[i] > 1;
  printf("half removed: %d that stay, %d twice\n", stay, twice);

  // Each entry removed as it is read: none may be missed.
  int removed = 0;
  char path[300];
  rewinddir(dir);
  for (struct dirent *entry; (entry = next(dir)); removed++) {
    snprintf(path, sizeof path, "d/%s", entry->d_name);
    if (unlink(path) != 0) printf("cannot remove %s: %s\n", path, errno_name(errno));
  }
  printf("removed while reading: %d\n", removed);
  memset(seen, 0, sizeof seen);
  rewinddir(dir);
  printf("left: %d\n", tally(dir, "file-", seen));
  report("rmdir of what is open", rmdir("d"));
  rewinddir(dir);
  printf("entries of what is gone: %d\n", readdir(dir) != NULL);
  closedir(dir);

  // Renamed while it is read, under the eyes of the descriptor.
  mkdir("d", 0755);
  for (int i = 0; i < 100; i++) create("d/file-%03d", i);
  memset(seen, 0, sizeof seen);
  dir = opendir("d");
  seen[atoi(next(dir)->d_name + 5)]++;
  report("rename of what is open", rename("d", "e"));
  tally(dir, "file-", seen);
  printf("read on: %d\n", exactly(seen, 0, 100, 1));
  closedir(dir);
}

static int remove_visited(const char *path, const struct stat *info, int flag, struct FTW *where) {
  const char *kind = flag == FTW_DP ? "directory" : flag == FTW_F ? "file" : "?";
  printf("%d %s %s of %lld\n", where->level, kind, path + where->base, flag == FTW_F ? (long long)info->st_size : 0LL);
  if (remove(path) != 0) printf("cannot remove %s: %s\n", path, errno_name(errno));
  return 0;
}

static int not_dots(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void tree(void) {
  // A line, so that the order of the walk is known.
  char path[1024] = "top";
  for (int depth = 0; depth < 40; depth++) {
    if (mkdir(path, 0755) != 0) return printf("cannot make %s: %s\n", path, errno_name(errno)), (void)0;
    sprintf(path + strlen(path), "/level-%02d", depth);
  }
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  printf("written at depth 40: %zd\n", write(fd, "deep", 4));
  close(fd);
  report("remove a tree with rmdir", rmdir("top"));
  report("walk and remove", nftw("top", remove_visited, 64, FTW_DEPTH | FTW_PHYS));
  struct stat info;
  report("afterwards", stat("top", &info));

  mkdir("sorted", 0755);
  for (int i = 0; i < 30; i++) create("sorted/%d", i * 7919 % 30);
  struct dirent **entries;
  int count = scandir("sorted", &entries, not_dots, alphasort);
  printf("scandir %d:", count);
  for (int i = 0; i < count; i++) printf(" %s", entries[i]->d_name), free(entries[i]);
  printf("\n");
  free(entries);
}

// Through descriptors of directories, and what an entry says against what stat says.
static void at(void) {
  report("mkdirat", mkdirat(AT_FDCWD, "base", 0755));
  int base = open("base", O_RDONLY | O_DIRECTORY);
  report("mkdirat below", mkdirat(base, "inner", 0755));
  int inner = openat(base, "inner", O_RDONLY | O_DIRECTORY);
  int fd = openat(inner, "file", O_RDWR | O_CREAT | O_EXCL, 0644);
  printf("write %zd\n", write(fd, "content", 7));
  close(fd);
  report("linkat", linkat(inner, "file", base, "second", 0));
  report("symlinkat", symlinkat("inner/file", base, "soft"));
  report("renameat", renameat(inner, "file", base, "first"));
  struct stat info;
  report("fstatat where it was", fstatat(inner, "file", &info, 0));
  report("fstatat where it is", fstatat(base, "first", &info, 0));
  printf("size %lld, links %d\n", (long long)info.st_size, (int)info.st_nlink);
  report("fstatat of the dangling link", fstatat(base, "soft", &info, 0));
  report("fstatat of the link itself", fstatat(base, "soft", &info, AT_SYMLINK_NOFOLLOW));
  report("faccessat", faccessat(base, "second", R_OK, 0));
  report("rename under an open descriptor", rename("base", "moved"));
  fd = openat(inner, "still", O_WRONLY | O_CREAT, 0644);
  report("openat in what has moved", fd);
  close(fd);
  report("stat it by its new name", stat("moved/inner/still", &info));

  DIR *dir = fdopendir(base);
  int types = 0, numbers = 0, entries = 0;
  for (struct dirent *entry; (entry = next(dir)); entries++) {
    if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    int type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISLNK(info.st_mode) ? DT_LNK : DT_REG;
    types += entry->d_type == type;
    numbers += entry->d_ino == info.st_ino;
  }
  printf("%d entries, types %d, numbers %d\n", entries, types, numbers);
  closedir(dir);
  report("closedir closes the descriptor", close(base));
  report("unlinkat of a file", unlinkat(inner, "still", 0));
  report("unlinkat of a directory as a file", unlinkat(AT_FDCWD, "moved/inner", 0));
  report("unlinkat of a directory", unlinkat(AT_FDCWD, "moved/inner", AT_REMOVEDIR));
  fd = openat(inner, "late", O_WRONLY | O_CREAT, 0644);
  report("openat in what was removed", fd);
  close(inner);
}

static void errors(void) {
  static char path[6000];
  create("file-%d", 1);
  mkdir("full", 0755);
  create("full/file-%d", 1);
  report("mkdir over a file", mkdir("file-1", 0755));
  report("mkdir over a directory", mkdir("full", 0755));
  report("mkdir below a file", mkdir("file-1/below", 0755));
  report("mkdir below nothing", mkdir("none/below", 0755));
  report("mkdir with a slash", mkdir("slash/", 0755));
  report("mkdir with many slashes", mkdir("slash//again///", 0755));
  report("mkdir of dot", mkdir(".", 0755));
  memset(path, 'n', 255);
  report("mkdir, 255 characters", mkdir(path, 0755));
  report("rmdir, 255 characters", rmdir(path));
  memset(path, 'n', 256);
  report("mkdir, 256 characters", mkdir(path, 0755));
  for (int i = 0; i < 5000; i += 2) memcpy(path + i, "./", 2);
  strcpy(path + 4000, "far");
  report("mkdir, a path of 4003", mkdir(path, 0755));
  memcpy(path + 4000, "./", 2);
  strcpy(path + 5000, "far");
  report("mkdir, a path of 5003", mkdir(path, 0755));
  report("rmdir of a file", rmdir("file-1"));
  report("rmdir of nothing", rmdir("none"));
  report("rmdir of what is full", rmdir("full"));
  report("rmdir of dot", rmdir("slash/."));
  report("rmdir with a slash", rmdir("slash/again/"));
  report("opendir of a file", opendir("file-1") ? 0 : -1);
  report("opendir of a file with a slash", opendir("file-1/") ? 0 : -1);
  report("opendir of nothing", opendir("none") ? 0 : -1);
  report("open a directory for writing", open("full", O_WRONLY));
  report("open a file as a directory", open("file-1", O_RDONLY | O_DIRECTORY));
  report("create over a directory", open("full", O_WRONLY | O_CREAT, 0644));
  char byte;
  int fd = open("full", O_RDONLY | O_DIRECTORY);
  report("read a directory", (int)read(fd, &byte, 1));
  report("fdopendir of a file", fdopendir(open("file-1", O_RDONLY)) ? 0 : -1);
  report("fdopendir of nothing", fdopendir(99) ? 0 : -1);
  close(fd);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "in-order")) return in_order(), 0;
  if (!strcmp(what, "positions")) return positions(), 0;
  if (!strcmp(what, "changes")) return changes(), 0;
  if (!strcmp(what, "tree")) return tree(), 0;
  if (!strcmp(what, "at")) return at(), 0;
  if (!strcmp(what, "errors")) return errors(), 0;
  return 2;
}
