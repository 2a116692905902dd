// Hard and symbolic links: counts, chains, loops, links that lead nowhere, and which calls follow them.
//
//: run hard
//: run soft
//: run chains
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_name.h"

static void report(const char *what, int result) { printf("%-36s %s\n", what, result < 0 ? errno_name(errno) : "done"); }

static void write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) printf("cannot write %s: %s\n", path, errno_name(errno));
  close(fd);
}

static void show(const char *path) {
  char text[64];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return printf("%s: %s\n", path, errno_name(errno)), (void)0;
  ssize_t size = read(fd, text, sizeof text);
  struct stat info;
  fstat(fd, &info);
  printf("%s: %.*s, %d links\n", path, size < 0 ? 0 : (int)size, text, (int)info.st_nlink);
  close(fd);
}

static void hard(void) {
  char path[64];
  write_text("file", "text");
  for (int i = 0; i < 200; i++) {
    snprintf(path, sizeof path, "name-%d", i);
    if (link("file", path) != 0) printf("%s: %s\n", path, errno_name(errno));
  }
  show("file");
  write_text("name-77", "changed");  // O_TRUNC and write: all names see it
  show("name-3");
  int fd = open("file", O_RDWR);
  for (int i = 0; i < 200; i++) {
    snprintf(path, sizeof path, "name-%d", i);
    if (unlink(path) != 0) printf("%s: %s\n", path, errno_name(errno));
  }
  show("file");
  report("unlink the last name", unlink("file"));
  struct stat info;
  char text[16];
  printf("open without a name: %d links", fstat(fd, &info) == 0 ? (int)info.st_nlink : -1);
  printf(", write %zd, read %zd\n", pwrite(fd, "still", 5, 7), pread(fd, text, sizeof text, 0));
  close(fd);
  show("file");
  mkdir("dir", 0755);
  write_text("other", "other");
  report("link of a directory", link("dir", "dir-2"));
  report("link over a file", link("other", "other"));
  report("link of nothing", link("none", "name"));
  report("link into nothing", link("other", "none/name"));
  report("link below a file", link("other", "other/name"));
  report("link into a directory", link("other", "dir/name"));
  report("link with a slash", link("other", "name/"));
  report("unlink of a directory", unlink("dir") < 0 ? -1 : 0);
  report("unlink of nothing", unlink("none"));
  report("unlink with a slash", unlink("other/"));
}

static void soft(void) {
  struct stat info, itself;
  char target[300];
  write_text("file", "text");
  mkdir("dir", 0755);
  report("symlink", symlink("file", "soft"));
  report("symlink over a link", symlink("file", "soft"));
  report("symlink of nothing", symlink("nowhere", "dangling"));
  report("symlink to no name", symlink("", "empty"));
  report("symlink to a directory", symlink("dir", "way"));
  report("symlink out of a directory", symlink("../file", "dir/up"));
  report("symlink below nothing", symlink("file", "none/soft"));
  show("soft");
  show("dir/up");
  show("way/up");
  report("lstat", lstat("soft", &itself));
  report("stat", stat("soft", &info));
  printf("link: %d of %lld", S_ISLNK(itself.st_mode), (long long)itself.st_size);
  printf(", file: %d of %lld\n", S_ISREG(info.st_mode), (long long)info.st_size);
  report("lstat with a slash", lstat("way/", &info));
  printf("a directory: %d\n", S_ISDIR(info.st_mode));
  printf("readlink %zd", readlink("soft", target, sizeof target));
  printf(" [%.4s], cut off %zd", target, readlink("dir/up", target, 4));
  printf(" [%.4s]\n", target);
  report("readlink of a file", (int)readlink("file", target, sizeof target));
  report("readlink of nothing", (int)readlink("none", target, sizeof target));
  report("open without following", open("soft", O_RDONLY | O_NOFOLLOW));
  report("a directory without following", open("way", O_RDONLY | O_DIRECTORY | O_NOFOLLOW) < 0 ? -1 : 0);
  report("open what dangles", open("dangling", O_RDONLY));
  report("create O_EXCL at a dangling link", open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
  write_text("dangling", "made through the link");
  show("nowhere");
  report("link of a link", link("soft", "soft-2"));
  report("lstat of that", lstat("soft-2", &info));
  printf("a link: %d, %d names\n", S_ISLNK(info.st_mode), (int)info.st_nlink);
  report("truncate through a link", truncate("soft", 2));
  show("file");
  report("mkdir over a link", mkdir("dangling", 0755));
  report("rmdir of a link", rmdir("way"));
  report("rmdir of a link with a slash", rmdir("way/"));
  report("unlink of a link", unlink("way"));
  report("what it led to", stat("dir/up", &info));
  memset(target, 'x', 255);
  target[255] = 0;
  report("symlink to 255 characters", symlink(target, "long"));
  printf("readlink %zd\n", readlink("long", target, sizeof target));
  report("open it", open("long", O_RDONLY));
}

static void chains(void) {
  char target[32], path[32];
  write_text("0", "the end of the chain");
  // Linux follows 40 links in a path.
  for (int i = 1; i <= 45; i++) {
    snprintf(target, sizeof target, "%d", i - 1);
    snprintf(path, sizeof path, "%d", i);
    symlink(target, path);
  }
  show("1");
  show("20");
  show("40");
  show("41");
  symlink("loop", "loop");
  symlink("pong", "ping");
  symlink("./ping", "pong");
  struct stat info;
  report("open a loop", open("loop", O_RDONLY));
  report("open two that lead in a circle", open("ping", O_RDONLY));
  report("stat a loop", stat("loop", &info));
  report("lstat a loop", lstat("loop", &info));
  report("through a loop", stat("loop/file", &info));
  report("mkdir through a loop", mkdir("ping/dir", 0755));
  report("create at a loop", open("loop", O_WRONLY | O_CREAT, 0644));
  report("opendir through a loop", open("pong", O_RDONLY | O_DIRECTORY));
  report("rename a loop", rename("loop", "loop-2"));  // not a loop any more: it dangles
  report("open what it became", open("loop-2", O_RDONLY));
  report("unlink in a circle", unlink("ping"));
  report("what is left of the circle", open("pong", O_RDONLY));
  // A link that leads to its own directory: endless paths, each of finite length.
  mkdir("dir", 0755);
  symlink(".", "dir/self");
  symlink("../dir", "dir/around");
  write_text("dir/file", "found");
  show("dir/self/self/around/self/around/file");
  char often[300] = "dir";
  for (int i = 0; i < 41; i++) strcat(often, "/self");
  report("around too often", stat(strcat(often, "/file"), &info));
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "hard")) return hard(), 0;
  if (!strcmp(what, "soft")) return soft(), 0;
  if (!strcmp(what, "chains")) return chains(), 0;
  return 2;
}
