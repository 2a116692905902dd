// What works on an open descriptor. Reading and writing go straight between the host's file and guest memory: the only copy
// is the kernel's, and nothing is allocated.
#include <fcntl.h>
#include <limits>
#include <unistd.h>

#include "wasi/functions.h"
#include "wasi/iovecs.h"
#include "wasi/stat.h"

namespace wasmc::wasi {
namespace {

/// Checks everything, then calls `transfer(descriptor, iovecs, count)`; the host moves less than 2 GiB at a time.
template <class Transfer>
Or<> transfer(Context &context, GuestMemory memory, uint32_t fd, Rights need, uint32_t iovs, uint32_t iovs_len,
              uint32_t count_out, Transfer transfer) {
  OpenDescriptor file = TRY(context.descriptors.file(fd, need));
  auto out = TRY(memory.cell<uint32_t>(count_out));
  HostIovecs buffers;
  TRY(buffers.fill(memory, iovs, iovs_len));
  ssize_t moved = retry([&] { return transfer(*file, buffers.data(), buffers.count()); });
  if (moved < 0) return refuse_host();
  out.store(static_cast<uint32_t>(moved));
  return {};
}

/// A file position or length as the host has it: Inval above 2^63.
Or<off_t> host_offset(uint64_t offset) {
  if (offset > static_cast<uint64_t>(std::numeric_limits<off_t>::max())) return refuse(Errno::Inval);
  return static_cast<off_t>(offset);
}

uint16_t to_fdflags(int flags) {
  uint32_t out = 0;
  if (flags & O_APPEND) out |= kFdflagsAppend;
  if (flags & O_NONBLOCK) out |= kFdflagsNonblock;
  if ((flags & O_SYNC) == O_SYNC) out |= kFdflagsSync;
  else if (flags & O_DSYNC) out |= kFdflagsDsync;
  return static_cast<uint16_t>(out);
}

Or<int> status_flags(int host) {
  int flags = fcntl(host, F_GETFL);
  if (flags < 0) return refuse_host();
  return flags;
}

template <class Layout> Or<> filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t filestat_out) {
  auto out = TRY(memory.cell<Layout>(filestat_out));
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::FdFilestatGet));
  struct stat info;
  TRY(host_result(fstat(file->host, &info)));
  out.store(to_filestat<Layout>(info));
  return {};
}

Or<> seek(Context &context, uint32_t fd, Rights need, int64_t offset, int whence, GuestCell<uint64_t> position) {
  OpenDescriptor file = TRY(context.descriptors.file(fd, need));
  off_t at = lseek(file->host, offset, whence);
  if (at < 0) return refuse_host();
  position.store(static_cast<uint64_t>(at));
  return {};
}

}  // namespace

Or<> fd_advise(Context &context, uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice) {
  static constexpr int kHost[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                  POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  OpenDescriptor file = TRY(context.descriptors.file(fd, Rights::FdAdvise));
  if (advice >= std::size(kHost)) return refuse(Errno::Inval);
  int error = posix_fadvise(file->host, TRY(host_offset(offset)), TRY(host_offset(length)), kHost[advice]);
  if (error != 0) return refuse(from_host(error));
  return {};
}

Or<> fd_allocate(Context &context, uint32_t fd, uint64_t offset, uint64_t length) {
  OpenDescriptor file = TRY(context.descriptors.file(fd, Rights::FdAllocate));
  off_t start = TRY(host_offset(offset)), size = TRY(host_offset(length));
  // Not posix_fallocate, which writes to every block where a file system cannot reserve: those say Notsup.
  return host_result(retry([&] { return fallocate(file->host, 0, start, size); }));
}

Or<> fd_close(Context &context, uint32_t fd) { return context.descriptors.close(fd); }

Or<> fd_datasync(Context &context, uint32_t fd) {
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::FdDatasync));
  return host_result(retry([&] { return fdatasync(file->host); }));
}

Or<> fd_sync(Context &context, uint32_t fd) {
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::FdSync));
  return host_result(retry([&] { return fsync(file->host); }));
}

Or<> fd_fdstat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t fdstat_out) {
  auto out = TRY(memory.cell<Fdstat>(fdstat_out));
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::None));
  Fdstat stat{};
  stat.filetype = file->type;
  stat.flags = to_fdflags(TRY(status_flags(file->host)));
  stat.base = file->base;
  stat.inheriting = file->inheriting;
  out.store(stat);
  return {};
}

Or<> fd_fdstat_set_flags(Context &context, uint32_t fd, uint32_t flags) {
  if (flags & ~kFdflagsAll) return refuse(Errno::Inval);
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::FdFdstatSetFlags));
  int now = TRY(status_flags(file->host));
  uint32_t change = flags ^ to_fdflags(now);
  if (change == 0) return {};
  // Linux ignores a change of the sync flags, which would be a lie to who asks for durable writes. And the flags of a standard
  // stream are shared with every process that has the terminal or pipe open: not the guest's to change.
  if ((change & ~(kFdflagsAppend | kFdflagsNonblock)) || !file->owned) return refuse(Errno::Notsup);
  int wanted = now & ~(O_APPEND | O_NONBLOCK);
  if (flags & kFdflagsAppend) wanted |= O_APPEND;
  if (flags & kFdflagsNonblock) wanted |= O_NONBLOCK;
  return host_result(fcntl(file->host, F_SETFL, wanted));
}

Or<> fd_fdstat_set_rights(Context &context, uint32_t fd, uint64_t base, uint64_t inheriting) {
  return context.descriptors.restrict(fd, Rights(base), Rights(inheriting));
}

Or<> fd_filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t filestat_out) {
  return filestat_get<Filestat>(context, memory, fd, filestat_out);
}
Or<> unstable::fd_filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t filestat_out) {
  return filestat_get<Filestat>(context, memory, fd, filestat_out);
}

Or<> fd_filestat_set_size(Context &context, uint32_t fd, uint64_t size) {
  OpenDescriptor file = TRY(context.descriptors.file(fd, Rights::FdFilestatSetSize));
  off_t length = TRY(host_offset(size));
  return host_result(retry([&] { return ftruncate(file->host, length); }));
}

Or<> fd_filestat_set_times(Context &context, uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags) {
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::FdFilestatSetTimes));
  return host_result(futimens(file->host, TRY(times_to_set(atim, mtim, flags)).data()));
}

Or<> fd_read(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t read_out) {
  return transfer(context, memory, fd, Rights::FdRead, iovs, iovs_len, read_out,
                  [](const Descriptor &file, const iovec *list, int count) { return read_vector(file.host, list, count); });
}

Or<> fd_write(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t written_out) {
  return transfer(context, memory, fd, Rights::FdWrite, iovs, iovs_len, written_out,
                  [](const Descriptor &file, iovec *list, int count) {
                    return file.is_socket() ? send_vector(file.host, list, count) : write_vector(file.host, list, count);
                  });
}

Or<> fd_pread(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset,
              uint32_t read_out) {
  off_t at = TRY(host_offset(offset));
  return transfer(context, memory, fd, Rights::FdRead | Rights::FdSeek, iovs, iovs_len, read_out,
                  [at](const Descriptor &file, const iovec *list, int count) { return read_vector_at(file.host, list, count, at); });
}

Or<> fd_pwrite(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset,
               uint32_t written_out) {
  off_t at = TRY(host_offset(offset));
  return transfer(context, memory, fd, Rights::FdWrite | Rights::FdSeek, iovs, iovs_len, written_out,
                  [at](const Descriptor &file, const iovec *list, int count) { return write_vector_at(file.host, list, count, at); });
}

Or<> fd_renumber(Context &context, uint32_t from, uint32_t to) { return context.descriptors.renumber(from, to); }

Or<> fd_seek(Context &context, GuestMemory memory, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out) {
  auto position = TRY(memory.cell<uint64_t>(position_out));
  int64_t delta = static_cast<int64_t>(offset);
  switch (Whence(whence)) {
    case Whence::Set: return seek(context, fd, Rights::FdSeek, delta, SEEK_SET, position);
    case Whence::Cur: return seek(context, fd, delta == 0 ? Rights::FdTell : Rights::FdSeek, delta, SEEK_CUR, position);
    case Whence::End: return seek(context, fd, Rights::FdSeek, delta, SEEK_END, position);
  }
  return refuse(Errno::Inval);
}
Or<> unstable::fd_seek(Context &context, GuestMemory memory, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t position_out) {
  constexpr uint32_t kNow[] = {uint32_t(wasi::Whence::Cur), uint32_t(wasi::Whence::End), uint32_t(wasi::Whence::Set)};
  if (whence >= std::size(kNow)) return refuse(Errno::Inval);
  return wasi::fd_seek(context, memory, fd, offset, kNow[whence], position_out);
}

Or<> fd_tell(Context &context, GuestMemory memory, uint32_t fd, uint32_t position_out) {
  auto position = TRY(memory.cell<uint64_t>(position_out));
  return seek(context, fd, Rights::FdTell, 0, SEEK_CUR, position);
}

}  // namespace wasmc::wasi
