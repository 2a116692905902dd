// Where bytes of a file go: offsets, positions shared and apart, append mode, holes, truncation, several buffers at once, modes of
// opening, and every refusal.
//
//: run positions
//: run append
//: run sizes
//: run vectors
//: run modes
//: run random
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "errno_name.h"

static void report(const char *what, long long result) {
  if (result < 0) printf("%-36s %s\n", what, errno_name(errno));
  else printf("%-36s %lld\n", what, result);
}

static long long size_of(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 ? (long long)info.st_size : -1;
}

// The whole file, zero bytes as dots.
static void show(const char *path) {
  static char text[4096];
  int fd = open(path, O_RDONLY);
  ssize_t size = read(fd, text, sizeof text);
  close(fd);
  for (ssize_t i = 0; i < size; i++)
    if (!text[i]) text[i] = '.';
  printf("    %s: %zd [%.*s]\n", path, size, size < 100 ? (int)size : 100, text);
}

static void positions(void) {
  char text[32] = "";
  int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0644), other = open("file", O_RDWR);
  report("write", write(fd, "0123456789", 10));
  report("position", lseek(fd, 0, SEEK_CUR));
  report("position of the other", lseek(other, 0, SEEK_CUR));
  report("pwrite", pwrite(fd, "ab", 2, 3));
  report("position", lseek(fd, 0, SEEK_CUR));
  report("pread", pread(fd, text, 4, 2));
  printf("    %.4s\n", text);
  report("position", lseek(fd, 0, SEEK_CUR));
  report("pread over the end", pread(fd, text, 20, 8));
  report("pread behind the end", pread(fd, text, 20, 80));
  report("pread of nothing", pread(fd, text, 0, 0));
  report("pwrite of nothing behind the end", pwrite(fd, text, 0, 80));
  report("size", size_of(fd));
  report("pwrite behind the end", pwrite(fd, "far", 3, 20));
  show("file");
  report("read by the other", read(other, text, 5));
  report("position of the other", lseek(other, 0, SEEK_CUR));
  report("back", lseek(other, -2, SEEK_CUR));
  report("before the start", lseek(other, -4, SEEK_CUR));
  report("still there", lseek(other, 0, SEEK_CUR));
  report("from the end", lseek(other, -3, SEEK_END));
  report("behind the end", lseek(other, 1000, SEEK_END));
  report("read there", read(other, text, 5));
  report("size", size_of(fd));
  report("far behind", lseek(other, 1LL << 40, SEEK_SET));
  report("farther than there is", lseek(other, LLONG_MAX, SEEK_CUR));
  report("unknown origin", lseek(other, 0, 77));
  report("pread before the start", pread(fd, text, 1, -1));
  report("pwrite before the start", pwrite(fd, text, 1, -1));
  report("pwrite farther than there is", pwrite(fd, text, 1, LLONG_MAX));
  close(fd);
  close(other);
}

static void append(void) {
  char text[32] = "";
  int one = open("file", O_RDWR | O_CREAT | O_APPEND, 0644), two = open("file", O_WRONLY | O_APPEND), plain = open("file", O_RDWR);
  report("write one", write(one, "one ", 4));
  report("write two", write(two, "two ", 4));
  report("write one", write(one, "one ", 4));
  report("position of one", lseek(one, 0, SEEK_CUR));
  report("position of two", lseek(two, 0, SEEK_CUR));
  report("one goes to the start", lseek(one, 0, SEEK_SET));
  report("read one", read(one, text, 4));
  report("write one", write(one, "end ", 4));
  show("file");
  report("write plain", write(plain, "ONE", 3));
  report("append mode of plain", fcntl(plain, F_SETFL, O_APPEND));
  printf("    flag %d\n", (fcntl(plain, F_GETFL) & O_APPEND) != 0);
  report("write plain", write(plain, "plain ", 6));
  report("no append mode", fcntl(plain, F_SETFL, 0));
  report("position of plain", lseek(plain, 4, SEEK_SET));
  report("write plain", write(plain, "TWO", 3));
  show("file");
  report("truncate under the appenders", ftruncate(plain, 5));
  report("write two", write(two, "two", 3));
  show("file");
  FILE *stream = fopen("file", "a+");
  fputs(" stream", stream);
  report("position of the stream", ftell(stream));
  rewind(stream);
  fgets(text, sizeof text, stream);
  printf("    %s\n", text);
  fclose(stream);
  close(one), close(two), close(plain);
}

static void sizes(void) {
  struct stat info;
  char text[8];
  int fd = open("file", O_RDWR | O_CREAT, 0644), reader = open("file", O_RDONLY);
  report("grow", ftruncate(fd, 10));
  report("write", write(fd, "abcdef", 6));
  report("shrink", ftruncate(fd, 3));
  report("position stays", lseek(fd, 0, SEEK_CUR));
  report("grow again", ftruncate(fd, 8));
  show("file");  // zeros, not what was there before
  report("write at the old position", write(fd, "!", 1));
  show("file");
  report("the same size", ftruncate(fd, 8));
  report("truncate by name", truncate("file", 2));
  report("less than nothing", ftruncate(fd, -1));
  printf("what is read-only is refused: %d\n", ftruncate(reader, 1) < 0);  // WASI has an error of its own
  report("truncate of nothing", truncate("none", 1));
  report("truncate of a directory", truncate(".", 1));
  report("a large hole", ftruncate(fd, 1LL << 36));
  report("size", size_of(fd));
  report("write at its end", pwrite(fd, "end", 3, (1LL << 36) - 3));
  report("read there", pread(reader, text, 8, (1LL << 36) - 4));
  printf("    %d %.3s\n", text[0], text + 1);
  fstat(fd, &info);
  printf("    takes little: %d\n", info.st_blocks < 1000);
  report("away again", ftruncate(fd, 0));
  report("room for bytes", posix_fallocate(fd, 100, 5000) == 0 ? 0 : -1);
  report("size", size_of(fd));
  report("room that is there", posix_fallocate(fd, 0, 10) == 0 ? 0 : -1);
  report("size", size_of(fd));
  report("advice", posix_fadvise(fd, 0, 100, POSIX_FADV_WILLNEED));
  report("fdatasync", fdatasync(fd));
  report("fsync", fsync(fd));
  report("away again", ftruncate(fd, 0));
  close(fd), close(reader);
}

static void vectors(void) {
  enum { PARTS = 1000 };
  static char bytes[PARTS * 3], back[PARTS * 3];
  struct iovec parts[PARTS], mixed[4] = {{bytes, 3}, {bytes, 0}, {NULL, 0}, {bytes + 3, 5}};
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)('a' + i % 26);
  for (int i = 0; i < PARTS; i++) parts[i] = (struct iovec){bytes + 3 * i, 3};
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  report("some of them empty", writev(fd, mixed, 4));
  report("none", writev(fd, mixed, 0));
  report("only empty ones", writev(fd, mixed + 1, 2));
  show("file");
  report("many", writev(fd, parts, PARTS));
  for (int i = 0; i < PARTS; i++) parts[i].iov_base = back + 3 * (PARTS - 1 - i);
  report("position", lseek(fd, 8, SEEK_SET));
  report("many back, the other way round", readv(fd, parts, PARTS));
  int same = 0;
  for (int i = 0; i < PARTS; i++) same += !memcmp(back + 3 * (PARTS - 1 - i), bytes + 3 * i, 3);
  printf("    the same: %d\n", same);
  report("at the end", readv(fd, parts, PARTS));
  report("preadv", preadv(fd, parts, 2, 1));
  printf("    %.3s %.3s\n", (char *)parts[0].iov_base, (char *)parts[1].iov_base);
  report("pwritev", pwritev(fd, mixed, 4, 4));
  report("preadv over the end", preadv(fd, parts, PARTS, 3000));
  report("size", size_of(fd));
  show("file");
  close(fd);
}

static void modes(void) {
  char text[8];
  int fd = open("file", O_WRONLY | O_CREAT | O_EXCL, 0600);
  report("write only: write", write(fd, "text", 4));
  report("write only: read", read(fd, text, 1));
  report("write only: pread", pread(fd, text, 1, 0));
  close(fd);
  fd = open("file", O_RDONLY);
  report("read only: write", write(fd, "x", 1));
  report("read only: pwrite", pwrite(fd, "x", 1, 0));
  report("read only: read", read(fd, text, 8));
  report("read only: at the end", read(fd, text, 8));
  printf("    mode %d\n", fcntl(fd, F_GETFL) & O_ACCMODE ? (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY : 1);
  close(fd);
  report("O_TRUNC", fd = open("file", O_RDWR | O_TRUNC) < 0 ? -1 : 0);
  show("file");
  report("O_CREAT of what is there", open("file", O_RDWR | O_CREAT, 0644) < 0 ? -1 : 0);
  report("O_EXCL of what is there", open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
  report("no O_CREAT", open("none", O_RDWR));
  report("below a file", open("file/below", O_RDWR | O_CREAT, 0644));
  report("create with a slash", open("slash/", O_RDWR | O_CREAT, 0644) < 0 ? -1 : 0);
  report("fsync of nothing", fsync(99));
  report("lseek of nothing", lseek(99, 0, SEEK_SET));
  report("fstat of nothing", size_of(99));
  struct stat info;
  stat("file", &info);
  printf("    regular %d, directory %d, links %d\n", S_ISREG(info.st_mode), S_ISDIR(info.st_mode), (int)info.st_nlink);
}

// A file against an array: many operations, the same in both, and in the end the same bytes.
static void random_operations(void) {
  enum { LIMIT = 1 << 16, BLOCK = 5000 };
  static uint8_t model[LIMIT], block[BLOCK], back[LIMIT];
  uint32_t state = 12345, size = 0, wrong = 0, digest = 2166136261u;
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  for (int round = 0; round < 3000; round++) {
    state = state * 1664525 + 1013904223;
    uint32_t at = (state >> 8) % (LIMIT - BLOCK), length = (state >> 3) % BLOCK;
    state = state * 1664525 + 1013904223;
    switch (state >> 29) {
      case 0:
        if (ftruncate(fd, at) != 0) wrong++;
        if (at > size) memset(model + size, 0, at - size);
        size = at;
        break;
      case 1:
      case 2:
      case 3:
        for (uint32_t i = 0; i < length; i++) block[i] = (uint8_t)(state >> (i % 24));
        if (state >> 29 == 1) at = size < LIMIT - BLOCK ? size : at;
        if (lseek(fd, at, SEEK_SET) != at || write(fd, block, length) != (ssize_t)length) wrong++;
        if (length && at > size) memset(model + size, 0, at - size);
        memcpy(model + at, block, length);
        if (length && at + length > size) size = at + length;
        break;
      default: {
        uint32_t expected = at >= size ? 0 : size - at < length ? size - at : length;
        if (pread(fd, block, length, at) != (ssize_t)expected || memcmp(block, model + at, expected)) wrong++;
      }
    }
  }
  if (size_of(fd) != size || pread(fd, back, LIMIT, 0) != (ssize_t)size || memcmp(back, model, size)) wrong++;
  for (uint32_t i = 0; i < size; i++) digest = (digest ^ back[i]) * 16777619u;
  printf("size %u, digest %08x, wrong %u\n", size, digest, wrong);
  close(fd);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "positions")) return positions(), 0;
  if (!strcmp(what, "append")) return append(), 0;
  if (!strcmp(what, "sizes")) return sizes(), 0;
  if (!strcmp(what, "vectors")) return vectors(), 0;
  if (!strcmp(what, "modes")) return modes(), 0;
  if (!strcmp(what, "random")) return random_operations(), 0;
  return 2;
}
