// What a guest may touch: its descriptors. They have numbers of their own (0 to 2 the standard streams, then the preopened
// directories) and carry the rights of WASI 0.1; a host descriptor's number is never seen by a guest.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wasi/host.h"
#include "wasi/types.h"

namespace wasmc::wasi {

/// What can be done with a regular file, with a directory, and with whatever is opened beneath a preopened directory.
inline constexpr Rights kFileRights =
    Rights::FdDatasync | Rights::FdRead | Rights::FdSeek | Rights::FdFdstatSetFlags | Rights::FdSync | Rights::FdTell |
    Rights::FdWrite | Rights::FdAdvise | Rights::FdAllocate | Rights::FdFilestatGet | Rights::FdFilestatSetSize |
    Rights::FdFilestatSetTimes | Rights::PollFdReadwrite;
inline constexpr Rights kDirectoryRights =
    Rights::FdFdstatSetFlags | Rights::FdSync | Rights::FdDatasync | Rights::FdReaddir | Rights::FdFilestatGet |
    Rights::FdFilestatSetTimes | Rights::PathCreateDirectory | Rights::PathCreateFile | Rights::PathLinkSource |
    Rights::PathLinkTarget | Rights::PathOpen | Rights::PathReadlink | Rights::PathRenameSource | Rights::PathRenameTarget |
    Rights::PathFilestatGet | Rights::PathFilestatSetSize | Rights::PathFilestatSetTimes | Rights::PathSymlink |
    Rights::PathRemoveDirectory | Rights::PathUnlinkFile;
inline constexpr Rights kInheritableRights = kFileRights | kDirectoryRights;
/// What a read-only directory refuses (Rofs), for itself and for whatever is opened through it.
inline constexpr Rights kMutatingRights =
    Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize | Rights::FdFilestatSetTimes |
    Rights::PathCreateDirectory | Rights::PathCreateFile | Rights::PathLinkSource | Rights::PathLinkTarget |
    Rights::PathRenameSource | Rights::PathRenameTarget | Rights::PathFilestatSetSize | Rights::PathFilestatSetTimes |
    Rights::PathSymlink | Rights::PathRemoveDirectory | Rights::PathUnlinkFile;

struct Descriptor {
  int host = -1;                       ///< the host's number
  UniqueFd owned;                      ///< closes `host`; empty for the standard streams, which stay the embedder's
  FileType type = FileType::Unknown;
  Rights base = Rights::None;          ///< of this descriptor
  Rights inheriting = Rights::None;    ///< the most that a descriptor opened through this one may have
  bool read_only = false;              ///< beneath a directory that was granted for reading
  std::optional<std::string> preopen;  ///< the guest's name of a preopened directory

  bool is_directory() const { return type == FileType::Directory; }
};

/// The type of an open host file.
Or<FileType> file_type(int host);
FileType file_type(uint32_t mode);

/// A standard stream: rights by the file's type and by how the host opened it. Nothing if `host` is not open.
std::optional<Descriptor> standard_stream(int host);
/// A preopened directory with all rights of a directory.
Descriptor preopened_directory(UniqueFd host, std::string guest_name, bool read_only);

class DescriptorTable {
 public:
  explicit DescriptorTable(uint32_t limit) : limit_(limit) {}

  /// Takes the lowest free number; Mfile at the limit.
  Or<uint32_t> insert(Descriptor descriptor);
  bool full() const { return open_ >= limit_; }
  /// For set-up: the number is not in use.
  void place(uint32_t fd, Descriptor descriptor);

  /// Badf if not open, Rofs or Notcapable if `need` is not granted.
  Or<Descriptor *> any(uint32_t fd, Rights need) const;
  /// The same for what is not a directory (Isdir) and for what is one (Notdir).
  Or<Descriptor *> file(uint32_t fd, Rights need) const;
  Or<Descriptor *> directory(uint32_t fd, Rights need) const;

  Or<> close(uint32_t fd);
  /// `to` becomes what `from` was, as dup2 with a close; both must be open. A preopened directory may be either.
  Or<> renumber(uint32_t from, uint32_t to);

 private:
  Or<Descriptor *> get(uint32_t fd) const;

  std::vector<std::unique_ptr<Descriptor>> slots_;  // null: free
  uint32_t limit_;
  uint32_t open_ = 0;
  uint32_t lowest_free_ = 0;  // no slot below is free
};

}  // namespace wasmc::wasi
