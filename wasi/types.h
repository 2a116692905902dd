// The data types of WASI 0.1 (witx `typenames`): error numbers, rights, flags, and the layouts of the structures that cross guest
// memory. Structures have no implicit padding, so that storing one never copies stale host bytes to the guest; guest memory is
// little-endian and so is every host we build for.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "abi/result.h"  // TRY

namespace wasmc::wasi {

static_assert(std::endian::native == std::endian::little);

enum class Errno : uint16_t {
#define WASMC_ERRNO(id, host) id,
#include "wasi/errno.def"
};
static_assert(static_cast<uint16_t>(Errno::Notcapable) == 76);

/// What a WASI operation gives: a value, or the error number that the guest will see.
template <class T = void> using Or = std::expected<T, Errno>;

/// `return refuse(Errno::Badf)` in any function that returns an Or.
inline std::unexpected<Errno> refuse(Errno error) { return std::unexpected(error); }
/// The one mapping from the host's errno. An error that WASI has no name for is Io.
Errno from_host(int host_error);
/// Refuses with what `errno` says now.
std::unexpected<Errno> refuse_host();
/// Of a system call that gives 0 or fails.
inline Or<> host_result(int result) {
  if (result != 0) return refuse_host();
  return {};
}
/// `Notcapable`, …
std::string_view to_string(Errno error);

/// witx `rights`: what may be done with a descriptor.
enum class Rights : uint64_t {
  None = 0,
  FdDatasync = 1 << 0,
  FdRead = 1 << 1,
  FdSeek = 1 << 2,
  FdFdstatSetFlags = 1 << 3,
  FdSync = 1 << 4,
  FdTell = 1 << 5,
  FdWrite = 1 << 6,
  FdAdvise = 1 << 7,
  FdAllocate = 1 << 8,
  PathCreateDirectory = 1 << 9,
  PathCreateFile = 1 << 10,
  PathLinkSource = 1 << 11,
  PathLinkTarget = 1 << 12,
  PathOpen = 1 << 13,
  FdReaddir = 1 << 14,
  PathReadlink = 1 << 15,
  PathRenameSource = 1 << 16,
  PathRenameTarget = 1 << 17,
  PathFilestatGet = 1 << 18,
  PathFilestatSetSize = 1 << 19,
  PathFilestatSetTimes = 1 << 20,
  FdFilestatGet = 1 << 21,
  FdFilestatSetSize = 1 << 22,
  FdFilestatSetTimes = 1 << 23,
  PathSymlink = 1 << 24,
  PathRemoveDirectory = 1 << 25,
  PathUnlinkFile = 1 << 26,
  PollFdReadwrite = 1 << 27,
  SockShutdown = 1 << 28,
  SockAccept = 1 << 29,
};
constexpr Rights operator|(Rights a, Rights b) { return Rights(uint64_t(a) | uint64_t(b)); }
constexpr Rights operator&(Rights a, Rights b) { return Rights(uint64_t(a) & uint64_t(b)); }
constexpr Rights operator~(Rights a) { return Rights(~uint64_t(a)); }
constexpr bool any(Rights a) { return a != Rights::None; }
constexpr bool contains(Rights have, Rights need) { return !any(need & ~have); }

enum class FileType : uint8_t {
  Unknown, BlockDevice, CharacterDevice, Directory, RegularFile, SocketDgram, SocketStream, SymbolicLink,
};
enum class ClockId : uint32_t { Realtime, Monotonic, ProcessCputime, ThreadCputime };
enum class Whence : uint32_t { Set, Cur, End };
enum class EventType : uint8_t { Clock, FdRead, FdWrite };

/// Flags arrive as integers whose unknown bits must be refused, so they stay integers.
inline constexpr uint32_t kFdflagsAppend = 1, kFdflagsDsync = 2, kFdflagsNonblock = 4, kFdflagsRsync = 8, kFdflagsSync = 16,
                          kFdflagsAll = 31;
inline constexpr uint32_t kOflagsCreat = 1, kOflagsDirectory = 2, kOflagsExcl = 4, kOflagsTrunc = 8, kOflagsAll = 15;
inline constexpr uint32_t kLookupSymlinkFollow = 1;
inline constexpr uint32_t kFstflagsAtim = 1, kFstflagsAtimNow = 2, kFstflagsMtim = 4, kFstflagsMtimNow = 8, kFstflagsAll = 15;
inline constexpr uint16_t kSubclockAbstime = 1;
inline constexpr uint16_t kEventHangup = 1;
inline constexpr uint32_t kSdflagsRd = 1, kSdflagsWr = 2;
inline constexpr uint32_t kRiflagsPeek = 1, kRiflagsWaitall = 2, kRiflagsAll = 3;
inline constexpr uint16_t kRoflagsDataTruncated = 1;
inline constexpr uint64_t kDircookieStart = 0;

struct Iovec {
  uint32_t buf, buf_len;
};
static_assert(sizeof(Iovec) == 8 && alignof(Iovec) == 4);

/// Followed by `namlen` bytes of name, in fd_readdir's buffer without alignment.
struct Dirent {
  uint64_t next, ino;
  uint32_t namlen;
  FileType type;
  uint8_t reserved[3];
};
static_assert(sizeof(Dirent) == 24 && offsetof(Dirent, namlen) == 16 && offsetof(Dirent, type) == 20);

struct Fdstat {
  FileType filetype;
  uint8_t reserved0;
  uint16_t flags;
  uint32_t reserved1;
  Rights base, inheriting;
};
static_assert(sizeof(Fdstat) == 24 && offsetof(Fdstat, flags) == 2 && offsetof(Fdstat, base) == 8);

/// Times are nanoseconds since 1970.
struct Filestat {
  uint64_t dev, ino;
  FileType filetype;
  uint8_t reserved[7];
  uint64_t nlink, size, atim, mtim, ctim;
};
static_assert(sizeof(Filestat) == 64 && offsetof(Filestat, filetype) == 16 && offsetof(Filestat, nlink) == 24);

struct Prestat {
  uint8_t tag;  ///< 0: a directory, the only kind
  uint8_t reserved[3];
  uint32_t name_len;
};
static_assert(sizeof(Prestat) == 8 && offsetof(Prestat, name_len) == 4);

/// witx `subscription`: its union laid open. For FdRead and FdWrite only `fd` counts, which shares its place with the clock's id.
struct Subscription {
  uint64_t userdata;
  EventType type;
  uint8_t reserved0[7];
  uint32_t id_or_fd;
  uint32_t reserved1;
  uint64_t timeout, precision;
  uint16_t clock_flags;
  uint8_t reserved2[6];
};
static_assert(sizeof(Subscription) == 48 && offsetof(Subscription, type) == 8 && offsetof(Subscription, id_or_fd) == 16);
static_assert(offsetof(Subscription, timeout) == 24 && offsetof(Subscription, clock_flags) == 40);

struct Event {
  uint64_t userdata;
  Errno error;
  EventType type;
  uint8_t reserved0[5];
  uint64_t nbytes;
  uint16_t flags;
  uint8_t reserved1[6];
};
static_assert(sizeof(Event) == 32 && offsetof(Event, error) == 8 && offsetof(Event, type) == 10);
static_assert(offsetof(Event, nbytes) == 16 && offsetof(Event, flags) == 24);

/// Where `wasi_unstable`, the snapshot before (wasi_snapshot_preview0), differs.
namespace unstable {

/// Links are counted in 32 bits.
struct Filestat {
  uint64_t dev, ino;
  FileType filetype;
  uint8_t reserved[3];
  uint32_t nlink;
  uint64_t size, atim, mtim, ctim;
};
static_assert(sizeof(Filestat) == 56 && offsetof(Filestat, filetype) == 16 && offsetof(Filestat, nlink) == 20);

/// A clock's id comes after a number of the guest's own, which means nothing; a descriptor is where that number would be.
struct Subscription {
  uint64_t userdata;
  EventType type;
  uint8_t reserved0[7];
  uint32_t fd;
  uint32_t reserved1;
  uint32_t clock;
  uint32_t reserved2;
  uint64_t timeout, precision;
  uint16_t clock_flags;
  uint8_t reserved3[6];
};
static_assert(sizeof(Subscription) == 56 && offsetof(Subscription, fd) == 16 && offsetof(Subscription, clock) == 24);
static_assert(offsetof(Subscription, timeout) == 32 && offsetof(Subscription, clock_flags) == 48);

}  // namespace unstable

}  // namespace wasmc::wasi
