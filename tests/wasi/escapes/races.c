// Paths that change while they are resolved: the driver has another process exchange what they name, or move it, all the time.
// Nothing here depends on how often that hits: whatever is met, each attempt stays inside or is refused. How often it was which is
// printed, and with nothing moving the same attempts have to be all of one kind, which the driver sees to. Each round makes every
// attempt once.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define PATH(literal) address_of(literal), sizeof literal - 1
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW
static const uint64_t kReads = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK;
static const uint64_t kWrites = __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK;

/// What an attempt met.
enum side {
  kInside,
  kRefused,
  /// It began with the one and went on with the other: refused, with an error that neither would have got.
  kBetween,
  /// Never to be.
  kOutside,
  kSides,
};

/// Gives the call's error number, or LEAKED. A directory has the same `inode` under each of its names.
typedef uint32_t attempted(uint64_t inode);

static uint32_t read_through(struct text path) {
  uint32_t fd;
  const uint32_t error = open_at(FIRST, FOLLOW, path, 0, kReads, &fd);
  if (error) return error;
  const uint32_t content = is_public(fd);
  wasi_fd_close(fd);
  return content;
}

static uint32_t open_through(struct text path, uint32_t oflags, uint64_t rights) {
  uint32_t fd;
  const uint32_t error = open_at(FIRST, FOLLOW, path, oflags, rights, &fd);
  if (error == SUCCESS) wasi_fd_close(fd);
  return error;
}

static uint32_t open_read(uint64_t inode) { return read_through(TEXT("turn/file")); }
static uint32_t open_read_twice(uint64_t inode) { return read_through(TEXT("turn/dir/../../turn/file")); }
static uint32_t open_create(uint64_t inode) { return open_through(TEXT("turn/new"), __WASI_OFLAGS_CREAT, kWrites); }
static uint32_t open_truncate(uint64_t inode) { return open_through(TEXT("turn/truncated"), __WASI_OFLAGS_TRUNC, 0); }
static uint32_t unlink(uint64_t inode) { return wasi_path_unlink_file(FIRST, PATH("turn/new")); }
static uint32_t create_directory(uint64_t inode) { return wasi_path_create_directory(FIRST, PATH("turn/newdir")); }
static uint32_t remove_directory(uint64_t inode) { return wasi_path_remove_directory(FIRST, PATH("turn/newdir")); }

static uint32_t stat(uint64_t inode) {
  __wasi_filestat_t found = {};
  const uint32_t error = wasi_path_filestat_get(FIRST, FOLLOW, PATH("turn/file"), address_of(&found));
  return error == SUCCESS && found.size != strlen(PUBLIC) ? LEAKED : error;
}

static uint32_t readlink(uint64_t inode) {
  char text[16] = "";
  uint32_t used = 0;
  const uint32_t error = wasi_path_readlink(FIRST, PATH("turn/link"), address_of(text), sizeof text, address_of(&used));
  return error == SUCCESS && (used != strlen("file") || memcmp(text, "file", used) != 0) ? LEAKED : error;
}

static uint32_t set_times(uint64_t inode) {
  return wasi_path_filestat_set_times(FIRST, FOLLOW, PATH("turn/file"), 1, 1, __WASI_FSTFLAGS_MTIM);
}

/// Of an empty file: some file systems write contents to disk before they replace others, which takes its time.
static uint32_t rename_into(uint64_t inode) {
  const uint32_t error = wasi_path_rename(FIRST, PATH("sent"), FIRST, PATH("turn/taken"));
  if (error == SUCCESS && open_through(TEXT("sent"), __WASI_OFLAGS_CREAT, kWrites) != SUCCESS) abort();
  return error;
}

static uint32_t rename_out(uint64_t inode) { return wasi_path_rename(FIRST, PATH("turn/taken"), FIRST, PATH("back")); }
static uint32_t link_into(uint64_t inode) { return wasi_path_link(FIRST, 0, PATH("mine"), FIRST, PATH("turn/linked")); }
static uint32_t symlink(uint64_t inode) { return wasi_path_symlink(PATH("file"), FIRST, PATH("turn/symlinked")); }

// Where the last component changes: "turn" is a directory or a link to one outside, "turn-file" a file or a link to one outside,
// "turn-empty" the same without contents.

static uint32_t list_at_the_end(uint64_t inode) {
  __wasi_filestat_t found = {};
  uint32_t fd;
  uint32_t error = open_directory(FIRST, TEXT("turn"), &fd);
  if (error) return error;
  error = wasi_fd_filestat_get(fd, address_of(&found));
  wasi_fd_close(fd);
  return error == SUCCESS && found.ino != inode ? LEAKED : error;
}

static uint32_t stat_directory(uint32_t lookup, struct text path, uint64_t inode) {
  __wasi_filestat_t found = {};
  const uint32_t error = wasi_path_filestat_get(FIRST, lookup, address_of(path.at), path.length, address_of(&found));
  return error == SUCCESS && found.ino != inode ? LEAKED : error;
}

static uint32_t stat_at_the_end(uint64_t inode) { return stat_directory(FOLLOW, TEXT("turn"), inode); }
static uint32_t stat_behind_slash(uint64_t inode) { return stat_directory(0, TEXT("turn/"), inode); }
static uint32_t read_at_the_end(uint64_t inode) { return read_through(TEXT("turn-file")); }
static uint32_t truncate_at_the_end(uint64_t inode) { return open_through(TEXT("turn-empty"), __WASI_OFLAGS_TRUNC, 0); }

static uint32_t write_at_the_end(uint64_t inode) {
  uint32_t fd;
  uint32_t error = open_at(FIRST, FOLLOW, TEXT("turn-file"), __WASI_OFLAGS_CREAT, kWrites, &fd);
  if (error) return error;
  error = write_file(fd, TEXT(PUBLIC));  // the driver would see it in the one outside
  wasi_fd_close(fd);
  return error;
}

static uint32_t set_times_at_the_end(uint64_t inode) {
  return wasi_path_filestat_set_times(FIRST, FOLLOW, PATH("turn-file"), 1, 1, __WASI_FSTFLAGS_MTIM);
}

// "x/y/z" is moved to "z" and back. Two above it is "x", two above "z" is outside, with a file of the same name.

static uint32_t read_dot_dot(uint64_t inode) { return read_through(TEXT("x/y/z/../../file")); }
static uint32_t create_dot_dot(uint64_t inode) { return open_through(TEXT("x/y/z/../../new"), __WASI_OFLAGS_CREAT, kWrites); }
static uint32_t unlink_dot_dot(uint64_t inode) { return wasi_path_unlink_file(FIRST, PATH("x/y/z/../../new")); }

struct racer {
  const char *name;
  attempted *run;
  uint32_t inside;   ///< an error that the directory inside gives, too
  uint32_t refused;  ///< and one that means that the way was not there
  unsigned met[kSides];
  uint32_t worst;
};

static enum side side_of(const struct racer *racer, uint32_t outcome) {
  if (outcome == SUCCESS || (racer->inside && outcome == racer->inside)) return kInside;
  if (outcome == NOTCAPABLE || (racer->refused && outcome == racer->refused)) return kRefused;
  return outcome == LOOP || outcome == NOTDIR ? kBetween : kOutside;
}

static void race(struct trial *trial, struct racer *racers, unsigned count) {
  const int rounds = atoi(trial->arguments[0]);
  const uint64_t inode = strtoull(trial->arguments[1], NULL, 10);
  for (int round = 0; round < rounds; ++round) {
    for (struct racer *racer = racers; racer < racers + count; ++racer) {
      const uint32_t outcome = racer->run(inode);
      const enum side side = side_of(racer, outcome);
      ++racer->met[side];
      if (side == kOutside) racer->worst = outcome;
    }
  }
  for (const struct racer *racer = racers; racer < racers + count; ++racer) {
    printf("%s: inside %u, refused %u, between %u\n", racer->name, racer->met[kInside], racer->met[kRefused], racer->met[kBetween]);
    if (racer->met[kOutside]) printf("FAILED %s: %s: %u times something else\n", trial->name, racer->name, racer->met[kOutside]);
    judge(trial, racer->name, TEXT("in the race"), SUCCESS, racer->worst);
  }
}

/// Arguments of the races: rounds, and the inode of the directory that is exchanged.
void race_on_the_way(struct trial *trial) {
  struct racer racers[] = {{"open_read", open_read},
                           {"open_read_twice", open_read_twice},
                           {"open_create", open_create},
                           {"unlink", unlink, .inside = NOENT},
                           {"create_directory", create_directory, .inside = EXIST},
                           {"remove_directory", remove_directory, .inside = NOENT},
                           {"stat", stat},
                           {"readlink", readlink},
                           {"rename_into", rename_into},
                           {"rename_out", rename_out, .inside = NOENT},
                           {"open_truncate", open_truncate},
                           {"set_times", set_times},
                           {"link_into", link_into, .inside = EXIST},
                           {"symlink", symlink, .inside = EXIST}};
  race(trial, racers, sizeof racers / sizeof *racers);
}

void race_at_the_end(struct trial *trial) {
  struct racer racers[] = {
      {"list", list_at_the_end},          {"stat", stat_at_the_end},        {"stat_behind_slash", stat_behind_slash},
      {"open_read", read_at_the_end},     {"open_write", write_at_the_end}, {"open_truncate", truncate_at_the_end},
      {"set_times", set_times_at_the_end}};
  race(trial, racers, sizeof racers / sizeof *racers);
}

void race_dot_dot(struct trial *trial) {
  struct racer racers[] = {{"open_read", read_dot_dot, .refused = NOENT},
                           {"open_create", create_dot_dot, .refused = NOENT},
                           {"unlink", unlink_dot_dot, .refused = NOENT}};
  race(trial, racers, sizeof racers / sizeof *racers);
}
