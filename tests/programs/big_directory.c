// A directory of 100,000 entries: each made, read once, looked up, renamed or removed. Whatever costs more per entry the more there
// are makes this run out of time. The reference is big_directory.expected, only to save the time of a native run.
//
//: run 100000
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(char path[64], const char *prefix, int number) {
  snprintf(path, 64, "big/%s-%06d", prefix, number);
  return path;
}

// How many of the numbers below count the directory has exactly once.
static void count_entries(int count, unsigned char *seen) {
  DIR *dir = opendir("big");
  memset(seen, 0, (size_t)count);
  int others = 0, right = 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    const char *dash = strchr(entry->d_name, '-');
    int number = dash ? atoi(dash + 1) : -1;
    if (number >= 0 && number < count && seen[number] < 255) seen[number]++;
    else others++;
  }
  closedir(dir);
  for (int i = 0; i < count; i++) right += seen[i] == 1;
  printf("%d once, %d others\n", right, others);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000, made = 0, found = 0, moved = 0, removed = 0;
  unsigned char *seen = malloc((size_t)count);
  char path[64], other[64];
  if (mkdir("big", 0755) != 0) return perror("big"), 1;
  for (int i = 0; i < count; i++) {
    int fd = open(path_of(path, "entry", i), O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) continue;
    made++;
    close(fd);
  }
  printf("%d made\n", made);
  count_entries(count, seen);
  struct stat info;
  for (int i = 0; i < count; i += 10) found += stat(path_of(path, "entry", i * 7 % count), &info) == 0 && S_ISREG(info.st_mode);
  printf("%d found, missing: %d\n", found, stat("big/entry-x", &info) < 0 && errno == ENOENT);
  for (int i = 0; i < count; i += 50) moved += rename(path_of(path, "entry", i), path_of(other, "renamed", i)) == 0;
  printf("%d renamed\n", moved);
  for (int i = 0; i < count; i++) removed += unlink(path_of(path, i % 50 ? "entry" : "renamed", i)) == 0;
  printf("%d removed, directory too: %d\n", removed, rmdir("big") == 0);
  free(seen);
  return 0;
}
