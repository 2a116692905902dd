// The functions of wasi_snapshot_preview1 as they are imported: addresses are numbers, so that any can be passed. Numbers and
// layouts are those of wasi-libc's header.
#pragma once
#include <stdint.h>
#include <wasi/api.h>

/// Of guest memory.
typedef uint32_t address;

#define address_of(object) ((address)(uintptr_t)(object))

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) uint32_t wasi_##name

WASI(args_get)(address argv, address text);
WASI(args_sizes_get)(address count_out, address size_out);
WASI(environ_get)(address environ, address text);
WASI(environ_sizes_get)(address count_out, address size_out);
WASI(clock_res_get)(uint32_t clock, address resolution_out);
WASI(clock_time_get)(uint32_t clock, uint64_t precision, address time_out);
WASI(fd_advise)(uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice);
WASI(fd_allocate)(uint32_t fd, uint64_t offset, uint64_t length);
WASI(fd_close)(uint32_t fd);
WASI(fd_fdstat_get)(uint32_t fd, address fdstat_out);
WASI(fd_fdstat_set_rights)(uint32_t fd, uint64_t base, uint64_t inheriting);
WASI(fd_filestat_get)(uint32_t fd, address filestat_out);
WASI(fd_filestat_set_size)(uint32_t fd, uint64_t size);
WASI(fd_filestat_set_times)(uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
WASI(fd_pread)(uint32_t fd, address iovs, uint32_t iovs_len, uint64_t offset, address read_out);
WASI(fd_prestat_get)(uint32_t fd, address prestat_out);
WASI(fd_prestat_dir_name)(uint32_t fd, address path_out, uint32_t path_len);
WASI(fd_pwrite)(uint32_t fd, address iovs, uint32_t iovs_len, uint64_t offset, address written_out);
WASI(fd_read)(uint32_t fd, address iovs, uint32_t iovs_len, address read_out);
WASI(fd_readdir)(uint32_t fd, address buffer, uint32_t buffer_len, uint64_t cookie, address used_out);
WASI(fd_renumber)(uint32_t from, uint32_t to);
WASI(fd_seek)(uint32_t fd, uint64_t offset, uint32_t whence, address position_out);
WASI(fd_tell)(uint32_t fd, address position_out);
WASI(fd_write)(uint32_t fd, address iovs, uint32_t iovs_len, address written_out);
WASI(path_create_directory)(uint32_t fd, address path, uint32_t path_len);
WASI(path_filestat_get)(uint32_t fd, uint32_t lookup, address path, uint32_t path_len, address filestat_out);
WASI(path_filestat_set_times)(uint32_t fd, uint32_t lookup, address path, uint32_t path_len, uint64_t atim, uint64_t mtim,
                              uint32_t flags);
WASI(path_link)(uint32_t old_fd, uint32_t lookup, address old_path, uint32_t old_path_len, uint32_t new_fd, address new_path,
                uint32_t new_path_len);
WASI(path_open)(uint32_t fd, uint32_t lookup, address path, uint32_t path_len, uint32_t oflags, uint64_t base, uint64_t inheriting,
                uint32_t fdflags, address fd_out);
WASI(path_readlink)(uint32_t fd, address path, uint32_t path_len, address buffer, uint32_t buffer_len, address used_out);
WASI(path_remove_directory)(uint32_t fd, address path, uint32_t path_len);
WASI(path_rename)(uint32_t fd, address old_path, uint32_t old_path_len, uint32_t new_fd, address new_path, uint32_t new_path_len);
WASI(path_symlink)(address target, uint32_t target_len, uint32_t fd, address path, uint32_t path_len);
WASI(path_unlink_file)(uint32_t fd, address path, uint32_t path_len);
WASI(poll_oneoff)(address subscriptions, address events_out, uint32_t count, address count_out);
WASI(random_get)(address buffer, uint32_t buffer_len);

#undef WASI
