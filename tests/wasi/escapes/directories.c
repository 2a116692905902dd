// Granted directories: between two, in one for reading, under other numbers; rights; what was never granted.
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static uint32_t move(uint32_t from, const char *old_path, uint32_t to, const char *new_path) {
  return wasi_path_rename(from, address_of(old_path), strlen(old_path), to, address_of(new_path), strlen(new_path));
}

/// Both ways where it succeeds.
static void judge_move(struct trial *trial, uint32_t from, const char *old_path, uint32_t to, const char *new_path,
                       uint32_t expected) {
  const uint32_t error = move(from, old_path, to, new_path);
  judge(trial, "rename to", text_of(new_path), expected, error);
  if (error == SUCCESS) judge(trial, "rename back to", text_of(old_path), SUCCESS, move(to, new_path, from, old_path));
}

void renames_across(struct trial *trial) {
  judge_move(trial, FIRST, "file", SECOND, "new", SUCCESS);
  judge_move(trial, FIRST, "real", SECOND, "new", SUCCESS);
  judge_move(trial, FIRST, "link", SECOND, "new", SUCCESS);
  judge_move(trial, FIRST, "file", SECOND, "../new", NOTCAPABLE);
  judge_move(trial, FIRST, "file", SECOND, "../file", NOTCAPABLE);
  judge_move(trial, FIRST, "file", SECOND, "../outside/new", NOTCAPABLE);
  judge_move(trial, FIRST, "file", SECOND, "../first/new", NOTCAPABLE);
  judge_move(trial, FIRST, "file", SECOND, "dir/../../new", NOTCAPABLE);
  judge_move(trial, FIRST, "file", SECOND, "..", NOTCAPABLE);
  judge_move(trial, FIRST, "../outside/file", SECOND, "new", NOTCAPABLE);
  judge_move(trial, FIRST, "../outside/dir", SECOND, "new", NOTCAPABLE);
  judge_move(trial, FIRST, "../second/file", SECOND, "new", NOTCAPABLE);
  judge_move(trial, FIRST, "../second", FIRST, "new", NOTCAPABLE);
  judge_move(trial, FIRST, "..", SECOND, "new", NOTCAPABLE);
  judge_move(trial, FIRST, "real/..", SECOND, "new", BUSY);
  judge_move(trial, FIRST, ".", SECOND, "new", BUSY);
  judge_move(trial, FIRST, "file", SECOND, ".", BUSY);
  judge_move(trial, FIRST, "real", FIRST, "real/dir/new", INVAL);
  judge_move(trial, FIRST, "real", SECOND, "file", NOTDIR);
  judge_move(trial, FIRST, "file", SECOND, "dir", ISDIR);
  judge_move(trial, FIRST, "real", SECOND, "dir", NOTEMPTY);
  // What was open when it moved is not a way from one to the other, nor out of both.
  uint32_t real, dir;
  judge(trial, "open_directory", TEXT("real"), SUCCESS, open_directory(FIRST, TEXT("real"), &real));
  judge(trial, "open_directory", TEXT("real/dir"), SUCCESS, open_directory(FIRST, TEXT("real/dir"), &dir));
  judge(trial, "rename", TEXT("real/dir"), SUCCESS, move(FIRST, "real/dir", SECOND, "moved"));
  attempt(trial, "open_read", dir, TEXT("inner"), SUCCESS);
  attempt(trial, "open_read", SECOND, TEXT("moved/inner"), SUCCESS);
  attempt(trial, "open_read", real, TEXT("dir/inner"), NOENT);
  attempt_through(trial, dir, "..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, dir, "../..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, dir, "../../outside", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, SECOND, "moved/../..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, SECOND, "moved/..", SUCCESS, SUCCESS);
}

static const uint64_t kReads = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK;

static void judge_open(struct trial *trial, uint32_t dir, const char *path, uint32_t oflags, uint64_t rights, uint32_t expected) {
  uint32_t fd;
  judge(trial, "open", text_of(path), expected,
        open_at(dir, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, text_of(path), oflags, rights, &fd));
}

/// A file that was opened for reading, below a directory for reading, stays as it is.
static void try_to_change(struct trial *trial, uint32_t fd) {
  const struct text file = TEXT("file, open for reading");
  judge(trial, "is_public", file, SUCCESS, is_public(fd));
  judge(trial, "fd_pwrite", file, NOTCAPABLE, write_file(fd, TEXT("x")));
  judge(trial, "fd_filestat_set_size", file, NOTCAPABLE, wasi_fd_filestat_set_size(fd, 0));
  judge(trial, "fd_allocate", file, NOTCAPABLE, wasi_fd_allocate(fd, 0, 4096));
  judge(trial, "fd_filestat_set_times", file, ROFS,
        wasi_fd_filestat_set_times(fd, 1, 1, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
  judge(trial, "fd_fdstat_set_rights", file, NOTCAPABLE, wasi_fd_fdstat_set_rights(fd, kReads | __WASI_RIGHTS_FD_WRITE, 0));
}

void read_only(struct trial *trial) {
  attempt_through(trial, FIRST, "real", SUCCESS, SUCCESS);
  attempt_through(trial, READ_ONLY, "real", SUCCESS, ROFS);
  attempt_through(trial, READ_ONLY, ".", SUCCESS, ROFS);
  attempt_through(trial, READ_ONLY, "in", SUCCESS, ROFS);
  attempt_through(trial, READ_ONLY, "real/way/..", SUCCESS, ROFS);
  attempt_through(trial, READ_ONLY, "..", NOTCAPABLE, ROFS);
  uint32_t real, file;
  judge(trial, "open_directory", TEXT("real"), SUCCESS, open_directory(READ_ONLY, TEXT("real"), &real));
  attempt_through(trial, real, ".", SUCCESS, ROFS);
  attempt_through(trial, real, "..", NOTCAPABLE, ROFS);
  // Truncation, with every other way to ask for it.
  static const uint64_t kChanging[] = {__WASI_RIGHTS_FD_WRITE, __WASI_RIGHTS_FD_ALLOCATE, __WASI_RIGHTS_FD_FILESTAT_SET_SIZE};
  for (unsigned i = 0; i < sizeof kChanging / sizeof *kChanging; ++i)
    judge_open(trial, READ_ONLY, "file", 0, kReads | kChanging[i], ROFS);
  judge_open(trial, READ_ONLY, "file", __WASI_OFLAGS_TRUNC, kReads, ROFS);
  judge_open(trial, READ_ONLY, "file", __WASI_OFLAGS_TRUNC | __WASI_OFLAGS_CREAT, 0, ROFS);
  judge_open(trial, READ_ONLY, "link", __WASI_OFLAGS_TRUNC, 0, ROFS);
  judge_open(trial, READ_ONLY, "real/link", __WASI_OFLAGS_TRUNC | __WASI_OFLAGS_CREAT, kReads, ROFS);
  judge_open(trial, READ_ONLY, "file", __WASI_OFLAGS_CREAT, kReads, SUCCESS);
  judge_open(trial, READ_ONLY, "file", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, kReads, EXIST);
  judge_open(trial, READ_ONLY, "new", __WASI_OFLAGS_CREAT, kReads, ROFS);
  judge_open(trial, READ_ONLY, "dangling", __WASI_OFLAGS_CREAT, kReads, ROFS);
  judge(trial, "open", TEXT("file"), SUCCESS,
        open_at(READ_ONLY, 0, TEXT("file"), 0, kReads | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES, &file));
  try_to_change(trial, file);
  judge(trial, "fd_filestat_set_times", TEXT("."), ROFS, wasi_fd_filestat_set_times(READ_ONLY, 1, 1, __WASI_FSTFLAGS_MTIM));
  // Through another directory: taken there, or reached from there.
  judge_move(trial, READ_ONLY, "file", FIRST, "new", ROFS);
  judge_move(trial, FIRST, "file", READ_ONLY, "new", ROFS);
  judge_move(trial, FIRST, "file", READ_ONLY, "file", ROFS);
  judge(trial, "link", TEXT("file"), ROFS, wasi_path_link(READ_ONLY, 0, address_of("file"), 4, FIRST, address_of("new"), 3));
  judge(trial, "link", TEXT("new"), ROFS, wasi_path_link(FIRST, 0, address_of("file"), 4, READ_ONLY, address_of("new"), 3));
  judge(trial, "symlink", TEXT("it"), SUCCESS, wasi_path_symlink(address_of("../read-only"), 12, FIRST, address_of("it"), 2));
  attempt_through(trial, FIRST, "it", NOTCAPABLE, NOTCAPABLE);
  // Under another number it is read-only still.
  judge(trial, "renumber", TEXT("read-only over first"), SUCCESS, wasi_fd_renumber(READ_ONLY, FIRST));
  attempt(trial, "open_read", FIRST, TEXT("file"), SUCCESS);
  attempt(trial, "open_truncate", FIRST, TEXT("file"), ROFS);
  attempt(trial, "create_directory", FIRST, TEXT("new"), ROFS);
}

void renumber(struct trial *trial) {
  static const uint32_t kNone[] = {BESIDES, 999, 0x7fffffff, 0x80000000, 0xffffffff};
  for (unsigned i = 0; i < sizeof kNone / sizeof *kNone; ++i) {
    judge(trial, "renumber", TEXT("first, to none"), BADF, wasi_fd_renumber(FIRST, kNone[i]));
    judge(trial, "renumber", TEXT("none, over first"), BADF, wasi_fd_renumber(kNone[i], FIRST));
  }
  judge(trial, "renumber", TEXT("first, to itself"), SUCCESS, wasi_fd_renumber(FIRST, FIRST));
  attempt_through(trial, FIRST, "real", SUCCESS, SUCCESS);
  // A directory further down takes the second one's place: it is no granted directory, and what is above it is not reached.
  uint32_t real, fd;
  __wasi_prestat_t prestat;
  char name[16];
  judge(trial, "open_directory", TEXT("real"), SUCCESS, open_directory(FIRST, TEXT("real"), &real));
  judge(trial, "fd_prestat_get", TEXT("second"), SUCCESS, wasi_fd_prestat_get(SECOND, address_of(&prestat)));
  judge(trial, "renumber", TEXT("real, over second"), SUCCESS, wasi_fd_renumber(real, SECOND));
  judge(trial, "fd_prestat_get", TEXT("second"), BADF, wasi_fd_prestat_get(SECOND, address_of(&prestat)));
  judge(trial, "fd_prestat_dir_name", TEXT("second"), BADF, wasi_fd_prestat_dir_name(SECOND, address_of(name), sizeof name));
  attempt(trial, "open_read", real, TEXT("file"), BADF);
  attempt_through(trial, SECOND, "way/..", SUCCESS, SUCCESS);
  attempt_through(trial, SECOND, "..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, SECOND, "../../second", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, SECOND, "../../outside", NOTCAPABLE, NOTCAPABLE);
  // What could do less can do no more in a granted directory's place.
  judge(trial, "open", TEXT("real"), SUCCESS,
        wasi_path_open(FIRST, 0, address_of("real"), 4, __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_PATH_OPEN, kReads, 0,
                       address_of(&fd)));
  judge(trial, "renumber", TEXT("one with less rights, over second"), SUCCESS, wasi_fd_renumber(fd, SECOND));
  attempt(trial, "open_read", SECOND, TEXT("file"), SUCCESS);
  attempt(trial, "open_write", SECOND, TEXT("file"), NOTCAPABLE);
  attempt(trial, "open_truncate", SECOND, TEXT("file"), NOTCAPABLE);
  attempt(trial, "open_create", SECOND, TEXT("new"), NOTCAPABLE);
  attempt(trial, "create_directory", SECOND, TEXT("new"), NOTCAPABLE);
  attempt(trial, "stat", SECOND, TEXT("file"), NOTCAPABLE);
  attempt(trial, "link_from", SECOND, TEXT("file"), NOTCAPABLE);
  attempt(trial, "rename_from", SECOND, TEXT("file"), NOTCAPABLE);
  // A granted directory takes the place of a stream; a file that of a granted directory, and is no way to any path.
  judge(trial, "renumber", TEXT("first, over standard input"), SUCCESS, wasi_fd_renumber(FIRST, 0));
  attempt(trial, "open_read", FIRST, TEXT("file"), BADF);
  attempt(trial, "open_read", 0, TEXT("real/file"), SUCCESS);
  attempt(trial, "open_read", 0, TEXT("../outside/file"), NOTCAPABLE);
  judge(trial, "open", TEXT("file"), SUCCESS, open_at(0, 0, TEXT("file"), 0, kReads, &fd));
  judge(trial, "renumber", TEXT("file, over second"), SUCCESS, wasi_fd_renumber(fd, SECOND));
  judge(trial, "is_public", TEXT("file"), SUCCESS, is_public(SECOND));
  attempt(trial, "open_read", SECOND, TEXT("file"), NOTDIR);
  attempt(trial, "open_read", SECOND, TEXT(".."), NOTDIR);
}

/// Rights only become less.
void rights(struct trial *trial) {
  const uint64_t reads = __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_FILESTAT_GET;
  uint32_t fd, below;
  judge(trial, "open", TEXT("real"), SUCCESS,
        wasi_path_open(FIRST, 0, address_of("real"), 4, __WASI_OFLAGS_DIRECTORY, reads, kReads | reads, 0, address_of(&fd)));
  attempt(trial, "open_read", fd, TEXT("file"), SUCCESS);
  attempt(trial, "stat", fd, TEXT("file"), SUCCESS);
  static const struct row kRows[] = {
      {"open_write", "file", NOTCAPABLE},        {"open_truncate", "file", NOTCAPABLE}, {"open_create", "new", NOTCAPABLE},
      {"set_times", "file", NOTCAPABLE},         {"readlink", "link", NOTCAPABLE},      {"create_directory", "new", NOTCAPABLE},
      {"remove_directory", "empty", NOTCAPABLE}, {"unlink", "file", NOTCAPABLE},        {"symlink", "new", NOTCAPABLE},
      {"link_from", "file", NOTCAPABLE},         {"link_to", "new", NOTCAPABLE},        {"rename_from", "file", NOTCAPABLE},
      {"rename_to", "new", NOTCAPABLE},
  };
  ATTEMPT_ROWS(trial, fd, kRows);
  judge(trial, "fd_fdstat_set_rights", TEXT("real"), NOTCAPABLE, wasi_fd_fdstat_set_rights(fd, ~0ull, kReads));
  judge(trial, "fd_fdstat_set_rights", TEXT("real"), NOTCAPABLE, wasi_fd_fdstat_set_rights(fd, reads, ~0ull));
  judge(trial, "fd_fdstat_set_rights", TEXT("real"), NOTCAPABLE,
        wasi_fd_fdstat_set_rights(fd, reads | __WASI_RIGHTS_PATH_CREATE_DIRECTORY, 0));
  judge(trial, "open more", TEXT("dir"), NOTCAPABLE,
        wasi_path_open(fd, 0, address_of("dir"), 3, __WASI_OFLAGS_DIRECTORY, reads, ~0ull, 0, address_of(&below)));
  judge(trial, "open", TEXT("dir"), SUCCESS,
        wasi_path_open(fd, 0, address_of("dir"), 3, __WASI_OFLAGS_DIRECTORY, reads, kReads, 0, address_of(&below)));
  attempt(trial, "open_read", below, TEXT("inner"), SUCCESS);
  attempt(trial, "open_write", below, TEXT("inner"), NOTCAPABLE);
  ATTEMPT_ROWS(trial, fd, kRows);
}

/// A directory that is gone has nothing above it.
void removed(struct trial *trial) {
  uint32_t fd;
  judge(trial, "open_directory", TEXT("real/empty"), SUCCESS, open_directory(FIRST, TEXT("real/empty"), &fd));
  attempt(trial, "open_create", fd, TEXT("new"), SUCCESS);
  judge(trial, "remove_directory", TEXT("real/empty"), SUCCESS, wasi_path_remove_directory(FIRST, address_of("real/empty"), 10));
  attempt_through(trial, fd, "..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, fd, "../../outside", NOTCAPABLE, NOTCAPABLE);
  attempt(trial, "open_create", fd, TEXT("new"), NOENT);
  attempt(trial, "create_directory", fd, TEXT("new"), NOENT);
  attempt(trial, "rename_to", fd, TEXT("new"), NOENT);
  attempt(trial, "open_read", fd, TEXT("file"), NOENT);
}

/// Argument: the inode of the directory that holds the granted one, which its entry ".." must not tell.
void entry_above(struct trial *trial) {
  const uint64_t above = strtoull(trial->arguments[0], NULL, 10);
  char buffer[4096];
  uint32_t used;
  __wasi_filestat_t file;
  judge(trial, "stat", TEXT("file"), SUCCESS, wasi_path_filestat_get(FIRST, 0, address_of("file"), 4, address_of(&file)));
  judge(trial, "fd_readdir", TEXT("."), SUCCESS,
        wasi_fd_readdir(FIRST, address_of(buffer), sizeof buffer, __WASI_DIRCOOKIE_START, address_of(&used)));
  __wasi_dirent_t entry;
  for (uint32_t at = 0; at + sizeof entry <= used; at += sizeof entry + entry.d_namlen) {
    memcpy(&entry, buffer + at, sizeof entry);
    const struct text name = {buffer + at + sizeof entry, entry.d_namlen};
    judge(trial, "fd_readdir", name, SUCCESS, entry.d_ino == above ? LEAKED : SUCCESS);
    const bool is_file = name.length == 4 && memcmp(name.at, "file", 4) == 0;
    if (is_file) judge(trial, "fd_readdir's inode", name, SUCCESS, entry.d_ino == file.ino ? SUCCESS : LEAKED);
  }
}

/// Arguments: numbers of streams that the host's process began without. What it opened meanwhile must not be found there.
void closed_streams(struct trial *trial) {
  char buffer[16] = "";
  uint32_t used;
  __wasi_fdstat_t stat;
  __wasi_ciovec_t list = {(const uint8_t *)buffer, sizeof buffer};
  for (char **argument = trial->arguments; *argument; ++argument) {
    const uint32_t fd = (uint32_t)atoi(*argument);
    judge(trial, "fd_fdstat_get", text_of(*argument), BADF, wasi_fd_fdstat_get(fd, address_of(&stat)));
    judge(trial, "fd_pread", text_of(*argument), BADF, wasi_fd_pread(fd, address_of(&list), 1, 0, address_of(&used)));
    judge(trial, "fd_pwrite", text_of(*argument), BADF, wasi_fd_pwrite(fd, address_of(&list), 1, 0, address_of(&used)));
  }
}

/// The host's process has other descriptors, of the outside: they are nobody's here.
void host_descriptors(struct trial *trial) {
  char buffer[64];
  uint32_t used;
  __wasi_filestat_t stat;
  __wasi_prestat_t prestat;
  attempt(trial, "open_read", FIRST, TEXT("file"), SUCCESS);
  for (uint32_t at = 0; at < 300; ++at) {
    const uint32_t fd = at < 290 ? BESIDES + at : 0u - (at - 289);
    attempt(trial, "open_read", fd, TEXT("file"), BADF);
    attempt(trial, "list", fd, TEXT("."), BADF);
    attempt(trial, "rename_to", fd, TEXT("new"), BADF);
    judge(trial, "fd_pread", TEXT("none"), BADF, read_file(fd, buffer, sizeof buffer, &used));
    judge(trial, "fd_pwrite", TEXT("none"), BADF, write_file(fd, TEXT("x")));
    judge(trial, "fd_readdir", TEXT("none"), BADF, wasi_fd_readdir(fd, address_of(buffer), sizeof buffer, 0, address_of(&used)));
    judge(trial, "fd_filestat_get", TEXT("none"), BADF, wasi_fd_filestat_get(fd, address_of(&stat)));
    judge(trial, "fd_prestat_get", TEXT("none"), BADF, wasi_fd_prestat_get(fd, address_of(&prestat)));
    judge(trial, "fd_close", TEXT("none"), BADF, wasi_fd_close(fd));
  }
}

/// Standard input is a directory outside.
void stream_directory(struct trial *trial) {
  char buffer[64];
  uint32_t used;
  __wasi_prestat_t prestat;
  attempt_through(trial, FIRST, ".", SUCCESS, SUCCESS);
  attempt_through(trial, 0, ".", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, 0, "..", NOTCAPABLE, NOTCAPABLE);
  judge(trial, "fd_readdir", TEXT("stdin"), NOTCAPABLE,
        wasi_fd_readdir(0, address_of(buffer), sizeof buffer, 0, address_of(&used)));
  judge(trial, "fd_prestat_get", TEXT("stdin"), BADF, wasi_fd_prestat_get(0, address_of(&prestat)));
  judge(trial, "fd_fdstat_set_rights", TEXT("stdin"), NOTCAPABLE, wasi_fd_fdstat_set_rights(0, __WASI_RIGHTS_PATH_OPEN, kReads));
  judge(trial, "renumber", TEXT("stdin, over first"), SUCCESS, wasi_fd_renumber(0, FIRST));
  attempt_through(trial, FIRST, ".", NOTCAPABLE, NOTCAPABLE);
}

/// Argument: the name, in the first directory, of the artifact that this runs from. Its code is mapped from the file.
void artifact(struct trial *trial) {
  const char *name = trial->arguments[0];
  attempt(trial, "open_write", FIRST, TEXT("file"), SUCCESS);
  attempt(trial, "open_write", FIRST, text_of(name), TXTBSY);
  attempt(trial, "open_truncate", FIRST, text_of(name), TXTBSY);
  judge_open(trial, FIRST, name, __WASI_OFLAGS_CREAT, kReads | __WASI_RIGHTS_FD_WRITE, TXTBSY);
  judge_open(trial, FIRST, name, 0, __WASI_RIGHTS_FD_ALLOCATE, TXTBSY);
  // By other names.
  judge(trial, "link", text_of(name), SUCCESS,
        wasi_path_link(FIRST, 0, address_of(name), strlen(name), SECOND, address_of("both"), 4));
  attempt(trial, "open_truncate", SECOND, TEXT("both"), TXTBSY);
  judge(trial, "symlink to", text_of(name), SUCCESS, wasi_path_symlink(address_of(name), strlen(name), FIRST, address_of("it"), 2));
  attempt(trial, "open_truncate", FIRST, TEXT("it"), TXTBSY);
  judge(trial, "rename", text_of(name), SUCCESS, move(FIRST, name, FIRST, "moved"));
  attempt(trial, "open_write", FIRST, TEXT("moved"), TXTBSY);
  judge(trial, "rename", TEXT("moved"), SUCCESS, move(FIRST, "moved", FIRST, name));
}
