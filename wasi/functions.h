// The handlers of functions.def. Parameters are the Wasm ones in their order, as unsigned integers of their width; names that end in
// `_out` are guest addresses of results. A handler that touches guest memory takes it as second parameter, the others need none. A
// refusal is the function's error number.
#pragma once
#include <cstdint>

#include "runtime/runtime.h"
#include "wasi/context.h"
#include "wasi/guest_memory.h"

namespace wasmc::wasi {

// args_env.cpp
Or<> args_get(Context &, GuestMemory, uint32_t argv_out, uint32_t text_out);
Or<> args_sizes_get(Context &, GuestMemory, uint32_t count_out, uint32_t size_out);
Or<> environ_get(Context &, GuestMemory, uint32_t environ_out, uint32_t text_out);
Or<> environ_sizes_get(Context &, GuestMemory, uint32_t count_out, uint32_t size_out);

// clocks.cpp
Or<> clock_res_get(Context &, GuestMemory, uint32_t clock, uint32_t resolution_out);
Or<> clock_time_get(Context &, GuestMemory, uint32_t clock, uint64_t precision, uint32_t time_out);

// files.cpp: what works on an open descriptor
Or<> fd_advise(Context &, uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice);
Or<> fd_allocate(Context &, uint32_t fd, uint64_t offset, uint64_t length);
Or<> fd_close(Context &, uint32_t fd);
Or<> fd_datasync(Context &, uint32_t fd);
Or<> fd_fdstat_get(Context &, GuestMemory, uint32_t fd, uint32_t fdstat_out);
Or<> fd_fdstat_set_flags(Context &, uint32_t fd, uint32_t flags);
Or<> fd_fdstat_set_rights(Context &, uint32_t fd, uint64_t base, uint64_t inheriting);
Or<> fd_filestat_get(Context &, GuestMemory, uint32_t fd, uint32_t filestat_out);
Or<> fd_filestat_set_size(Context &, uint32_t fd, uint64_t size);
Or<> fd_filestat_set_times(Context &, uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
Or<> fd_pread(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset, uint32_t read_out);
Or<> fd_pwrite(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset, uint32_t written_out);
Or<> fd_read(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t read_out);
Or<> fd_renumber(Context &, uint32_t from, uint32_t to);
Or<> fd_seek(Context &, GuestMemory, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out);
Or<> fd_sync(Context &, uint32_t fd);
Or<> fd_tell(Context &, GuestMemory, uint32_t fd, uint32_t position_out);
Or<> fd_write(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t written_out);

// directories.cpp
Or<> fd_prestat_get(Context &, GuestMemory, uint32_t fd, uint32_t prestat_out);
Or<> fd_prestat_dir_name(Context &, GuestMemory, uint32_t fd, uint32_t path_out, uint32_t path_len);
Or<> fd_readdir(Context &, GuestMemory, uint32_t fd, uint32_t buffer, uint32_t buffer_len, uint64_t cookie, uint32_t used_out);

// paths_ops.cpp: what works on a path
Or<> path_create_directory(Context &, GuestMemory, uint32_t fd, uint32_t path, uint32_t path_len);
Or<> path_filestat_get(Context &, GuestMemory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
                       uint32_t filestat_out);
Or<> path_filestat_set_times(Context &, GuestMemory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
                             uint64_t atim, uint64_t mtim, uint32_t flags);
Or<> path_link(Context &, GuestMemory, uint32_t old_fd, uint32_t lookup, uint32_t old_path, uint32_t old_path_len,
               uint32_t new_fd, uint32_t new_path, uint32_t new_path_len);
Or<> path_open(Context &, GuestMemory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len, uint32_t oflags,
               uint64_t base, uint64_t inheriting, uint32_t fdflags, uint32_t fd_out);
Or<> path_readlink(Context &, GuestMemory, uint32_t fd, uint32_t path, uint32_t path_len, uint32_t buffer,
                   uint32_t buffer_len, uint32_t used_out);
Or<> path_remove_directory(Context &, GuestMemory, uint32_t fd, uint32_t path, uint32_t path_len);
Or<> path_rename(Context &, GuestMemory, uint32_t fd, uint32_t old_path, uint32_t old_path_len, uint32_t new_fd,
                 uint32_t new_path, uint32_t new_path_len);
Or<> path_symlink(Context &, GuestMemory, uint32_t target, uint32_t target_len, uint32_t fd, uint32_t path, uint32_t path_len);
Or<> path_unlink_file(Context &, GuestMemory, uint32_t fd, uint32_t path, uint32_t path_len);

// sockets.cpp
Or<> sock_accept(Context &, GuestMemory, uint32_t fd, uint32_t flags, uint32_t fd_out);
Or<> sock_recv(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t flags, uint32_t size_out,
               uint32_t flags_out);
Or<> sock_send(Context &, GuestMemory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t flags, uint32_t size_out);
Or<> sock_shutdown(Context &, uint32_t fd, uint32_t how);

// poll.cpp
Or<> poll_oneoff(Context &, GuestMemory, uint32_t subscriptions, uint32_t events_out, uint32_t count, uint32_t count_out);

// process.cpp
TrapOr<> proc_exit(Context &, uint32_t status);
TrapOr<Or<>> proc_raise(Context &, uint32_t signal);
Or<> random_get(Context &, GuestMemory, uint32_t buffer, uint32_t buffer_len);
Or<> sched_yield(Context &);

/// What differs in wasi_unstable; each is beside its namesake.
namespace unstable {
Or<> fd_seek(Context &, GuestMemory, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out);
Or<> fd_filestat_get(Context &, GuestMemory, uint32_t fd, uint32_t filestat_out);
Or<> path_filestat_get(Context &, GuestMemory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
                       uint32_t filestat_out);
Or<> poll_oneoff(Context &, GuestMemory, uint32_t subscriptions, uint32_t events_out, uint32_t count, uint32_t count_out);
}  // namespace unstable

}  // namespace wasmc::wasi
