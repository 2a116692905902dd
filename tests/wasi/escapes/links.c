// Symbolic links: made by the host before and while the guest runs, by the guest, moved, in chains; hard links; links of /proc.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static uint32_t make_link(struct text target, uint32_t dir, struct text path) {
  return wasi_path_symlink(address_of(target.at), target.length, dir, address_of(path.at), path.length);
}

/// Whatever has that name: a case may have replaced its link.
static void clear(uint32_t dir, struct text path) {
  if (wasi_path_unlink_file(dir, address_of(path.at), path.length) != SUCCESS)
    wasi_path_remove_directory(dir, address_of(path.at), path.length);
}

/// Arguments: names of links that lead out, `--`, names of links that do not.
void links_before(struct trial *trial) {
  char **name = trial->arguments;
  for (; strcmp(*name, "--") != 0; ++name) {
    attempt_through(trial, FIRST, *name, NOTCAPABLE, NOTCAPABLE);
    attempt(trial, "list", FIRST, text_of(*name), NOTCAPABLE);
    attempt(trial, "stat", FIRST, text_of(*name), NOTCAPABLE);
    attempt(trial, "stat_nofollow", FIRST, text_of(*name), SUCCESS);
  }
  for (++name; *name; ++name) {
    attempt_through(trial, FIRST, *name, SUCCESS, SUCCESS);
    attempt(trial, "list", FIRST, text_of(*name), SUCCESS);
  }
}

/// Until the driver has exchanged "turn" for what was beside it.
static void wait_for_exchange(void) {
  puts("exchange");
  fflush(stdout);
  if (getchar() != '\n') abort();
}

/// "turn" is a directory, then a link to the outside, then the directory again.
void links_during(struct trial *trial) {
  uint32_t opened, beneath;
  attempt_through(trial, FIRST, "turn", SUCCESS, SUCCESS);
  judge(trial, "open_directory", TEXT("turn"), SUCCESS, open_directory(FIRST, TEXT("turn"), &opened));
  judge(trial, "open_directory", TEXT("turn/dir"), SUCCESS, open_directory(FIRST, TEXT("turn/dir"), &beneath));
  wait_for_exchange();
  attempt_through(trial, FIRST, "turn", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, FIRST, "real/../turn", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, FIRST, "turn/dir/..", NOTCAPABLE, NOTCAPABLE);
  // A descriptor is of the directory, not of its name.
  attempt_through(trial, opened, ".", SUCCESS, SUCCESS);
  attempt_through(trial, opened, "..", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, beneath, "..", NOTCAPABLE, NOTCAPABLE);
  wait_for_exchange();
  attempt_through(trial, FIRST, "turn", SUCCESS, SUCCESS);
}

/// Argument: the host's path of a directory outside.
void links_by_guest(struct trial *trial) {
  static const char *const kOutside[] = {
      "..",       "../",       "../.",              "../outside",                "./../outside/.",        "real/../../outside",
      "../first", "../second", "../outside/dir/..", "real/dir/../../../outside", "../../../../../../../.."};
  static const char *const kInside[] = {"real", "./real/", "real/way/..", "real/../real", "."};
  for (unsigned i = 0; i < sizeof kOutside / sizeof *kOutside; ++i) {
    judge(trial, "symlink to", text_of(kOutside[i]), SUCCESS, make_link(text_of(kOutside[i]), FIRST, TEXT("it")));
    attempt_through(trial, FIRST, "it", NOTCAPABLE, NOTCAPABLE);
    attempt_through(trial, FIRST, "real/../it", NOTCAPABLE, NOTCAPABLE);
    clear(FIRST, TEXT("it"));
  }
  for (unsigned i = 0; i < sizeof kInside / sizeof *kInside; ++i) {
    judge(trial, "symlink to", text_of(kInside[i]), SUCCESS, make_link(text_of(kInside[i]), FIRST, TEXT("it")));
    attempt_through(trial, FIRST, "it", SUCCESS, SUCCESS);
    clear(FIRST, TEXT("it"));
  }
  const char *absolute[] = {"/", "//", "/etc/passwd", "/first", "/proc/self/cwd", trial->arguments[0]};
  for (unsigned i = 0; i < sizeof absolute / sizeof *absolute; ++i)
    judge(trial, "symlink to", text_of(absolute[i]), NOTCAPABLE, make_link(text_of(absolute[i]), FIRST, TEXT("it")));
  // Made through a directory further down, where the text does not climb out of the granted one; and the longest text.
  uint32_t real;
  char text[4096] = "";
  judge(trial, "open_directory", TEXT("real"), SUCCESS, open_directory(FIRST, TEXT("real"), &real));
  judge(trial, "symlink to", TEXT("../real"), SUCCESS, make_link(TEXT("../real"), real, TEXT("it")));
  attempt_through(trial, FIRST, "real/it", SUCCESS, SUCCESS);
  attempt_through(trial, real, "it", NOTCAPABLE, NOTCAPABLE);
  for (int i = 0; i < 2042; ++i) strcat(text, "./");
  strcat(text, "../outside.");
  text[strlen(text) - 1] = '/';
  judge(trial, "symlink to", text_of(text), SUCCESS, make_link(text_of(text), FIRST, TEXT("it")));
  attempt_through(trial, FIRST, "it", NOTCAPABLE, NOTCAPABLE);
}

/// Each operation on a link itself, as the last component.
void links_at_the_end(struct trial *trial) {
  static const struct {
    const char *operation, *target, *path;
    uint32_t expected;
  } kRows[] = {
      // Those that follow it.
      {"open_read", "file", "it", SUCCESS},
      {"open_read", "../outside/file", "it", NOTCAPABLE},
      {"open_write", "file", "it", SUCCESS},
      {"open_write", "../outside/file", "it", NOTCAPABLE},
      {"open_truncate", "file", "it", SUCCESS},
      {"open_truncate", "../outside/file", "it", NOTCAPABLE},
      {"open_create", "fresh", "it", SUCCESS},
      {"open_create", "../outside/new", "it", NOTCAPABLE},
      {"open_create", "../outside/file", "it", NOTCAPABLE},
      {"open_create", "../new", "it", NOTCAPABLE},
      {"list", "dir", "it", SUCCESS},
      {"list", "../outside", "it", NOTCAPABLE},
      {"stat", "file", "it", SUCCESS},
      {"stat", "../outside/file", "it", NOTCAPABLE},
      {"stat", "../outside", "it", NOTCAPABLE},
      {"stat", "../absent", "it", NOTCAPABLE},
      {"set_times", "file", "it", SUCCESS},
      {"set_times", "../outside/file", "it", NOTCAPABLE},
      // Those that do not.
      {"open_nofollow", "file", "it", LOOP},
      {"open_nofollow", "../outside/file", "it", LOOP},
      {"open_exclusive", "fresh", "it", EXIST},
      {"open_exclusive", "../outside/new", "it", EXIST},
      {"stat_nofollow", "../outside/file", "it", SUCCESS},
      {"set_times_nofollow", "../outside/file", "it", SUCCESS},
      {"readlink", "../outside/file", "it", SUCCESS},
      {"create_directory", "../outside/new", "it", EXIST},
      {"remove_directory", "../outside/empty", "it", NOTDIR},
      {"unlink", "../outside/file", "it", SUCCESS},
      {"symlink", "../outside/new", "it", EXIST},
      {"link_from", "../outside/file", "it", SUCCESS},
      {"link_to", "../outside/new", "it", EXIST},
      {"rename_from", "../outside/file", "it", SUCCESS},
      {"rename_from", "../outside/dir", "it", SUCCESS},
      {"rename_to", "../outside/new", "it", SUCCESS},
      {"rename_over", "../outside/file", "it", SUCCESS},
      // A slash behind it makes everything follow that only looks; what would change the name judges the link.
      {"open_nofollow", "../outside/file", "it/", NOTCAPABLE},
      {"list", "dir", "it/", SUCCESS},
      {"list", "../outside", "it/", NOTCAPABLE},
      {"stat_nofollow", "dir", "it/", SUCCESS},
      {"stat_nofollow", "../outside", "it/", NOTCAPABLE},
      {"set_times_nofollow", "dir", "it/", SUCCESS},
      {"set_times_nofollow", "../outside", "it/", NOTCAPABLE},
      {"readlink", "../outside", "it/", NOTCAPABLE},
      {"open_create", "../outside/new", "it/", ISDIR},
      {"open_exclusive", "../outside/new", "it/", ISDIR},
      {"create_directory", "../outside/new", "it/", EXIST},
      {"remove_directory", "../outside/empty", "it/", NOTDIR},
      {"remove_directory", "../outside/empty", "it//", NOTDIR},
      {"unlink", "../outside/file", "it/", NOTDIR},
      {"symlink", "../outside/new", "it/", EXIST},
      {"link_from", "../outside/file", "it/", NOTDIR},
      {"link_from", "../outside/dir", "it/", NOTDIR},
      {"link_to", "../outside/new", "it/", EXIST},
      {"rename_from", "../outside/dir", "it/", NOTDIR},
      {"rename_to", "../outside/new", "it/", NOTDIR},
      {"rename_over", "../outside/dir", "it/", NOTDIR},
      // A dot makes all of them follow.
      {"list", "dir", "it/.", SUCCESS},
      {"list", "../outside", "it/.", NOTCAPABLE},
      {"list", "../outside/dir", "it/..", NOTCAPABLE},
      {"open_create", "../outside", "it/.", NOTCAPABLE},
      {"stat_nofollow", "../outside", "it/.", NOTCAPABLE},
      {"readlink", "../outside", "it/.", NOTCAPABLE},
      {"create_directory", "../outside", "it/.", NOTCAPABLE},
      {"remove_directory", "../outside/empty", "it/.", NOTCAPABLE},
      {"remove_directory", "../outside/dir", "it/..", NOTCAPABLE},
      {"unlink", "../outside", "it/.", NOTCAPABLE},
      {"symlink", "../outside", "it/.", NOTCAPABLE},
      {"link_from", "../outside", "it/.", NOTCAPABLE},
      {"link_to", "../outside", "it/.", NOTCAPABLE},
      {"rename_from", "../outside/dir", "it/.", NOTCAPABLE},
      {"rename_from", "../outside/dir", "it/..", NOTCAPABLE},
      {"rename_to", "../outside", "it/.", NOTCAPABLE},
  };
  for (unsigned i = 0; i < sizeof kRows / sizeof *kRows; ++i) {
    judge(trial, "symlink to", text_of(kRows[i].target), SUCCESS, make_link(text_of(kRows[i].target), FIRST, TEXT("it")));
    attempt(trial, kRows[i].operation, FIRST, text_of(kRows[i].path), kRows[i].expected);
    clear(FIRST, TEXT("it"));
    clear(FIRST, TEXT("fresh"));
  }
}

static uint32_t move(uint32_t from, struct text old_path, uint32_t to, struct text new_path) {
  return wasi_path_rename(from, address_of(old_path.at), old_path.length, to, address_of(new_path.at), new_path.length);
}

static uint32_t link_hard(uint32_t from, struct text old_path, uint32_t to, struct text new_path) {
  return wasi_path_link(from, 0, address_of(old_path.at), old_path.length, to, address_of(new_path.at), new_path.length);
}

/// Links that stay inside where they are made, and lead out of where they are brought.
void links_moved(struct trial *trial) {
  judge(trial, "symlink to", TEXT("../../real"), SUCCESS, make_link(TEXT("../../real"), FIRST, TEXT("real/way/up")));
  attempt_through(trial, FIRST, "real/way/up", SUCCESS, SUCCESS);
  judge(trial, "link", TEXT("real/way/up"), SUCCESS, link_hard(FIRST, TEXT("real/way/up"), FIRST, TEXT("linked")));
  attempt_through(trial, FIRST, "linked", NOTCAPABLE, NOTCAPABLE);
  judge(trial, "link", TEXT("real/way/up"), SUCCESS, link_hard(FIRST, TEXT("real/way/up"), SECOND, TEXT("linked")));
  attempt_through(trial, SECOND, "linked", NOTCAPABLE, NOTCAPABLE);
  // With the directory that it is in: up, and into the other granted directory.
  judge(trial, "rename", TEXT("real/way"), SUCCESS, move(FIRST, TEXT("real/way"), FIRST, TEXT("moved")));
  attempt_through(trial, FIRST, "moved/up", NOTCAPABLE, NOTCAPABLE);
  judge(trial, "rename", TEXT("moved"), SUCCESS, move(FIRST, TEXT("moved"), SECOND, TEXT("moved")));
  attempt_through(trial, SECOND, "moved/up", NOTCAPABLE, NOTCAPABLE);
  judge(trial, "rename", TEXT("moved"), SUCCESS, move(SECOND, TEXT("moved"), FIRST, TEXT("real/way")));
  attempt_through(trial, FIRST, "real/way/up", SUCCESS, SUCCESS);
  judge(trial, "rename", TEXT("real/way/up"), SUCCESS, move(FIRST, TEXT("real/way/up"), FIRST, TEXT("up")));
  attempt_through(trial, FIRST, "up", NOTCAPABLE, NOTCAPABLE);
}

/// `name0` to `end`, `name1` to `name0`, and so on: `count` links.
static void make_chain(struct trial *trial, const char *name, const char *end, int count) {
  char target[32], path[32];
  for (int i = 0; i < count; ++i) {
    snprintf(path, sizeof path, "%s%d", name, i);
    judge(trial, "symlink", text_of(path), SUCCESS, make_link(text_of(i ? target : end), FIRST, text_of(path)));
    strcpy(target, path);
  }
}

void links_in_chains(struct trial *trial) {
  make_chain(trial, "in", "real", 41);
  make_chain(trial, "out", "../outside", 41);
  // 40 links may be followed on a path, as in Linux. Linux counts a link twice if it has to begin again with more care, as for ".."
  // beneath a directory: of what is to lead somewhere there are half as many.
  attempt_through(trial, FIRST, "in19", SUCCESS, SUCCESS);
  attempt_through(trial, FIRST, "in40", LOOP, LOOP);
  attempt_through(trial, FIRST, "in9/../in9", SUCCESS, SUCCESS);
  attempt_through(trial, FIRST, "in20/../in19", LOOP, LOOP);
  attempt_through(trial, FIRST, "out0", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, FIRST, "out19", NOTCAPABLE, NOTCAPABLE);
  attempt_through(trial, FIRST, "out40", LOOP, LOOP);
  attempt_through(trial, FIRST, "in9/../out9", NOTCAPABLE, NOTCAPABLE);
  // Round and round, and a text that grows with each turn.
  make_chain(trial, "self", "self0", 1);
  make_chain(trial, "round", "round1", 2);
  make_chain(trial, "longer", "longer0/longer0/longer0", 1);
  attempt_through(trial, FIRST, "self0", LOOP, LOOP);
  attempt_through(trial, FIRST, "round0", LOOP, LOOP);
  attempt_through(trial, FIRST, "longer0", LOOP, LOOP);
}

static uint32_t link_followed(uint32_t dir, struct text path) {
  return wasi_path_link(dir, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, address_of(path.at), path.length, FIRST, address_of("taken"),
                        strlen("taken"));
}

/// The host has made "out-file", "out-absolute" and "out-new", links to a file outside, to it by its absolute path, and to nothing.
void hard_links(struct trial *trial) {
  static const struct row kRows[] = {
      {"link_from", "file", SUCCESS},
      {"link_from", "real/file", SUCCESS},
      {"link_from", "../outside/file", NOTCAPABLE},
      {"link_from", "real/../../outside/file", NOTCAPABLE},
      {"link_from", "out-file/", NOTDIR},
      {"link_from", "dir", PERM},
      {"link_from", ".", PERM},
      {"link_from", "..", NOTCAPABLE},
      {"link_to", "new", SUCCESS},
      {"link_to", "../new", NOTCAPABLE},
      {"link_to", "../outside/new", NOTCAPABLE},
      {"link_to", "out-new", EXIST},
      {"link_to", "out-new/", EXIST},
      {"link_to", "file", EXIST},
  };
  ATTEMPT_ROWS(trial, FIRST, kRows);
  // A link that the call should follow would be followed by the kernel, out of here.
  const char *sources[] = {"file", "link", "out-file", "out-absolute", "out-new", "../outside/file", "out-file/"};
  for (unsigned i = 0; i < sizeof sources / sizeof *sources; ++i)
    judge(trial, "link, following", text_of(sources[i]), INVAL, link_followed(FIRST, text_of(sources[i])));
  attempt(trial, "stat_nofollow", FIRST, TEXT("taken"), NOENT);
  // One that it does not follow has two names then, and leads nowhere by either.
  const char *links[] = {"out-file", "out-absolute"};
  for (unsigned i = 0; i < sizeof links / sizeof *links; ++i) {
    judge(trial, "link", text_of(links[i]), SUCCESS, link_hard(FIRST, text_of(links[i]), SECOND, TEXT("both")));
    attempt(trial, "open_read", SECOND, TEXT("both"), NOTCAPABLE);
    attempt(trial, "open_truncate", SECOND, TEXT("both"), NOTCAPABLE);
    clear(SECOND, TEXT("both"));
  }
  judge(trial, "link", TEXT("file"), SUCCESS, link_hard(FIRST, TEXT("file"), SECOND, TEXT("both")));
  attempt(trial, "open_truncate", SECOND, TEXT("both"), SUCCESS);
}

/// The host's root is granted besides, and so /proc lies below it. Arguments: numbers of host descriptors of a directory and of a file
/// outside, the host's path of that directory. It is the working directory, too.
void proc_self_fd(struct trial *trial) {
  char path[64], root[512];
  attempt(trial, "stat_nofollow", BESIDES, TEXT("proc/self/status"), SUCCESS);
  snprintf(path, sizeof path, "proc/self/fd/%s", trial->arguments[0]);
  snprintf(root, sizeof root, "proc/self/root%s", trial->arguments[2]);
  const char *prefixes[] = {path, root, "proc/self/cwd", "proc/thread-self/cwd", "proc/self/cwd/../outside", "proc/self/fd/../cwd"};
  for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; ++i)
    attempt_through(trial, BESIDES, prefixes[i], MAGIC_LINK, MAGIC_LINK);
  attempt(trial, "list", BESIDES, text_of(path), MAGIC_LINK);
  attempt(trial, "stat", BESIDES, text_of(path), MAGIC_LINK);
  attempt(trial, "stat_nofollow", BESIDES, text_of(path), SUCCESS);
  // Opened again for more than the host opened it for.
  snprintf(path, sizeof path, "proc/self/fd/%s", trial->arguments[1]);
  static const char *const kOperations[] = {"open_read", "open_write", "open_truncate", "open_create", "set_times"};
  for (unsigned i = 0; i < sizeof kOperations / sizeof *kOperations; ++i)
    attempt(trial, kOperations[i], BESIDES, text_of(path), MAGIC_LINK);
  attempt(trial, "link_from", BESIDES, text_of(path), XDEV);
  judge(trial, "link, following", text_of(path), INVAL, link_followed(BESIDES, text_of(path)));
  static const struct row kRows[] = {
      {"list", "proc/self/root", MAGIC_LINK},
      {"list", "proc/self/cwd/", MAGIC_LINK},
      {"list", "proc/self/cwd/.", MAGIC_LINK},
      {"open_read", "proc/self/exe", MAGIC_LINK},
      {"open_nofollow", "proc/self/exe", LOOP},
      // No magic about these: the process's memory and environment, and lists of what it has.
      {"open_read", "proc/self/mem", ACCES},
      {"open_write", "proc/self/mem", ACCES},
      {"open_read", "proc/thread-self/environ", ACCES},
      {"open_read", "proc/1/../self/maps", ACCES},
      {"list", "proc/self/fd", ACCES},
      {"list", "proc", ACCES},
      {"list", "proc/self", ACCES},
      {"readlink", "proc/self/cwd", ACCES},
      {"readlink", "proc/self/exe", ACCES},
  };
  ATTEMPT_ROWS(trial, BESIDES, kRows);
}
