#include "wasi/descriptors.h"

#include <algorithm>
#include <cassert>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace wasmc::wasi {
namespace {

Or<> granted(const Descriptor &descriptor, Rights need) {
  Rights have = descriptor.base;
  if (any(have & Rights::FdSeek)) have = have | Rights::FdTell;  // witx: fd_seek implies fd_tell
  if (!contains(have, need)) return refuse(Errno::Notcapable);
  if (descriptor.read_only && any(need & kMutatingRights)) return refuse(Errno::Rofs);
  return {};
}

/// A regular file is read and written, and that is all: nobody granted its size or its times.
/// A terminal is told from other character devices by its lack of seeking: that is how wasi-libc's isatty sees it.
Rights stream_rights(int host, FileType type) {
  if (type == FileType::RegularFile) return kFileRights & ~(Rights::FdAllocate | Rights::FdFilestatSetSize | Rights::FdFilestatSetTimes);
  Rights rights = Rights::FdRead | Rights::FdWrite | Rights::FdFdstatSetFlags | Rights::FdFilestatGet | Rights::PollFdReadwrite |
                  Rights::FdSync | Rights::FdDatasync;
  if (type == FileType::CharacterDevice && !isatty(host)) rights = rights | Rights::FdSeek | Rights::FdTell;
  if (type == FileType::SocketStream) rights = rights | Rights::SockShutdown;
  return rights;
}

/// Rights that the way in which the host opened a file rules out.
Rights excluded_by_access(int open_flags) {
  switch (open_flags & O_ACCMODE) {
    case O_RDONLY: return Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize;
    case O_WRONLY: return Rights::FdRead;
    default: return Rights::None;
  }
}

}  // namespace

FileType file_type(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return FileType::RegularFile;
    case S_IFDIR: return FileType::Directory;
    case S_IFLNK: return FileType::SymbolicLink;
    case S_IFCHR: return FileType::CharacterDevice;
    case S_IFBLK: return FileType::BlockDevice;
    case S_IFSOCK: return FileType::SocketStream;
    default: return FileType::Unknown;  // WASI 0.1 has no type for a pipe
  }
}

Or<FileType> file_type(int host) {
  struct stat info;
  if (fstat(host, &info) != 0) return refuse_host();
  FileType type = file_type(info.st_mode);
  int kind = 0;
  socklen_t size = sizeof kind;
  if (type == FileType::SocketStream && getsockopt(host, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_DGRAM)
    return FileType::SocketDgram;
  return type;
}

bool is_on_procfs(int host) {
  struct statfs info;
  return fstatfs(host, &info) != 0 || info.f_type == PROC_SUPER_MAGIC;
}

std::optional<Descriptor> standard_stream(int host) {
  auto type = file_type(host);
  int flags = fcntl(host, F_GETFL);
  if (!type || flags < 0 || (flags & O_PATH)) return std::nullopt;
  Descriptor out{.host = host, .type = *type};
  // A directory as a stream (`app < .`) can be looked at but is no way into the file system.
  out.base = *type == FileType::Directory ? Rights::FdFilestatGet : stream_rights(host, *type) & ~excluded_by_access(flags);
  return out;
}

Descriptor owned_descriptor(UniqueFd host, FileType type) {
  Descriptor out{.host = host.get(), .type = type};
  out.owned = std::make_shared<OwnedFile>(std::move(host));
  return out;
}

Descriptor listening_socket(UniqueFd host) {
  Descriptor out = owned_descriptor(std::move(host), FileType::SocketStream);
  // FdRead is for poll_oneoff: there is something to accept.
  out.base = Rights::SockAccept | Rights::FdRead | Rights::FdFdstatSetFlags | Rights::FdFilestatGet | Rights::PollFdReadwrite | Rights::SockShutdown;
  out.inheriting = kSocketRights;
  return out;
}

Descriptor preopened_directory(UniqueFd host, std::string guest_name, bool read_only) {
  Descriptor out = owned_descriptor(std::move(host), FileType::Directory);
  out.base = kDirectoryRights;
  out.inheriting = kInheritableRights;
  out.read_only = read_only;
  out.preopen = std::move(guest_name);
  return out;
}

bool DescriptorTable::full() const {
  std::lock_guard lock(mutex_);
  return open_ >= limit_;
}

Or<uint32_t> DescriptorTable::insert(Descriptor descriptor) {
  std::lock_guard lock(mutex_);
  if (open_ >= limit_) return refuse(Errno::Mfile);
  while (lowest_free_ < slots_.size() && slots_[lowest_free_]) ++lowest_free_;
  uint32_t fd = lowest_free_;
  put(fd, std::move(descriptor));
  return fd;
}

void DescriptorTable::place(uint32_t fd, Descriptor descriptor) {
  std::lock_guard lock(mutex_);
  put(fd, std::move(descriptor));
}

uint32_t DescriptorTable::place_next(Descriptor descriptor) {
  std::lock_guard lock(mutex_);
  uint32_t fd = kFirstAfterStreams;
  while (fd < slots_.size() && slots_[fd]) ++fd;
  put(fd, std::move(descriptor));
  return fd;
}

void DescriptorTable::put(uint32_t fd, Descriptor descriptor) {
  if (fd >= slots_.size()) slots_.resize(fd + 1);
  assert(!slots_[fd]);
  slots_[fd] = std::make_shared<const Descriptor>(std::move(descriptor));
  ++open_;
}

Or<OpenDescriptor *> DescriptorTable::slot(uint32_t fd) {
  if (fd >= slots_.size() || !slots_[fd]) return refuse(Errno::Badf);
  return &slots_[fd];
}

Or<OpenDescriptor> DescriptorTable::get(uint32_t fd) const {
  std::lock_guard lock(mutex_);
  if (fd >= slots_.size() || !slots_[fd]) return refuse(Errno::Badf);
  return slots_[fd];
}

Or<OpenDescriptor> DescriptorTable::any(uint32_t fd, Rights need) const {
  OpenDescriptor found = TRY(get(fd));
  TRY(granted(*found, need));
  return found;
}

Or<OpenDescriptor> DescriptorTable::file(uint32_t fd, Rights need) const {
  OpenDescriptor found = TRY(get(fd));
  if (found->is_directory()) return refuse(Errno::Isdir);
  TRY(granted(*found, need));
  return found;
}

Or<OpenDescriptor> DescriptorTable::directory(uint32_t fd, Rights need) const {
  OpenDescriptor found = TRY(get(fd));
  if (!found->is_directory()) return refuse(Errno::Notdir);
  TRY(granted(*found, need));
  return found;
}

Or<> DescriptorTable::restrict(uint32_t fd, Rights base, Rights inheriting) {
  std::lock_guard lock(mutex_);
  OpenDescriptor *slot = TRY(this->slot(fd));
  if (!contains((*slot)->base, base) || !contains((*slot)->inheriting, inheriting)) return refuse(Errno::Notcapable);
  Descriptor less = **slot;
  less.base = base;
  less.inheriting = inheriting;
  *slot = std::make_shared<const Descriptor>(std::move(less));
  return {};
}

Or<> DescriptorTable::close(uint32_t fd) {
  OpenDescriptor gone;
  {
    std::lock_guard lock(mutex_);
    gone = std::move(*TRY(slot(fd)));
    --open_;
    lowest_free_ = std::min(lowest_free_, fd);
  }
  // The number is free whatever close says, as in Linux; its errors (a full disk seen late) are the guest's to know. While another
  // thread still uses the file, the last one to do so closes it.
  if (gone->owned && gone.use_count() == 1 && gone->owned.use_count() == 1 && ::close(gone->owned->fd.release()) != 0 && errno != EINTR)
    return refuse_host();
  return {};
}

Or<> DescriptorTable::renumber(uint32_t from, uint32_t to) {
  OpenDescriptor gone;  // closed after the lock is given back
  std::lock_guard lock(mutex_);
  OpenDescriptor *source = TRY(slot(from)), *target = TRY(slot(to));
  if (from == to) return {};
  gone = std::exchange(*target, std::move(*source));
  --open_;
  lowest_free_ = std::min(lowest_free_, from);
  return {};
}

}  // namespace wasmc::wasi
