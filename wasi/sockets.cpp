// Sockets: a guest cannot make any. It gets listening ones from the embedder, accepts connections on them and talks over those.
#include <sys/socket.h>

#include "wasi/functions.h"
#include "wasi/iovecs.h"

namespace wasmc::wasi {
namespace {

/// Notsock before Notcapable: programs probe descriptors that way.
Or<OpenDescriptor> socket(Context &context, uint32_t fd, Rights need) {
  OpenDescriptor file = TRY(context.descriptors.any(fd, Rights::None));
  if (!file->is_socket()) return refuse(Errno::Notsock);
  return context.descriptors.any(fd, need);
}

}  // namespace

Or<> sock_accept(Context &context, GuestMemory memory, uint32_t fd, uint32_t flags, uint32_t fd_out) {
  if (flags & ~kFdflagsNonblock) return refuse(Errno::Inval);
  auto out = TRY(memory.cell<uint32_t>(fd_out));
  OpenDescriptor listener = TRY(socket(context, fd, Rights::SockAccept));
  if (context.descriptors.full()) return refuse(Errno::Mfile);  // before a connection is taken that nobody could serve
  const int host_flags = SOCK_CLOEXEC | (flags & kFdflagsNonblock ? SOCK_NONBLOCK : 0);
  UniqueFd connection(retry([&] { return accept4(listener->host, nullptr, nullptr, host_flags); }));
  if (!connection) return refuse_host();
  const FileType type = TRY(file_type(connection.get()));
  Descriptor accepted = owned_descriptor(std::move(connection), type);
  accepted.base = listener->inheriting;
  out.store(TRY(context.descriptors.insert(std::move(accepted))));
  return {};
}

Or<> sock_recv(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t flags,
               uint32_t size_out, uint32_t flags_out) {
  if (flags & ~kRiflagsAll) return refuse(Errno::Inval);
  auto size = TRY(memory.cell<uint32_t>(size_out));
  auto told = TRY(memory.cell<uint16_t>(flags_out));
  OpenDescriptor file = TRY(socket(context, fd, Rights::FdRead));
  HostIovecs buffers;
  TRY(buffers.fill(memory, iovs, iovs_len));
  msghdr header{};
  header.msg_iov = buffers.data();
  header.msg_iovlen = static_cast<size_t>(buffers.count());
  const int host_flags = (flags & kRiflagsPeek ? MSG_PEEK : 0) | (flags & kRiflagsWaitall ? MSG_WAITALL : 0);
  const ssize_t got = retry([&] { return recvmsg(file->host, &header, host_flags); });
  if (got < 0) return refuse_host();
  size.store(static_cast<uint32_t>(got));
  told.store(header.msg_flags & MSG_TRUNC ? kRoflagsDataTruncated : 0);
  return {};
}

Or<> sock_send(Context &context, GuestMemory memory, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t flags,
               uint32_t size_out) {
  if (flags != 0) return refuse(Errno::Inval);  // witx defines none
  auto size = TRY(memory.cell<uint32_t>(size_out));
  OpenDescriptor file = TRY(socket(context, fd, Rights::FdWrite));
  HostIovecs buffers;
  TRY(buffers.fill(memory, iovs, iovs_len));
  const ssize_t sent = retry([&] { return send_vector(file->host, buffers.data(), buffers.count()); });
  if (sent < 0) return refuse_host();
  size.store(static_cast<uint32_t>(sent));
  return {};
}

Or<> sock_shutdown(Context &context, uint32_t fd, uint32_t how) {
  OpenDescriptor file = TRY(socket(context, fd, Rights::SockShutdown));
  switch (how) {
    case kSdflagsRd: return host_result(shutdown(file->host, SHUT_RD));
    case kSdflagsWr: return host_result(shutdown(file->host, SHUT_WR));
    case kSdflagsRd | kSdflagsWr: return host_result(shutdown(file->host, SHUT_RDWR));
    default: return refuse(Errno::Inval);
  }
}

}  // namespace wasmc::wasi
