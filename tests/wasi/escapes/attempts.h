// What the cases attempt and how they judge it. An operation works on a path and, where it succeeds, undoes what it did through the
// same path: so the same calls that must be refused for a way out are seen to succeed for a way that stays inside.
//
// Each directory that matters holds the same names: "file", "link" (to file), "dir" with "inner" in it, "empty" and "way"
// (directories, the last one only to be gone through), and no "new". Files inside say PUBLIC, those outside something longer; only
// directories outside hold "only-outside".
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "raw_wasi.h"

/// The descriptors that the driver grants, and what a case may be given besides.
enum { FIRST = 3, SECOND = 4, READ_ONLY = 5, BESIDES = 6 };

enum {
  SUCCESS = __WASI_ERRNO_SUCCESS,
  ACCES = __WASI_ERRNO_ACCES,
  BADF = __WASI_ERRNO_BADF,
  BUSY = __WASI_ERRNO_BUSY,
  EXIST = __WASI_ERRNO_EXIST,
  FAULT = __WASI_ERRNO_FAULT,
  FBIG = __WASI_ERRNO_FBIG,
  INVAL = __WASI_ERRNO_INVAL,
  ISDIR = __WASI_ERRNO_ISDIR,
  LOOP = __WASI_ERRNO_LOOP,
  NAMETOOLONG = __WASI_ERRNO_NAMETOOLONG,
  NOENT = __WASI_ERRNO_NOENT,
  NOTDIR = __WASI_ERRNO_NOTDIR,
  NOTEMPTY = __WASI_ERRNO_NOTEMPTY,
  PERM = __WASI_ERRNO_PERM,
  ROFS = __WASI_ERRNO_ROFS,
  TXTBSY = __WASI_ERRNO_TXTBSY,
  XDEV = __WASI_ERRNO_XDEV,
  NOTCAPABLE = __WASI_ERRNO_NOTCAPABLE,
  /// No error numbers. A call succeeded and gave what lies outside.
  LEAKED = 1000,
  /// To be expected of a link that is no text: the kernel's resolver says LOOP, the other one NOTCAPABLE.
  MAGIC_LINK,
};

#define PUBLIC "public\n"

/// Bytes, NUL among them.
struct text {
  const char *at;
  uint32_t length;
};
#define TEXT(literal) ((struct text){literal, sizeof literal - 1})
struct text text_of(const char *string);

/// A case while it runs. `arguments` are those after its name, then NULL.
struct trial {
  const char *name;
  char **arguments;
  unsigned attempts, failures;
};

/// Counts, and tells a result that is not the expected one: `what` was done to `path`.
void judge(struct trial *trial, const char *what, struct text path, uint32_t expected, uint32_t got);

/// Opens for `rights`, which what is opened below gets too.
uint32_t open_at(uint32_t dir, uint32_t lookup, struct text path, uint32_t oflags, uint64_t rights, uint32_t *fd_out);
/// Opens a directory with all rights that can be passed on.
uint32_t open_directory(uint32_t dir, struct text path, uint32_t *fd_out);
/// From the file's start. Both close nothing.
uint32_t read_file(uint32_t fd, char *buffer, uint32_t size, uint32_t *used_out);
uint32_t write_file(uint32_t fd, struct text bytes);
/// Makes a file with PUBLIC in it, or writes that into one.
uint32_t put_file(uint32_t dir, struct text path);
/// SUCCESS if the file says PUBLIC from its start, LEAKED if anything else.
uint32_t is_public(uint32_t fd);

/// By the operation's name, on a path as it is.
void attempt(struct trial *trial, const char *operation, uint32_t dir, struct text path, uint32_t expected);

/// A row of a table of attempts.
struct row {
  const char *operation, *path;
  uint32_t expected;
};
void attempt_rows(struct trial *trial, uint32_t dir, const struct row *rows, unsigned count);
#define ATTEMPT_ROWS(trial, dir, rows) attempt_rows(trial, dir, rows, sizeof rows / sizeof *rows)

/// Every operation on the same path.
void attempt_all_at(struct trial *trial, uint32_t dir, struct text path, uint32_t expected);
/// Every operation on the name that it is for below `prefix`, with `reads` expected of those that change nothing.
void attempt_through(struct trial *trial, uint32_t dir, const char *prefix, uint32_t reads, uint32_t changes);
