// What a guest must not reach: paths out of the granted directory, and nothing at all where nothing was granted. The reference is sandbox.expected: a native program has no sandbox.
//
//: run
//: run none
//: no-dir
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int reached = 0;

static void probe(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  reached++;
  printf("reached %s\n", path);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    probe(".");
    probe("inside.txt");
  } else {
    FILE *file = fopen("inside.txt", "w");
    if (!file) return puts("cannot write where it should be allowed"), 1;
    fclose(file);
    if (mkdir("sub", 0755) != 0 || open("sub/../inside.txt", O_RDONLY) < 0) puts("dot-dot that stays inside does not open");
    // A link that leads out may be made, but not followed.
    symlink("/etc", "absolute");
    symlink("..", "up");
    symlink("sub/../../..", "winding");
    probe("absolute/passwd");
    probe("up/");
    probe("up/up");
    probe("winding/etc");
    probe("sub/../../anything");
  }
  probe("/etc/passwd");
  probe("..");
  probe("../..");
  probe("../../../../../../etc/passwd");
  printf("%d reached\n", reached);
  return reached != 0;
}
