// Listening sockets for guests.
#pragma once
#include <string>

#include "abi/result.h"
#include "wasi/host.h"

namespace wasmc::wasi {

/// A TCP socket that listens at `HOST:PORT`, or `[HOST]:PORT` for IPv6: a name or number, and a port from 1 to 65535.
/// Errors: not such an address, a name that is not known, an address that is in use or not this host's.
Result<UniqueFd> listen_on(const std::string &address);

}  // namespace wasmc::wasi
