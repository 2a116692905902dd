#include "wasi/listen.h"

#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

namespace wasmc::wasi {
namespace {

struct HostAndPort {
  std::string host, port;
};

Result<HostAndPort> split(const std::string &address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == address.npos ? 0 : colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const char *digits = address.c_str() + (colon == address.npos ? 0 : colon + 1), *end = address.c_str() + address.size();
  const auto [stop, error] = std::from_chars(digits, end, port);
  const bool is_port = error == std::errc() && stop == end && port >= 1 && port <= 65535;
  if (host.empty() || !is_port || (host.find(':') != host.npos && !bracketed)) return fail("not an address to listen at, HOST:PORT with a port from 1 to 65535: \"" + address + "\"");
  return HostAndPort{host, std::to_string(port)};
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<Addresses> look_up(const HostAndPort &wanted, const std::string &address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo *found = nullptr;
  if (const int error = getaddrinfo(wanted.host.c_str(), wanted.port.c_str(), &hints, &found); error != 0)
    return fail("cannot listen at " + address + ": " + gai_strerror(error));
  return Addresses(found, &freeaddrinfo);
}

UniqueFd listening(const addrinfo &at) {
  UniqueFd fd(socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC, at.ai_protocol));
  const int on = 1;
  if (!fd) return fd;
  // A server that is started again must not wait until its old connections are forgotten.
  const bool ready = setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                     bind(fd.get(), at.ai_addr, at.ai_addrlen) == 0 && listen(fd.get(), SOMAXCONN) == 0;
  return ready ? std::move(fd) : UniqueFd();
}

}  // namespace

Result<UniqueFd> listen_on(const std::string &address) {
  const Addresses found = TRY(look_up(TRY(split(address)), address));
  int error = 0;
  for (const addrinfo *at = found.get(); at; at = at->ai_next) {
    if (UniqueFd fd = listening(*at)) return fd;
    error = errno;
  }
  return fail("cannot listen at " + address + ": " + std::strerror(error));
}

}  // namespace wasmc::wasi
