// What a guest may touch: its descriptors. They have numbers of their own (0 to 2 the standard streams, then the preopened
// directories) and carry the rights of WASI 0.1; a host descriptor's number is never seen by a guest.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "wasi/host.h"
#include "wasi/types.h"

namespace wasmc::wasi {

/// The numbers below are the standard streams'.
inline constexpr uint32_t kFirstAfterStreams = 3;

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
/// With a connection.
inline constexpr Rights kSocketRights = Rights::FdRead | Rights::FdWrite | Rights::FdFdstatSetFlags | Rights::FdFilestatGet |
                                        Rights::PollFdReadwrite | Rights::SockShutdown;
inline constexpr Rights kInheritableRights = kFileRights | kDirectoryRights;
/// What a read-only directory refuses (Rofs), for itself and for whatever is opened through it.
inline constexpr Rights kMutatingRights =
    Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize | Rights::FdFilestatSetTimes |
    Rights::PathCreateDirectory | Rights::PathCreateFile | Rights::PathLinkSource | Rights::PathLinkTarget |
    Rights::PathRenameSource | Rights::PathRenameTarget | Rights::PathFilestatSetSize | Rights::PathFilestatSetTimes |
    Rights::PathSymlink | Rights::PathRemoveDirectory | Rights::PathUnlinkFile;

/// A host file that belongs to the guest. Several descriptors may share it: an old and a new one while rights change, one that was
/// closed and those that calls of other threads still use.
struct OwnedFile {
  explicit OwnedFile(UniqueFd fd) : fd(std::move(fd)) {}
  UniqueFd fd;
  std::mutex reading;  ///< of a directory: seeking and reading are one step
};

/// Never changes once it is in a table.
struct Descriptor {
  int host = -1;                       ///< the host's number
  std::shared_ptr<OwnedFile> owned;    ///< closes `host`; null for the standard streams, which stay the embedder's
  FileType type = FileType::Unknown;
  Rights base = Rights::None;          ///< of this descriptor
  Rights inheriting = Rights::None;    ///< the most that a descriptor opened through this one may have
  bool read_only = false;              ///< beneath a directory that was granted for reading
  std::optional<std::string> preopen;  ///< the guest's name of a preopened directory

  bool is_directory() const { return type == FileType::Directory; }
  bool is_socket() const { return type == FileType::SocketStream || type == FileType::SocketDgram; }
};

/// The type of an open host file.
Or<FileType> file_type(int host);
FileType file_type(uint32_t mode);
/// Files of procfs lead into this very process: `self/mem` is its memory, whoever holds it leaves the sandbox. No guest gets one.
/// What cannot be told counts as one.
bool is_on_procfs(int host);

/// A standard stream: rights by the file's type and by how the host opened it. Nothing if `host` is not open, or only to look at (O_PATH).
std::optional<Descriptor> standard_stream(int host);
/// A file of the guest's own, without rights.
Descriptor owned_descriptor(UniqueFd host, FileType type);
/// A socket that listens: connections can be accepted on it.
Descriptor listening_socket(UniqueFd host);
/// A preopened directory with all rights of a directory.
Descriptor preopened_directory(UniqueFd host, std::string guest_name, bool read_only);

/// A descriptor in use: stays open while this lives, even if another thread closes its number.
using OpenDescriptor = std::shared_ptr<const Descriptor>;

/// Used by all threads of the guest at once.
class DescriptorTable {
 public:
  explicit DescriptorTable(uint32_t limit) : limit_(limit) {}

  /// Takes the lowest free number; Mfile at the limit.
  Or<uint32_t> insert(Descriptor descriptor);
  bool full() const;
  /// For set-up: the number is not in use.
  void place(uint32_t fd, Descriptor descriptor);
  /// For set-up: the lowest number above the streams that is free.
  uint32_t place_next(Descriptor descriptor);

  /// Badf if not open, Rofs or Notcapable if `need` is not granted.
  Or<OpenDescriptor> any(uint32_t fd, Rights need) const;
  /// The same for what is not a directory (Isdir) and for what is one (Notdir).
  Or<OpenDescriptor> file(uint32_t fd, Rights need) const;
  Or<OpenDescriptor> directory(uint32_t fd, Rights need) const;

  /// Takes rights away; Notcapable if some of the new ones are not there now.
  Or<> restrict(uint32_t fd, Rights base, Rights inheriting);
  Or<> close(uint32_t fd);
  /// `to` becomes what `from` was, as dup2 with a close; both must be open. A preopened directory may be either.
  Or<> renumber(uint32_t from, uint32_t to);

 private:
  Or<OpenDescriptor> get(uint32_t fd) const;
  Or<OpenDescriptor *> slot(uint32_t fd);
  void put(uint32_t fd, Descriptor descriptor);

  mutable std::mutex mutex_;            // guards all below
  std::vector<OpenDescriptor> slots_;   // null: free
  uint32_t limit_;
  uint32_t open_ = 0;
  uint32_t lowest_free_ = 0;  // no slot below is free
};

}  // namespace wasmc::wasi
