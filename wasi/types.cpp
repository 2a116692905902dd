// Names and host numbers of the error list.
#include "wasi/types.h"

#include <cctype>
#include <cerrno>
#include <string>

namespace wasmc::wasi {

Errno from_host(int host_error) {
  static constexpr int kHost[] = {
#define WASMC_ERRNO(id, host) host,
#include "wasi/errno.def"
  };
  for (uint16_t number = 1; number < std::size(kHost); ++number)
    if (kHost[number] != 0 && kHost[number] == host_error) return Errno(number);
  return Errno::Io;
}

std::unexpected<Errno> refuse_host() { return refuse(from_host(errno)); }

std::string_view to_string(Errno error) {
  static constexpr std::string_view kNames[] = {
#define WASMC_ERRNO(id, host) #id,
#include "wasi/errno.def"
  };
  auto number = static_cast<uint16_t>(error);
  return number < std::size(kNames) ? kNames[number] : "unknown error";
}

}  // namespace wasmc::wasi
