// File metadata between host and guest, for descriptors and for paths.
#pragma once
#include <array>
#include <cstdint>
#include <ctime>
#include <sys/stat.h>

#include "wasi/types.h"

namespace wasmc::wasi {

/// `Layout` is Filestat or unstable::Filestat.
template <class Layout> Layout to_filestat(const struct stat &info);

/// What utimensat takes: access time, then modification time. Inval if a flag is unknown or a time is set twice.
Or<std::array<timespec, 2>> times_to_set(uint64_t atim, uint64_t mtim, uint32_t flags);

}  // namespace wasmc::wasi
