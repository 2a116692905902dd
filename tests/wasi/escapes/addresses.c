// Addresses and lengths: at the memory's last bytes, behind them, and so large that adding them wraps.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static const uint64_t kPage = 65536;
static const uint64_t kReadWrite = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL |
                                   __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE;

static uint64_t memory_size(void) { return __builtin_wasm_memory_size(0) * kPage; }

/// A function with one of its addresses left open: `at`. `file` is open for all, and empty. The others are of places that exist.
typedef uint32_t at_address(uint32_t file, address at);

struct out {
  _Alignas(16) uint8_t bytes[1024];
};
#define SOMEWHERE address_of(&(struct out){})
#define PATH(literal) address_of(literal), sizeof literal - 1

static uint32_t args_get_argv(uint32_t file, address at) { return wasi_args_get(at, SOMEWHERE); }
static uint32_t args_get_text(uint32_t file, address at) { return wasi_args_get(SOMEWHERE, at); }
static uint32_t args_sizes_get_count(uint32_t file, address at) { return wasi_args_sizes_get(at, SOMEWHERE); }
static uint32_t args_sizes_get_size(uint32_t file, address at) { return wasi_args_sizes_get(SOMEWHERE, at); }
static uint32_t environ_get_environ(uint32_t file, address at) { return wasi_environ_get(at, SOMEWHERE); }
static uint32_t environ_get_text(uint32_t file, address at) { return wasi_environ_get(SOMEWHERE, at); }
static uint32_t environ_sizes_get_count(uint32_t file, address at) { return wasi_environ_sizes_get(at, SOMEWHERE); }
static uint32_t environ_sizes_get_size(uint32_t file, address at) { return wasi_environ_sizes_get(SOMEWHERE, at); }
static uint32_t clock_res_get(uint32_t file, address at) { return wasi_clock_res_get(__WASI_CLOCKID_MONOTONIC, at); }
static uint32_t clock_time_get(uint32_t file, address at) { return wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, at); }
static uint32_t fd_fdstat_get(uint32_t file, address at) { return wasi_fd_fdstat_get(file, at); }
static uint32_t fd_filestat_get(uint32_t file, address at) { return wasi_fd_filestat_get(FIRST, at); }
static uint32_t fd_pread_iovs(uint32_t file, address at) { return wasi_fd_pread(file, at, 1, 0, SOMEWHERE); }
static uint32_t fd_pread_read(uint32_t file, address at) { return wasi_fd_pread(file, 0, 0, 0, at); }
static uint32_t fd_prestat_get(uint32_t file, address at) { return wasi_fd_prestat_get(FIRST, at); }
static uint32_t fd_prestat_dir_name(uint32_t file, address at) { return wasi_fd_prestat_dir_name(FIRST, at, strlen("/first")); }
static uint32_t fd_pwrite_iovs(uint32_t file, address at) { return wasi_fd_pwrite(file, at, 1, 0, SOMEWHERE); }
static uint32_t fd_pwrite_written(uint32_t file, address at) { return wasi_fd_pwrite(file, 0, 0, 0, at); }
static uint32_t fd_read_iovs(uint32_t file, address at) { return wasi_fd_read(file, at, 1, SOMEWHERE); }
static uint32_t fd_read_read(uint32_t file, address at) { return wasi_fd_read(file, 0, 0, at); }
static uint32_t fd_readdir_buffer(uint32_t file, address at) { return wasi_fd_readdir(FIRST, at, 100, 0, SOMEWHERE); }
static uint32_t fd_readdir_used(uint32_t file, address at) { return wasi_fd_readdir(FIRST, SOMEWHERE, 100, 0, at); }
static uint32_t fd_seek(uint32_t file, address at) { return wasi_fd_seek(file, 0, __WASI_WHENCE_SET, at); }
static uint32_t fd_tell(uint32_t file, address at) { return wasi_fd_tell(file, at); }
static uint32_t fd_write_iovs(uint32_t file, address at) { return wasi_fd_write(file, at, 1, SOMEWHERE); }
static uint32_t fd_write_written(uint32_t file, address at) { return wasi_fd_write(file, 0, 0, at); }
static uint32_t create_directory_path(uint32_t file, address at) { return wasi_path_create_directory(FIRST, at, 4); }
static uint32_t filestat_get_path(uint32_t file, address at) { return wasi_path_filestat_get(FIRST, 0, at, 4, SOMEWHERE); }
static uint32_t filestat_get_out(uint32_t file, address at) { return wasi_path_filestat_get(FIRST, 0, PATH("file"), at); }
static uint32_t set_times_path(uint32_t file, address at) { return wasi_path_filestat_set_times(FIRST, 0, at, 4, 0, 0, 0); }
static uint32_t link_old(uint32_t file, address at) { return wasi_path_link(FIRST, 0, at, 4, FIRST, PATH("link")); }
static uint32_t link_new(uint32_t file, address at) { return wasi_path_link(FIRST, 0, PATH("mine"), FIRST, at, 4); }
static uint32_t open_path(uint32_t file, address at) { return wasi_path_open(FIRST, 0, at, 4, 0, 0, 0, 0, SOMEWHERE); }
static uint32_t readlink_path(uint32_t file, address at) { return wasi_path_readlink(FIRST, at, 4, SOMEWHERE, 100, SOMEWHERE); }
static uint32_t readlink_buffer(uint32_t file, address at) { return wasi_path_readlink(FIRST, PATH("link"), at, 4, SOMEWHERE); }
static uint32_t readlink_used(uint32_t file, address at) { return wasi_path_readlink(FIRST, PATH("link"), SOMEWHERE, 100, at); }
static uint32_t remove_directory_path(uint32_t file, address at) { return wasi_path_remove_directory(FIRST, at, 4); }
static uint32_t rename_old(uint32_t file, address at) { return wasi_path_rename(FIRST, at, 4, FIRST, PATH("file")); }
static uint32_t rename_new(uint32_t file, address at) { return wasi_path_rename(FIRST, PATH("file"), FIRST, at, 4); }
static uint32_t symlink_target(uint32_t file, address at) { return wasi_path_symlink(at, 4, FIRST, PATH("link")); }
static uint32_t symlink_path(uint32_t file, address at) { return wasi_path_symlink(PATH("link"), FIRST, at, 4); }
static uint32_t unlink_path(uint32_t file, address at) { return wasi_path_unlink_file(FIRST, at, 4); }
static uint32_t poll_events(uint32_t file, address at) {
  const __wasi_subscription_t now = {.u.tag = __WASI_EVENTTYPE_CLOCK};
  return wasi_poll_oneoff(address_of(&now), at, 1, SOMEWHERE);
}
static uint32_t poll_subscriptions(uint32_t file, address at) { return wasi_poll_oneoff(at, SOMEWHERE, 1, SOMEWHERE); }
static uint32_t poll_count(uint32_t file, address at) {
  const __wasi_subscription_t now = {.u.tag = __WASI_EVENTTYPE_CLOCK};
  return wasi_poll_oneoff(address_of(&now), SOMEWHERE, 1, at);
}
static uint32_t random_get(uint32_t file, address at) { return wasi_random_get(at, 16); }

/// An address of a file's buffer that is in a list.
static uint32_t read_into(uint32_t file, address at) {
  const struct {
    address at;
    uint32_t length;
  } iov = {at, 16};
  return wasi_fd_pread(file, address_of(&iov), 1, 0, SOMEWHERE);
}
static uint32_t write_from(uint32_t file, address at) {
  const struct {
    address at;
    uint32_t length;
  } iov = {at, 16};
  return wasi_fd_pwrite(file, address_of(&iov), 1, 0, SOMEWHERE);
}

/// What opens is closed again by its number, which is at the address only if that is one.
static uint32_t open_fd(uint32_t file, address at) {
  const uint32_t error = wasi_path_open(FIRST, 0, PATH("made"), __WASI_OFLAGS_CREAT, 0, 0, 0, at);
  if (error) return error;
  uint32_t fd;
  memcpy(&fd, (const void *)(uintptr_t)at, sizeof fd);
  wasi_fd_close(fd);
  return wasi_path_unlink_file(FIRST, PATH("made"));
}

/// Where `size` bytes, aligned, are wanted. Where the guest gives something (`given`), it stands there.
struct parameter {
  const char *name;
  at_address *call;
  uint32_t size, alignment;
  const void *given;
  uint32_t expected;
};

static void put(const struct parameter *parameter, uint64_t at) {
  if (parameter->given && at + parameter->size <= memory_size()) memcpy((void *)(uintptr_t)at, parameter->given, parameter->size);
}

static void try_parameter(struct trial *trial, const struct parameter *parameter, uint32_t file) {
  const uint64_t end = memory_size();
  const uint64_t last = (end - parameter->size) / parameter->alignment * parameter->alignment;
  put(parameter, last);
  judge(trial, parameter->name, TEXT("the last that fits"), parameter->expected, parameter->call(file, last));
  const uint64_t outside[] = {last + parameter->alignment, end - parameter->alignment, end, end + kPage,
                              (1ull << 32) - parameter->alignment};
  for (unsigned i = 0; i < sizeof outside / sizeof *outside; ++i) {
    // The last unit of alignment has room for what is no larger.
    if (outside[i] + parameter->size <= end || outside[i] >> 32) continue;
    judge(trial, parameter->name, TEXT("outside"), FAULT, parameter->call(file, outside[i]));
  }
  for (uint32_t off = 1; off < parameter->alignment; off += off)
    judge(trial, parameter->name, TEXT("not aligned"), INVAL, parameter->call(file, last - parameter->alignment + off));
}

void last_bytes(struct trial *trial) {
  uint32_t argc, argv_size, environ_count, environ_size, file, before, after;
  wasi_args_sizes_get(address_of(&argc), address_of(&argv_size));
  wasi_environ_sizes_get(address_of(&environ_count), address_of(&environ_size));
  const struct {
    address at;
    uint32_t length;
  } nothing = {0, 0};
  const __wasi_subscription_t now = {.u.tag = __WASI_EVENTTYPE_CLOCK};
  const struct parameter parameters[] = {
      {"args_get argv", args_get_argv, 4 * argc, 4},
      {"args_get text", args_get_text, argv_size, 1},
      {"args_sizes_get count", args_sizes_get_count, 4, 4},
      {"args_sizes_get size", args_sizes_get_size, 4, 4},
      {"environ_get environ", environ_get_environ, 4 * environ_count, 4},
      {"environ_get text", environ_get_text, environ_size, 1},
      {"environ_sizes_get count", environ_sizes_get_count, 4, 4},
      {"environ_sizes_get size", environ_sizes_get_size, 4, 4},
      {"clock_res_get", clock_res_get, 8, 8},
      {"clock_time_get", clock_time_get, 8, 8},
      {"fd_fdstat_get", fd_fdstat_get, 24, 8},
      {"fd_filestat_get", fd_filestat_get, 64, 8},
      {"fd_pread iovs", fd_pread_iovs, 8, 4, &nothing},
      {"fd_pread buffer", read_into, 16, 1},
      {"fd_pread read", fd_pread_read, 4, 4},
      {"fd_prestat_get", fd_prestat_get, 8, 4},
      {"fd_prestat_dir_name", fd_prestat_dir_name, strlen("/first"), 1},
      {"fd_pwrite iovs", fd_pwrite_iovs, 8, 4, &nothing},
      {"fd_pwrite buffer", write_from, 16, 1},
      {"fd_pwrite written", fd_pwrite_written, 4, 4},
      {"fd_read iovs", fd_read_iovs, 8, 4, &nothing},
      {"fd_read read", fd_read_read, 4, 4},
      {"fd_readdir buffer", fd_readdir_buffer, 100, 1},
      {"fd_readdir used", fd_readdir_used, 4, 4},
      {"fd_seek", fd_seek, 8, 8},
      {"fd_tell", fd_tell, 8, 8},
      {"fd_write iovs", fd_write_iovs, 8, 4, &nothing},
      {"fd_write written", fd_write_written, 4, 4},
      {"path_create_directory path", create_directory_path, 4, 1, "file", EXIST},
      {"path_filestat_get path", filestat_get_path, 4, 1, "file"},
      {"path_filestat_get", filestat_get_out, 64, 8},
      {"path_filestat_set_times path", set_times_path, 4, 1, "file"},
      {"path_link old_path", link_old, 4, 1, "file", EXIST},
      {"path_link new_path", link_new, 4, 1, "file", EXIST},
      {"path_open path", open_path, 4, 1, "file"},
      {"path_open fd", open_fd, 4, 4},
      {"path_readlink path", readlink_path, 4, 1, "link"},
      {"path_readlink buffer", readlink_buffer, 4, 1},
      {"path_readlink used", readlink_used, 4, 4},
      {"path_remove_directory path", remove_directory_path, 4, 1, "file", NOTDIR},
      {"path_rename old_path", rename_old, 4, 1, "file"},
      {"path_rename new_path", rename_new, 4, 1, "file"},
      {"path_symlink target", symlink_target, 4, 1, "file", EXIST},
      {"path_symlink path", symlink_path, 4, 1, "file", EXIST},
      {"path_unlink_file path", unlink_path, 4, 1, "none", NOENT},
      {"poll_oneoff subscriptions", poll_subscriptions, 48, 8, &now},
      {"poll_oneoff events", poll_events, 32, 8},
      {"poll_oneoff count", poll_count, 4, 4},
      {"random_get", random_get, 16, 1},
  };
  if (__builtin_wasm_memory_grow(0, 1) == (size_t)-1) abort();  // so that nothing else lies at the end
  judge(trial, "open", TEXT("new"), SUCCESS, open_at(FIRST, 0, TEXT("new"), __WASI_OFLAGS_CREAT, kReadWrite, &file));
  for (unsigned i = 0; i < sizeof parameters / sizeof *parameters; ++i) try_parameter(trial, &parameters[i], file);
  // The host acts only when every address is good: no file was made, and no number taken but that of path_open's one success.
  attempt(trial, "stat_nofollow", FIRST, TEXT("made"), NOENT);
  wasi_fd_close(file + 1);
  judge(trial, "open", TEXT("file"), SUCCESS, open_at(FIRST, 0, TEXT("file"), 0, 0, &before));
  judge(trial, "open", TEXT("made"), FAULT, open_fd(file, (address)memory_size()));
  wasi_fd_close(before);
  judge(trial, "open", TEXT("file"), SUCCESS, open_at(FIRST, 0, TEXT("file"), 0, 0, &after));
  judge(trial, "descriptor", TEXT("the same number again"), before, after);
}

/// One buffer.
static uint32_t read_one(uint32_t file, address at, uint32_t length) {
  const struct {
    address at;
    uint32_t length;
  } iov = {at, length};
  return wasi_fd_pread(file, address_of(&iov), 1, 0, SOMEWHERE);
}

/// `count` buffers, each the whole memory but its last bytes.
static uint32_t read_into_all(uint32_t file, uint32_t count) {
  struct {
    address at;
    uint32_t length;
  } *iovs = malloc(count * sizeof *iovs);
  if (!iovs) abort();
  for (uint32_t i = 0; i < count; ++i) {
    iovs[i].at = 0;
    iovs[i].length = memory_size() - 16;
  }
  const uint32_t error = wasi_fd_read(file, address_of(iovs), count, SOMEWHERE);
  free(iovs);
  return error;
}

void wrapping(struct trial *trial) {
  const uint32_t size = memory_size();
  struct out out;
  const address somewhere = address_of(&out);
  uint32_t file, fd;
  judge(trial, "open", TEXT("new"), SUCCESS, open_at(FIRST, 0, TEXT("new"), __WASI_OFLAGS_CREAT, kReadWrite, &file));
  const struct {
    const char *what;
    address at;
    uint32_t length;
  } ranges[] = {{"from the top", 0xfffffff0, 0x20},    {"to the top", 0, 0xffffffff}, {"from the last byte", size - 1, 2},
                {"round to the start", 0xffffffff, 1}, {"all of it", 1, size},        {"half", 0x80000000, 0x80000000},
                {"wraps to the same", 64, 0xffffffff}, {"one too many", 0, size + 1}, {"wraps to one", 0xfffffffe, 3}};
  for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; ++i) {
    const struct text what = text_of(ranges[i].what);
    const address at = ranges[i].at;
    const uint32_t length = ranges[i].length;
    judge(trial, "fd_pread", what, FAULT, read_one(file, at, length));
    judge(trial, "random_get", what, FAULT, wasi_random_get(at, length));
    judge(trial, "fd_readdir", what, FAULT, wasi_fd_readdir(FIRST, at, length, 0, somewhere));
    judge(trial, "fd_prestat_dir_name", what, FAULT, wasi_fd_prestat_dir_name(FIRST, at, length));
    judge(trial, "path_open", what, FAULT, wasi_path_open(FIRST, 0, at, length, 0, 0, 0, 0, address_of(&fd)));
    judge(trial, "path_create_directory", what, FAULT, wasi_path_create_directory(FIRST, at, length));
    judge(trial, "path_remove_directory", what, FAULT, wasi_path_remove_directory(FIRST, at, length));
    judge(trial, "path_unlink_file", what, FAULT, wasi_path_unlink_file(FIRST, at, length));
    judge(trial, "path_filestat_get", what, FAULT, wasi_path_filestat_get(FIRST, 0, at, length, somewhere));
    judge(trial, "path_filestat_set_times", what, FAULT, wasi_path_filestat_set_times(FIRST, 0, at, length, 0, 0, 0));
    judge(trial, "path_readlink", what, FAULT, wasi_path_readlink(FIRST, at, length, somewhere, 100, somewhere));
    judge(trial, "path_readlink into", what, FAULT, wasi_path_readlink(FIRST, PATH("link"), at, length, somewhere));
    judge(trial, "path_symlink to", what, FAULT, wasi_path_symlink(at, length, FIRST, PATH("it")));
    judge(trial, "path_symlink", what, FAULT, wasi_path_symlink(PATH("file"), FIRST, at, length));
    judge(trial, "path_rename", what, FAULT, wasi_path_rename(FIRST, at, length, FIRST, PATH("it")));
    judge(trial, "path_rename to", what, FAULT, wasi_path_rename(FIRST, PATH("file"), FIRST, at, length));
    judge(trial, "path_link", what, FAULT, wasi_path_link(FIRST, 0, at, length, FIRST, PATH("it")));
    judge(trial, "path_link to", what, FAULT, wasi_path_link(FIRST, 0, PATH("file"), FIRST, at, length));
  }
  attempt(trial, "stat_nofollow", FIRST, TEXT("it"), NOENT);
  // Counts whose size wraps to little: 8 bytes a buffer, 48 a subscription, 32 an event.
  static const uint32_t kCounts[] = {0x20000000, 0x20000001, 0x80000000, 0xffffffff, 0x05555556, 0x08000001, 1025};
  const struct text count = TEXT("a count that wraps");
  for (unsigned i = 0; i < sizeof kCounts / sizeof *kCounts; ++i) {
    judge(trial, "fd_read", count, INVAL, wasi_fd_read(file, 0, kCounts[i], somewhere));
    judge(trial, "fd_write", count, INVAL, wasi_fd_write(file, 0, kCounts[i], somewhere));
    judge(trial, "fd_pread", count, INVAL, wasi_fd_pread(file, 0, kCounts[i], 0, somewhere));
    judge(trial, "fd_pwrite", count, INVAL, wasi_fd_pwrite(file, 0, kCounts[i], 0, somewhere));
    if (kCounts[i] > 4096) judge(trial, "poll_oneoff", count, INVAL, wasi_poll_oneoff(0, 0, kCounts[i], somewhere));
  }
  judge(trial, "fd_read", TEXT("a list that ends outside"), FAULT, wasi_fd_read(file, size - 8, 2, somewhere));
  judge(trial, "poll_oneoff", TEXT("subscriptions that end outside"), FAULT, wasi_poll_oneoff(size - 48, 0, 2, somewhere));
  judge(trial, "poll_oneoff", TEXT("events that end outside"), FAULT, wasi_poll_oneoff(0, size - 32, 2, somewhere));
  // Buffers that are larger than 4 GiB together, over one another: an empty file fills none.
  judge(trial, "fd_read", TEXT("1024 times the memory"), SUCCESS, read_into_all(file, 1024));
  // Positions and sizes of 64 bits.
  const uint64_t top = 1ull << 63;
  judge(trial, "fd_pread", TEXT("from 2^63"), INVAL, wasi_fd_pread(file, 0, 0, top, somewhere));
  judge(trial, "fd_pwrite", TEXT("from 2^64 - 1"), INVAL, wasi_fd_pwrite(file, 0, 0, ~0ull, somewhere));
  judge(trial, "fd_seek", TEXT("to -1"), INVAL, wasi_fd_seek(file, ~0ull, __WASI_WHENCE_SET, somewhere));
  judge(trial, "fd_seek", TEXT("by -2^63"), INVAL, wasi_fd_seek(file, top, __WASI_WHENCE_CUR, somewhere));
  judge(trial, "fd_allocate", TEXT("from 2^63"), INVAL, wasi_fd_allocate(file, top, 1));
  judge(trial, "fd_allocate", TEXT("from 2^63 - 1 as much"), FBIG, wasi_fd_allocate(file, top - 1, top - 1));
  judge(trial, "fd_advise", TEXT("from 2^63"), INVAL, wasi_fd_advise(file, top, 1, 0));
  judge(trial, "fd_filestat_set_size", TEXT("2^63"), INVAL, wasi_fd_filestat_set_size(file, top));
  judge(trial, "fd_readdir", TEXT("from cookie 2^63"), INVAL, wasi_fd_readdir(FIRST, somewhere, 100, top, somewhere));
}

/// A memory that ends where addresses do: nothing is behind its last byte that an address could name.
void four_gibibytes(struct trial *trial) {
  uint32_t file;
  const size_t pages = (1ull << 32) / kPage;
  if (__builtin_wasm_memory_grow(0, pages - __builtin_wasm_memory_size(0)) == (size_t)-1) {
    puts("skipped: no memory of 4 GiB here");
    return;
  }
  judge(trial, "open", TEXT("new"), SUCCESS, open_at(FIRST, 0, TEXT("new"), __WASI_OFLAGS_CREAT, kReadWrite, &file));
  memcpy((void *)0xfffffffc, "file", 4);
  judge(trial, "path_open path", TEXT("the last bytes"), SUCCESS, open_path(file, 0xfffffffc));
  judge(trial, "path_open path", TEXT("round to the start"), FAULT, open_path(file, 0xfffffffd));
  judge(trial, "path_open fd", TEXT("the last bytes"), SUCCESS, open_fd(file, 0xfffffffc));
  judge(trial, "random_get", TEXT("the last bytes"), SUCCESS, wasi_random_get(0xfffffff0, 16));
  judge(trial, "random_get", TEXT("round to the start"), FAULT, wasi_random_get(0xfffffff0, 17));
  judge(trial, "fd_pread", TEXT("all but one byte"), SUCCESS, read_one(file, 0, 0xffffffff));
  judge(trial, "fd_pread", TEXT("all but the first byte"), SUCCESS, read_one(file, 1, 0xffffffff));
  judge(trial, "fd_pread", TEXT("one more"), FAULT, read_one(file, 2, 0xffffffff));
  judge(trial, "fd_filestat_get", TEXT("the last bytes"), SUCCESS, fd_filestat_get(file, 0xffffffc0));
  judge(trial, "fd_filestat_get", TEXT("round to the start"), FAULT, fd_filestat_get(file, 0xffffffc8));
  judge(trial, "fd_pread iovs", TEXT("round to the start"), FAULT, fd_pread_iovs(file, 0xfffffffc));
}
