// What can be said in a path alone, without a link.
#include <stdlib.h>
#include <string.h>

#include "cases.h"

/// `count` times `unit`, then `end`. Never freed: a case is a process.
static struct text repeated(const char *unit, uint32_t count, const char *end) {
  const uint32_t size = strlen(unit), length = size * count + strlen(end);
  char *bytes = malloc(length + 1);
  if (!bytes) abort();
  for (uint32_t i = 0; i < count; ++i) memcpy(bytes + i * size, unit, size);
  strcpy(bytes + size * count, end);
  return (struct text){bytes, length};
}

/// Arguments: the host's paths of the granted directory and of one outside.
void absolute_paths(struct trial *trial) {
  attempt_through(trial, FIRST, "real", SUCCESS, SUCCESS);
  attempt_through(trial, FIRST, ".", SUCCESS, SUCCESS);
  const char *prefixes[] = {
      trial->arguments[0], trial->arguments[1], "/first", "/first/real", "", "/", "//", "/.", "/..", "//first"};
  for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; ++i)
    attempt_through(trial, FIRST, prefixes[i], NOTCAPABLE, NOTCAPABLE);
  attempt_all_at(trial, FIRST, TEXT("/"), NOTCAPABLE);
  attempt_all_at(trial, FIRST, TEXT("//"), NOTCAPABLE);
  attempt_all_at(trial, FIRST, text_of(trial->arguments[1]), NOTCAPABLE);
}

/// The granted directory has a directory of the same names beside it, and so has the one above.
void dot_dot_chains(struct trial *trial) {
  static const char *const kInside[] = {"real/..", "real/way/..", "real/way/../../real", "./real/./..//real",
                                        "real/../real/../real"};
  static const char *const kOutside[] = {
      "..",           "../outside",    "../second",          "../first",         "./..",
      "../.",         "../..",         "././../outside",     ".//..//outside",   "../../../../../../../../..",
      "real/../..",   "../first/real", "real/../../outside", "real/../../first", "real/dir/../../../outside",
      "../outside/dir/..",             "real/./.././../outside",                 "real/dir/../..//../outside"};
  for (unsigned i = 0; i < sizeof kInside / sizeof *kInside; ++i) attempt_through(trial, FIRST, kInside[i], SUCCESS, SUCCESS);
  for (unsigned i = 0; i < sizeof kOutside / sizeof *kOutside; ++i)
    attempt_through(trial, FIRST, kOutside[i], NOTCAPABLE, NOTCAPABLE);
  attempt_all_at(trial, FIRST, TEXT(".."), NOTCAPABLE);
  attempt_all_at(trial, FIRST, TEXT("real/../.."), NOTCAPABLE);
  attempt_all_at(trial, FIRST, repeated("../", 1300, "outside/file"), NOTCAPABLE);
  attempt_all_at(trial, FIRST, repeated("real/../", 500, "../outside"), NOTCAPABLE);
  attempt(trial, "open_read", FIRST, repeated("real/../", 500, "file"), SUCCESS);
  // What is refused is to climb out, not to climb: from a directory that was opened, too.
  uint32_t real;
  judge(trial, "open_directory", TEXT("real"), SUCCESS, open_directory(FIRST, TEXT("real"), &real));
  attempt_through(trial, real, "way/..", SUCCESS, SUCCESS);
  attempt_through(trial, real, "..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, real, "dir/../..", NOTCAPABLE, NOTCAPABLE);
}

void slashes_and_dots(struct trial *trial) {
  static const struct row kRows[] = {
      // A slash or a dot behind it wants a directory.
      {"open_read", "file", SUCCESS},
      {"open_read", "file/", NOTDIR},
      {"open_read", "file//", NOTDIR},
      {"open_read", "file/.", NOTDIR},
      {"open_read", "file/..", NOTDIR},
      {"open_write", "file/", NOTDIR},
      {"open_truncate", "file/", NOTDIR},
      {"open_nofollow", "link/", NOTDIR},
      {"stat", "file/", NOTDIR},
      {"stat_nofollow", "file/.", NOTDIR},
      {"set_times", "file/", NOTDIR},
      {"readlink", "link/", NOTDIR},
      {"readlink", "dir/", INVAL},
      {"unlink", "file/", NOTDIR},
      {"unlink", "file/.", NOTDIR},
      {"link_from", "file/", NOTDIR},
      {"rename_from", "file/", NOTDIR},
      {"rename_to", "new/", NOTDIR},
      {"rename_over", "file/", NOTDIR},
      // Nothing is made behind one but a directory.
      {"open_create", "new/", ISDIR},
      {"open_create", "new/.", NOENT},
      {"open_create", "dir/", ISDIR},
      {"open_create", "dir/.", ISDIR},
      {"open_exclusive", "new/", ISDIR},
      {"symlink", "new/", NOENT},
      {"link_to", "new/", NOENT},
      {"create_directory", "new/", SUCCESS},
      {"create_directory", "new//", SUCCESS},
      {"create_directory", "new/.", NOENT},
      // Directories do not mind.
      {"list", "dir/", SUCCESS},
      {"list", "dir//", SUCCESS},
      {"list", "dir/.", SUCCESS},
      {"list", "./dir/./", SUCCESS},
      {"list", "dir/..", SUCCESS},
      {"list", ".", SUCCESS},
      {"list", "./", SUCCESS},
      {"remove_directory", "empty/", SUCCESS},
      {"rename_from", "dir/", SUCCESS},
      // A dot is no name that could be made, moved or removed.
      {"create_directory", ".", EXIST},
      {"create_directory", "dir/..", EXIST},
      {"symlink", ".", EXIST},
      {"link_to", "dir/.", EXIST},
      {"unlink", ".", ISDIR},
      {"unlink", "dir/..", ISDIR},
      {"remove_directory", "empty/.", INVAL},
      {"remove_directory", ".", INVAL},
      {"rename_from", ".", BUSY},
      {"rename_from", "dir/.", BUSY},
      {"rename_from", "dir/..", BUSY},
      {"rename_to", ".", BUSY},
      {"rename_over", "dir/..", BUSY},
      // Two of them with something behind are still the way out; three are a name like any other.
      {"list", "../", NOTCAPABLE},
      {"list", "..//", NOTCAPABLE},
      {"list", "../.", NOTCAPABLE},
      {"list", "dir/../../", NOTCAPABLE},
      {"create_directory", "../", NOTCAPABLE},
      {"remove_directory", "../", NOTCAPABLE},
      {"remove_directory", "../.", NOTCAPABLE},
      {"unlink", "../.", NOTCAPABLE},
      {"rename_from", "../", NOTCAPABLE},
      {"rename_from", "dir/../../.", NOTCAPABLE},
      {"rename_to", "../.", NOTCAPABLE},
      {"symlink", "../", NOTCAPABLE},
      {"open_read", "..file", NOENT},
      {"open_read", ".../file", NOENT},
      {"open_read", ".. /file", NOENT},
      {"open_create", "..new", SUCCESS},
      {"create_directory", "...", SUCCESS},
  };
  ATTEMPT_ROWS(trial, FIRST, kRows);
}

void empty_and_nul(struct trial *trial) {
  attempt_through(trial, FIRST, "real", SUCCESS, SUCCESS);
  attempt_all_at(trial, FIRST, TEXT(""), NOENT);
  attempt_all_at(trial, FIRST, TEXT("\0"), INVAL);
  attempt_all_at(trial, FIRST, TEXT("file\0"), INVAL);
  attempt_all_at(trial, FIRST, TEXT("\0file"), INVAL);
  attempt_all_at(trial, FIRST, TEXT("real\0/file"), INVAL);
  attempt_all_at(trial, FIRST, TEXT("..\0/../outside/file"), INVAL);
  attempt_all_at(trial, FIRST, TEXT("/\0outside"), INVAL);
  // The text of a link.
  judge(trial, "symlink to", TEXT(""), NOENT, wasi_path_symlink(address_of(""), 0, FIRST, address_of("new"), 3));
  judge(trial, "symlink to", TEXT("file\0x"), INVAL, wasi_path_symlink(address_of("file\0x"), 6, FIRST, address_of("new"), 3));
  attempt(trial, "stat_nofollow", FIRST, TEXT("new"), NOENT);
}

void long_names(struct trial *trial) {
  attempt(trial, "open_create", FIRST, repeated("a", 255, ""), SUCCESS);
  attempt(trial, "create_directory", FIRST, repeated("a", 255, "/"), SUCCESS);
  attempt(trial, "open_read", FIRST, repeated("a", 255, ""), NOENT);
  static const uint32_t kComponents[] = {256, 1024, 4095, 4096, 4097, 65536, 1 << 20};
  for (unsigned i = 0; i < sizeof kComponents / sizeof *kComponents; ++i) {
    attempt_all_at(trial, FIRST, repeated("a", kComponents[i], ""), NAMETOOLONG);
    attempt_all_at(trial, FIRST, repeated("a", kComponents[i], "/new"), NAMETOOLONG);
    attempt_all_at(trial, FIRST, repeated("a", kComponents[i], "/../../outside/file"), NAMETOOLONG);
  }
  // The whole path: 4095 bytes at most.
  attempt(trial, "open_read", FIRST, repeated("./", 2045, ".file"), NOENT);
  attempt(trial, "open_read", FIRST, repeated("./", 2045, "/file"), SUCCESS);
  attempt(trial, "open_read", FIRST, repeated("./", 2046, "file"), NAMETOOLONG);
  attempt(trial, "open_read", FIRST, repeated("real/../", 510, "../../outside/f"), NOTCAPABLE);
  attempt(trial, "open_read", FIRST, repeated("real/../", 510, "../../outside/file"), NAMETOOLONG);
}
