// rename over what exists: files, directories, links, open ones; and every refusal. What each call leaves is listed.
//
//: run
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_name.h"

static void write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) printf("cannot write %s: %s\n", path, errno_name(errno));
  close(fd);
}

// What is at a path: type, links of a file, contents.
static void show(const char *path) {
  struct stat info;
  char text[64] = "";
  if (lstat(path, &info) != 0) {
    printf("    %s: %s\n", path, errno_name(errno));
  } else if (S_ISDIR(info.st_mode)) {
    printf("    %s: directory\n", path);
  } else if (S_ISLNK(info.st_mode)) {
    ssize_t size = readlink(path, text, sizeof text - 1);
    printf("    %s: link to %.*s\n", path, (int)size, text);
  } else {
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, text, sizeof text);
    close(fd);
    printf("    %s: %.*s, %d links\n", path, (int)size, text, (int)info.st_nlink);
  }
}

static void try(const char *from, const char *to) {
  int result = rename(from, to);
  printf("%s to %s: %s\n", from, to, result == 0 ? "done" : errno_name(errno));
  show(from);
  show(to);
}

static ino_t number_of(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 ? info.st_ino : 0;
}

static void files(void) {
  write_text("one", "first");
  write_text("two", "second");
  ino_t number = number_of("one");
  try("one", "two");
  printf("the same file: %d\n", number_of("two") == number);
  try("two", "two");
  link("two", "hard");
  try("two", "hard");  // two names of a file: POSIX leaves both
  try("none", "two");
  try("two", "none/two");
  try("two", "three/");
  try("two/", "three");
  mkdir("dir", 0755);
  try("two", "dir");
  try("two", "dir/two");
  try("dir/two", "dir/../two");
  try("two", "hard/below");
}

static void directories(void) {
  mkdir("full", 0755);
  write_text("full/inside", "kept");
  mkdir("empty", 0755);
  write_text("file", "plain");
  try("full", "file");
  try("empty", "full");
  try("full", "full/inner");
  try("full", "full");
  try("full", ".");
  try(".", "full");
  try("full", "empty");
  show("empty/inside");
  try("empty/", "again/");
  show("again/inside");
  mkdir("parent", 0755);
  try("again", "parent/child");
  try("parent/child/inside", "inside");
  try("parent", "parent/child");
  show("parent/child");
}

static void links(void) {
  write_text("target", "text");
  symlink("target", "soft");
  symlink("nowhere", "dangling");
  try("soft", "moved-link");  // the link, not what it leads to
  show("target");
  try("dangling", "moved-link");
  show("target");
  try("moved-link", "moved-dangling");
  write_text("over", "over");
  try("over", "moved-dangling");  // replaces the link, makes no `nowhere`
  show("nowhere");
  mkdir("real", 0755);
  symlink("real", "way");
  write_text("through", "through");
  try("through", "way/arrived");
  show("real/arrived");
  try("real", "way");  // a directory over a link
}

static void open_ones(void) {
  char text[16] = "";
  write_text("old", "old text");
  write_text("new", "new text");
  int old = open("old", O_RDWR);
  try("new", "old");
  ssize_t size = pread(old, text, sizeof text, 0);
  struct stat info;
  fstat(old, &info);
  printf("what was open: %.*s, %d links\n", (int)size, text, (int)info.st_nlink);
  pwrite(old, "lost", 4, 0);
  show("old");
  close(old);
  int fd = open("old", O_WRONLY);
  try("old", "moved");
  printf("write under the other name: %zd\n", write(fd, "NEW", 3));
  close(fd);
  show("moved");
}

int main(void) {
  files();
  directories();
  links();
  open_ones();
  return 0;
}
