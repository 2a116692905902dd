// What works on a path. Each function reads as: the directory that it starts from with the right that it needs, the checked path,
// the place, one host call on it.
#include <algorithm>
#include <climits>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "wasi/functions.h"
#include "wasi/stat.h"

namespace wasmc::wasi {
namespace {

/// A path below a descriptor, ready for an `*at` call on its last component.
class Target {
 public:
  Or<> find(Context &context, GuestMemory memory, uint32_t fd, Rights need, uint32_t path, uint32_t path_len) {
    start_ = TRY(context.descriptors.directory(fd, need));
    TRY(path_.read(memory, path, path_len));
    place_ = TRY(locate(*context.resolver, start_->host, path_));
    return {};
  }
  int dir() const { return place_.dir(); }
  const char *name() const { return place_.name(); }

 private:
  OpenDescriptor start_;  // the place may be in it
  GuestPath path_;
  Place place_{-1, ""};
};

/// What a path names, opened to look at it (O_PATH).
Or<UniqueFd> look_at(Context &context, GuestMemory memory, uint32_t fd, Rights need, uint32_t lookup, uint32_t path,
                     uint32_t path_len) {
  if (lookup & ~kLookupSymlinkFollow) return refuse(Errno::Inval);
  OpenDescriptor dir = TRY(context.descriptors.directory(fd, need));
  GuestPath text;
  TRY(text.read(memory, path, path_len));
  return context.resolver->open(dir->host, text.c_str(), O_PATH | (lookup & kLookupSymlinkFollow ? 0 : O_NOFOLLOW));
}

template <class Layout>
Or<> filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
                  uint32_t filestat_out) {
  auto out = TRY(memory.cell<Layout>(filestat_out));
  UniqueFd file = TRY(look_at(context, memory, fd, Rights::PathFilestatGet, lookup, path, path_len));
  struct stat info;
  TRY(host_result(fstat(file.get(), &info)));
  out.store(to_filestat<Layout>(info));
  return {};
}

/// Only a directory can have a slash behind its name, and none can be linked. The kernel is not asked with the slash: it would follow a link.
Or<> refuse_link_behind_slash(const Target &from) {
  const std::string_view name = from.name();
  struct stat info;
  TRY(host_result(fstatat(from.dir(), std::string(name.substr(0, name.find_last_not_of('/') + 1)).c_str(), &info, AT_SYMLINK_NOFOLLOW)));
  return refuse(S_ISDIR(info.st_mode) ? Errno::Perm : Errno::Notdir);
}

Or<> remove(Context &context, GuestMemory memory, uint32_t fd, Rights need, uint32_t path, uint32_t path_len, int flags) {
  Target target;
  TRY(target.find(context, memory, fd, need, path, path_len));
  return host_result(unlinkat(target.dir(), target.name(), flags));
}

/// path_open's request, checked against the directory that it goes through.
struct OpenRequest {
  uint32_t lookup, oflags, fdflags;
  Rights base, inheriting;

  Or<> check() const {
    if ((lookup & ~kLookupSymlinkFollow) || (oflags & ~kOflagsAll) || (fdflags & ~kFdflagsAll)) return refuse(Errno::Inval);
    // Linux before 6.4 would make a file, and then say that it is no directory.
    if ((oflags & kOflagsCreat) && (oflags & kOflagsDirectory)) return refuse(Errno::Inval);
    return {};
  }
  Rights needed() const {
    Rights need = Rights::PathOpen;
    if (oflags & kOflagsCreat) need = need | Rights::PathCreateFile;
    if (oflags & kOflagsTrunc) need = need | Rights::PathFilestatSetSize;
    return need;
  }
  bool reads() const { return any(base & (Rights::FdRead | Rights::FdReaddir)); }
  /// To truncate is to write, whatever rights the new descriptor will have.
  bool writes() const {
    return any(base & (Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize)) || (oflags & kOflagsTrunc);
  }
  int host_flags() const {
    int flags = writes() ? (reads() ? O_RDWR : O_WRONLY) : O_RDONLY;
    if (!(lookup & kLookupSymlinkFollow)) flags |= O_NOFOLLOW;
    if (oflags & kOflagsCreat) flags |= O_CREAT;
    if (oflags & kOflagsDirectory) flags |= O_DIRECTORY;
    if (oflags & kOflagsExcl) flags |= O_EXCL;
    if (oflags & kOflagsTrunc) flags |= O_TRUNC;
    if (fdflags & kFdflagsAppend) flags |= O_APPEND;
    if (fdflags & kFdflagsNonblock) flags |= O_NONBLOCK;
    if (fdflags & kFdflagsDsync) flags |= O_DSYNC;
    if (fdflags & (kFdflagsSync | kFdflagsRsync)) flags |= O_SYNC;
    return flags;
  }
};

/// Opens beneath a read-only directory, which answers as a read-only mount does: what is there can be opened for reading, also with
/// `creat`.
Or<UniqueFd> open_read_only(const PathResolver &resolver, int dir, const char *path, const OpenRequest &request) {
  if (request.writes()) return refuse(Errno::Rofs);
  auto file = resolver.open(dir, path, request.host_flags() & ~(O_CREAT | O_EXCL));
  bool creates = request.oflags & kOflagsCreat;
  if (creates && !file && file.error() == Errno::Noent) return refuse(Errno::Rofs);
  if (creates && file && (request.oflags & kOflagsExcl)) return refuse(Errno::Exist);
  return file;
}

/// Opens for writing what may be written; it is truncated only then.
Or<UniqueFd> open_to_write(const Context &context, int dir, const char *path, const OpenRequest &request) {
  int flags = request.host_flags();
  UniqueFd file = TRY(context.resolver->open(dir, path, flags & ~O_TRUNC, flags & O_CREAT ? 0666 : 0));
  struct stat info;
  TRY(host_result(fstat(file.get(), &info)));
  if (std::ranges::find(context.immutable_files, FileId{info.st_dev, info.st_ino}) != context.immutable_files.end()) return refuse(Errno::Txtbsy);
  if ((flags & O_TRUNC) && S_ISREG(info.st_mode)) TRY(host_result(ftruncate(file.get(), 0)));
  return file;
}

Or<UniqueFd> open_at(const Context &context, const Descriptor &dir, const char *path, const OpenRequest &request) {
  if (dir.read_only) return open_read_only(*context.resolver, dir.host, path, request);
  if (request.writes()) return open_to_write(context, dir.host, path, request);
  int flags = request.host_flags();
  return context.resolver->open(dir.host, path, flags, flags & O_CREAT ? 0666 : 0);
}

/// The new descriptor: the rights asked for, less those that the type of file has no use for.
Or<Descriptor> opened(UniqueFd file, const Descriptor &dir, const OpenRequest &request) {
  if (is_on_procfs(file.get())) return refuse(Errno::Acces);
  const FileType type = TRY(file_type(file.get()));
  Descriptor out = owned_descriptor(std::move(file), type);
  out.base = request.base & (out.is_directory() ? kDirectoryRights : kFileRights);
  out.inheriting = out.is_directory() ? request.inheriting : Rights::None;
  out.read_only = dir.read_only;
  return out;
}

}  // namespace

Or<> path_open(Context &context, GuestMemory memory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
               uint32_t oflags, uint64_t base, uint64_t inheriting, uint32_t fdflags, uint32_t fd_out) {
  OpenRequest request{lookup, oflags, fdflags, Rights(base), Rights(inheriting)};
  TRY(request.check());
  auto out = TRY(memory.cell<uint32_t>(fd_out));
  OpenDescriptor dir = TRY(context.descriptors.directory(fd, Rights::PathOpen));
  if (!contains(dir->base, request.needed()) || !contains(dir->inheriting, request.base | request.inheriting))
    return refuse(Errno::Notcapable);
  GuestPath text;
  TRY(text.read(memory, path, path_len));
  if (context.descriptors.full()) return refuse(Errno::Mfile);  // before a file is created or truncated
  UniqueFd file = TRY(open_at(context, *dir, text.c_str(), request));
  out.store(TRY(context.descriptors.insert(TRY(opened(std::move(file), *dir, request)))));
  return {};
}

Or<> path_create_directory(Context &context, GuestMemory memory, uint32_t fd, uint32_t path, uint32_t path_len) {
  Target target;
  TRY(target.find(context, memory, fd, Rights::PathCreateDirectory, path, path_len));
  return host_result(mkdirat(target.dir(), target.name(), 0777));
}

Or<> path_remove_directory(Context &context, GuestMemory memory, uint32_t fd, uint32_t path, uint32_t path_len) {
  return remove(context, memory, fd, Rights::PathRemoveDirectory, path, path_len, AT_REMOVEDIR);
}

Or<> path_unlink_file(Context &context, GuestMemory memory, uint32_t fd, uint32_t path, uint32_t path_len) {
  return remove(context, memory, fd, Rights::PathUnlinkFile, path, path_len, 0);
}

Or<> path_filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t lookup, uint32_t path, uint32_t path_len,
                       uint32_t filestat_out) {
  return filestat_get<Filestat>(context, memory, fd, lookup, path, path_len, filestat_out);
}
Or<> unstable::path_filestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t lookup, uint32_t path,
                                 uint32_t path_len, uint32_t filestat_out) {
  return filestat_get<Filestat>(context, memory, fd, lookup, path, path_len, filestat_out);
}

Or<> path_filestat_set_times(Context &context, GuestMemory memory, uint32_t fd, uint32_t lookup, uint32_t path,
                             uint32_t path_len, uint64_t atim, uint64_t mtim, uint32_t flags) {
  auto times = TRY(times_to_set(atim, mtim, flags));
  UniqueFd file = TRY(look_at(context, memory, fd, Rights::PathFilestatSetTimes, lookup, path, path_len));
  return host_result(utimensat(file.get(), "", times.data(), AT_EMPTY_PATH));
}

Or<> path_link(Context &context, GuestMemory memory, uint32_t old_fd, uint32_t lookup, uint32_t old_path,
               uint32_t old_path_len, uint32_t new_fd, uint32_t new_path, uint32_t new_path_len) {
  // To link what a symbolic link points to, the kernel would have to follow it: out of the sandbox, if it leads there.
  if (lookup != 0) return refuse(Errno::Inval);
  Target from, to;
  TRY(from.find(context, memory, old_fd, Rights::PathLinkSource, old_path, old_path_len));
  TRY(to.find(context, memory, new_fd, Rights::PathLinkTarget, new_path, new_path_len));
  if (std::string_view(from.name()).ends_with('/')) return refuse_link_behind_slash(from);
  return host_result(linkat(from.dir(), from.name(), to.dir(), to.name(), 0));
}

Or<> path_rename(Context &context, GuestMemory memory, uint32_t fd, uint32_t old_path, uint32_t old_path_len, uint32_t new_fd,
                 uint32_t new_path, uint32_t new_path_len) {
  Target from, to;
  TRY(from.find(context, memory, fd, Rights::PathRenameSource, old_path, old_path_len));
  TRY(to.find(context, memory, new_fd, Rights::PathRenameTarget, new_path, new_path_len));
  return host_result(renameat(from.dir(), from.name(), to.dir(), to.name()));
}

Or<> path_symlink(Context &context, GuestMemory memory, uint32_t target, uint32_t target_len, uint32_t fd, uint32_t path,
                  uint32_t path_len) {
  // The target is text, but an absolute one has no meaning for the guest and would lead host programs astray.
  GuestPath text;
  TRY(text.read(memory, target, target_len));
  Target link;
  TRY(link.find(context, memory, fd, Rights::PathSymlink, path, path_len));
  return host_result(symlinkat(text.c_str(), link.dir(), link.name()));
}

Or<> path_readlink(Context &context, GuestMemory memory, uint32_t fd, uint32_t path, uint32_t path_len, uint32_t buffer,
                   uint32_t buffer_len, uint32_t used_out) {
  auto used = TRY(memory.cell<uint32_t>(used_out));
  auto out = TRY(memory.bytes(buffer, buffer_len));
  UniqueFd link = TRY(look_at(context, memory, fd, Rights::PathReadlink, 0, path, path_len));
  if (out.empty()) return refuse(Errno::Inval);
  if (is_on_procfs(link.get())) return refuse(Errno::Acces);  // the host's paths
  const size_t size = std::min(out.size(), size_t{PATH_MAX});  // the kernel takes no more than an int
  ssize_t length = readlinkat(link.get(), "", reinterpret_cast<char *>(out.data()), size);
  // Linux says ENOENT for what is no link when it is asked through a descriptor.
  if (length < 0) return refuse(errno == ENOENT ? Errno::Inval : from_host(errno));
  used.store(static_cast<uint32_t>(length));
  return {};
}

}  // namespace wasmc::wasi
