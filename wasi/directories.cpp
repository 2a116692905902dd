// Preopened directories and the reading of directories.
//
// A cookie of fd_readdir is the host's own position (d_off), which stays good while entries come and go, so nothing is kept
// between calls: a call seeks to the cookie and reads what fits.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wasi/functions.h"

namespace wasmc::wasi {
namespace {

/// What getdents64(2) fills in; glibc has no name for it.
struct HostDirent {
  uint64_t ino;
  uint64_t next;  // d_off
  uint16_t size;
  uint8_t type;
  char name[1];
};
constexpr size_t kHostDirentHeader = 19;
static_assert(offsetof(HostDirent, name) == kHostDirentHeader);
constexpr size_t kHostBuffer = 16 << 10;
constexpr size_t kLongestHostDirent = 280;

FileType to_file_type(int dir, const HostDirent &entry) {
  struct stat info;
  switch (entry.type) {
    case DT_UNKNOWN:  // some file systems do not say
      if (std::strcmp(entry.name, "..") == 0) return FileType::Directory;
      if (fstatat(dir, entry.name, &info, AT_SYMLINK_NOFOLLOW) != 0) return FileType::Unknown;
      return file_type(info.st_mode);
    default: return file_type(static_cast<uint32_t>(DTTOIF(entry.type)));
  }
}

/// That of ".." is told as the directory's own: the parent may lie outside what was granted.
Or<uint64_t> inode(int dir, const HostDirent &entry) {
  if (std::strcmp(entry.name, "..") != 0) return entry.ino;
  struct stat info;
  if (fstat(dir, &info) != 0) return refuse_host();
  return info.st_ino;
}

/// The guest's buffer. An entry that does not fit is cut off: a full buffer tells the guest that there is more.
class EntryWriter {
 public:
  explicit EntryWriter(std::span<uint8_t> buffer) : rest_(buffer), size_(buffer.size()) {}
  void add(const Dirent &header, const char *name) {
    append(&header, sizeof header);
    append(name, header.namlen);
  }
  bool full() const { return rest_.empty(); }
  size_t left() const { return rest_.size(); }
  uint32_t used() const { return static_cast<uint32_t>(size_ - rest_.size()); }

 private:
  void append(const void *bytes, size_t size) {
    size = std::min(size, rest_.size());
    std::memcpy(rest_.data(), bytes, size);
    rest_ = rest_.subspan(size);
  }
  std::span<uint8_t> rest_;
  size_t size_;
};

/// Copies entries from the directory's position on, until the buffer is full or the directory ends.
Or<> copy_entries(int dir, EntryWriter &out) {
  alignas(HostDirent) char buffer[kHostBuffer];
  while (!out.full()) {
    // Entries are about as large for the host as for the guest, so no more is read than will be used.
    size_t want = std::clamp(out.left(), kLongestHostDirent, sizeof buffer);
    long got = syscall(SYS_getdents64, dir, buffer, want);
    if (got == 0 || (got < 0 && errno == ENOENT)) return {};  // ENOENT: the directory was removed, so it has no entries
    if (got < 0) return refuse_host();
    for (long at = 0; at < got && !out.full();) {
      const auto &entry = *reinterpret_cast<const HostDirent *>(buffer + at);
      at += entry.size;
      Dirent header{.next = entry.next, .ino = TRY(inode(dir, entry))};
      header.namlen = static_cast<uint32_t>(std::strlen(entry.name));
      header.type = to_file_type(dir, entry);
      out.add(header, entry.name);
    }
  }
  return {};
}

Or<OpenDescriptor> preopened(Context &context, uint32_t fd) {
  OpenDescriptor dir = TRY(context.descriptors.any(fd, Rights::None));
  if (!dir->preopen) return refuse(Errno::Badf);  // where wasi-libc stops looking for more
  return dir;
}

}  // namespace

Or<> fd_prestat_get(Context &context, GuestMemory memory, uint32_t fd, uint32_t prestat_out) {
  OpenDescriptor dir = TRY(preopened(context, fd));
  auto out = TRY(memory.cell<Prestat>(prestat_out));
  out.store({.tag = 0, .reserved = {}, .name_len = static_cast<uint32_t>(dir->preopen->size())});
  return {};
}

Or<> fd_prestat_dir_name(Context &context, GuestMemory memory, uint32_t fd, uint32_t path_out, uint32_t path_len) {
  OpenDescriptor dir = TRY(preopened(context, fd));
  auto out = TRY(memory.bytes(path_out, path_len));
  if (out.size() < dir->preopen->size()) return refuse(Errno::Nametoolong);
  std::ranges::copy(*dir->preopen, out.begin());
  return {};
}

Or<> fd_readdir(Context &context, GuestMemory memory, uint32_t fd, uint32_t buffer, uint32_t buffer_len, uint64_t cookie,
                uint32_t used_out) {
  OpenDescriptor dir = TRY(context.descriptors.directory(fd, Rights::FdReaddir));
  auto used = TRY(memory.cell<uint32_t>(used_out));
  EntryWriter out(TRY(memory.bytes(buffer, buffer_len)));
  std::lock_guard lock(dir->owned->reading);
  if (lseek(dir->host, static_cast<off_t>(cookie), SEEK_SET) < 0) return refuse_host();
  TRY(copy_entries(dir->host, out));
  used.store(out.used());
  return {};
}

}  // namespace wasmc::wasi
