// A tree of files: create, append, seek, truncate, rename, list, stat, remove, and the errors of each.
//
//: run
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_name.h"

static void report(const char *what, int result) {
  printf("%-28s %s\n", what, result < 0 ? strerror(errno) : "done");
}

static void expect_error(const char *what, int result) {
  printf("%-28s %s\n", what, result >= 0 ? "no error" : errno_name(errno));
}

static void write_text(const char *path, const char *mode, const char *text) {
  FILE *out = fopen(path, mode);
  if (!out) {
    printf("cannot open %s: %s\n", path, errno_name(errno));
    return;
  }
  fputs(text, out);
  fclose(out);
}

static void show(const char *path) {
  char text[256];
  FILE *in = fopen(path, "r");
  if (!in) {
    printf("%s: %s\n", path, errno_name(errno));
    return;
  }
  size_t size = fread(text, 1, sizeof text - 1, in);
  text[size] = 0;
  fclose(in);
  printf("%s: %zu bytes [%s]\n", path, size, text);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path, int depth) {
  DIR *dir = opendir(path);
  if (!dir) {
    printf("cannot list %s: %s\n", path, errno_name(errno));
    return;
  }
  char *names[300];
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(dir)) && count < 300;)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
  closedir(dir);
  qsort(names, count, sizeof names[0], by_name);
  for (size_t i = 0; i < count; i++) {
    char child[512];
    snprintf(child, sizeof child, "%s/%s", path, names[i]);
    struct stat info;
    if (stat(child, &info) != 0) printf("cannot stat %s\n", child);
    int is_dir = S_ISDIR(info.st_mode);
    if (is_dir) printf("%*s%s/\n", depth * 2, "", names[i]);
    else printf("%*s%s %lld\n", depth * 2, "", names[i], (long long)info.st_size);
    if (is_dir) list(child, depth + 1);
    free(names[i]);
  }
}

static void low_level(void) {
  int fd = open("tree/low.bin", O_RDWR | O_CREAT | O_EXCL, 0644);
  report("open O_EXCL", fd);
  expect_error("open O_EXCL again", open("tree/low.bin", O_RDWR | O_CREAT | O_EXCL, 0644));
  char bytes[64];
  for (int i = 0; i < 64; i++) bytes[i] = (char)i;
  printf("write %zd\n", write(fd, bytes, 64));
  printf("seek %lld\n", (long long)lseek(fd, -4, SEEK_END));
  printf("read %zd, first %d\n", read(fd, bytes, 64), bytes[0]);
  printf("pwrite %zd, pread %zd", pwrite(fd, "xyz", 3, 10), pread(fd, bytes, 5, 9));
  printf(" [%d %c %c %c %d]\n", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
  report("ftruncate", ftruncate(fd, 100));
  printf("end %lld\n", (long long)lseek(fd, 0, SEEK_END));
  expect_error("seek before the start", (int)lseek(fd, -5, SEEK_SET));
  report("fsync", fsync(fd));
  report("close", close(fd));
  expect_error("close again", close(fd));
  expect_error("read from a closed file", (int)read(fd, bytes, 1));
}

int main(void) {
  report("mkdir", mkdir("tree", 0755));
  expect_error("mkdir again", mkdir("tree", 0755));
  report("mkdir below", mkdir("tree/deep", 0755));
  write_text("tree/a.txt", "w", "first line\n");
  write_text("tree/a.txt", "a", "second line\n");
  write_text("tree/deep/b.txt", "w", "in the deep\n");
  write_text("tree/none/c.txt", "w", "nowhere\n");
  show("tree/a.txt");
  show("tree/deep/b.txt");
  show("tree/missing.txt");
  low_level();
  report("rename", rename("tree/deep/b.txt", "tree/moved.txt"));
  expect_error("rename a missing file", rename("tree/none", "tree/other"));
  report("link", link("tree/moved.txt", "tree/linked.txt"));
  report("symlink", symlink("moved.txt", "tree/soft.txt"));
  show("tree/soft.txt");
  char target[64] = {0};
  printf("readlink %zd [%s]\n", readlink("tree/soft.txt", target, sizeof target - 1), target);
  for (int i = 0; i < 200; i++) {
    char path[64];
    snprintf(path, sizeof path, "tree/deep/file-%03d-with-a-long-enough-name", i);
    write_text(path, "w", "x");
  }
  list(".", 0);
  expect_error("rmdir of a full directory", rmdir("tree/deep"));
  expect_error("rmdir of a file", rmdir("tree/a.txt"));
  expect_error("list a file", opendir("tree/a.txt") ? 0 : -1);
  for (int i = 0; i < 200; i++) {
    char path[64];
    snprintf(path, sizeof path, "tree/deep/file-%03d-with-a-long-enough-name", i);
    if (unlink(path) != 0) printf("cannot remove %s\n", path);
  }
  report("rmdir", rmdir("tree/deep"));
  report("truncate to zero", truncate("tree/linked.txt", 0));
  show("tree/moved.txt");
  list(".", 0);
  return 0;
}
