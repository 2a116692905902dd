#include "wasi/stat.h"

#include "wasi/descriptors.h"
#include "wasi/times.h"

namespace wasmc::wasi {
namespace {

Or<timespec> time_to_set(uint64_t time, bool given, bool now) {
  if (given && now) return refuse(Errno::Inval);
  if (now) return timespec{.tv_sec = 0, .tv_nsec = UTIME_NOW};
  if (given) return to_timespec(time);
  return timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT};
}

}  // namespace

template <class Layout> Layout to_filestat(const struct stat &info) {
  Layout out{};
  out.dev = info.st_dev;
  out.ino = info.st_ino;
  out.filetype = file_type(info.st_mode);
  out.nlink = static_cast<decltype(out.nlink)>(info.st_nlink);
  out.size = static_cast<uint64_t>(info.st_size);
  out.atim = to_nanos(info.st_atim);
  out.mtim = to_nanos(info.st_mtim);
  out.ctim = to_nanos(info.st_ctim);
  return out;
}
template Filestat to_filestat(const struct stat &);
template unstable::Filestat to_filestat(const struct stat &);

Or<std::array<timespec, 2>> times_to_set(uint64_t atim, uint64_t mtim, uint32_t flags) {
  if (flags & ~kFstflagsAll) return refuse(Errno::Inval);
  return std::array{TRY(time_to_set(atim, flags & kFstflagsAtim, flags & kFstflagsAtimNow)),
                    TRY(time_to_set(mtim, flags & kFstflagsMtim, flags & kFstflagsMtimNow))};
}

}  // namespace wasmc::wasi
