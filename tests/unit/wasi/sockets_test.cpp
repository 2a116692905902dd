// Sockets: what a guest can do with one that it is given, and nothing else.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "guest.h"
#include "wasi/listen.h"

namespace wasmc::wasi {
namespace {

/// A port of this host that is free now.
uint16_t free_port() {
  UniqueFd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(probe.get(), reinterpret_cast<sockaddr *>(&address), size), 0);
  EXPECT_EQ(getsockname(probe.get(), reinterpret_cast<sockaddr *>(&address), &size), 0);
  return ntohs(address.sin_port);
}

/// Descriptor 0 is one end of a pair, 4 listens.
class Sockets : public Guest {
 protected:
  static constexpr uint32_t kListener = 4;
  Sockets() : port(free_port()) {
    int pair[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    mine = UniqueFd(pair[0]), other = UniqueFd(pair[1]);
    auto made = create(Config{.args = {"app"}, .dirs = {{scratch.inside(), "/"}}, .tcp_listen = {"127.0.0.1:" + std::to_string(port)},
                              .stdin_fd = mine.get()});
    EXPECT_TRUE(made) << made.error().describe();
    context = std::move(*made);
  }
  UniqueFd connect_to_listener() {
    UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    return client;
  }
  Or<uint32_t> accept(uint32_t flags = 0) {
    auto result = sock_accept(*context, memory(), kListener, flags, kOut);
    if (!result) return refuse(result.error());
    return load<uint32_t>(kOut);
  }
  Or<std::string> receive(uint32_t fd, uint32_t length, uint32_t flags = 0) {
    store(kData, Iovec{kData + 64, length});
    auto result = sock_recv(*context, memory(), fd, kData, 1, flags, kOut, kOut + 4);
    if (!result) return refuse(result.error());
    return std::string(reinterpret_cast<char *>(bytes.data()) + kData + 64, load<uint32_t>(kOut));
  }
  Or<uint32_t> send(uint32_t fd, std::string_view text, uint32_t flags = 0) {
    store(kData, Iovec{put(text, kData + 64), size(text)});
    auto result = sock_send(*context, memory(), fd, kData, 1, flags, kOut);
    if (!result) return refuse(result.error());
    return load<uint32_t>(kOut);
  }

  uint16_t port;
  UniqueFd mine, other;
};

TEST_F(Sockets, AcceptsReceivesAndSends) {
  UniqueFd client = connect_to_listener();
  const uint32_t fd = *accept();
  EXPECT_EQ(fd, 5u);
  ASSERT_EQ(::send(client.get(), "question", 8, 0), 8);
  EXPECT_EQ(receive(fd, 4, kRiflagsPeek), "ques");
  EXPECT_EQ(receive(fd, 8, kRiflagsWaitall), "question");
  EXPECT_EQ(load<uint16_t>(kOut + 4), 0);
  EXPECT_EQ(send(fd, "answer"), 6u);
  EXPECT_EQ(write(fd, "!"), 1u);
  char got[8];
  EXPECT_EQ(recv(client.get(), got, 7, MSG_WAITALL), 7);
  EXPECT_EQ(std::string_view(got, 7), "answer!");

  EXPECT_OK(fd_fdstat_get(*context, memory(), fd, kOut));
  const auto stat = load<Fdstat>(kOut);
  EXPECT_EQ(stat.filetype, FileType::SocketStream);
  EXPECT_EQ(stat.base, kSocketRights);
  EXPECT_EQ(stat.inheriting, Rights::None);
  EXPECT_REFUSED(sock_accept(*context, memory(), fd, 0, kOut), Notcapable);
}

TEST_F(Sockets, NonblockingOnesSayAgain) {
  EXPECT_OK(fd_fdstat_set_flags(*context, kListener, kFdflagsNonblock));
  EXPECT_REFUSED(accept(), Again);
  UniqueFd client = connect_to_listener();
  const uint32_t fd = *accept(kFdflagsNonblock);
  EXPECT_REFUSED(receive(fd, 1), Again);
  EXPECT_REFUSED(accept(kFdflagsAppend), Inval);
}

TEST_F(Sockets, PollTellsOfAConnection) {
  UniqueFd client = connect_to_listener();
  store(kData, Subscription{.userdata = 1, .type = EventType::FdRead, .id_or_fd = kListener});
  EXPECT_OK(poll_oneoff(*context, memory(), kData, kData + 1024, 1, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 1u);
  EXPECT_EQ(load<Event>(kData + 1024).error, Errno::Success);
}

TEST_F(Sockets, APeerThatIsGoneIsAnErrorAndNoSignal) {
  other = UniqueFd();
  EXPECT_REFUSED(send(0, "x"), Pipe);
  EXPECT_REFUSED(write(0, "x"), Pipe);
  EXPECT_EQ(receive(0, 1), "");
}

TEST_F(Sockets, LongDatagramsAreToldToBeCut) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
  UniqueFd left(pair[0]), right(pair[1]);
  context = std::move(*create(Config{.args = {"app"}, .stdin_fd = left.get()}));
  ASSERT_EQ(::send(right.get(), "long", 4, 0), 4);
  EXPECT_EQ(receive(0, 2), "lo");
  EXPECT_EQ(load<uint16_t>(kOut + 4), kRoflagsDataTruncated);
}

TEST_F(Sockets, NothingElseIsOne) {
  const uint32_t file = *create_file("f");
  for (uint32_t fd : {kDir, file}) {
    EXPECT_REFUSED(sock_accept(*context, memory(), fd, 0, kOut), Notsock);
    EXPECT_REFUSED(receive(fd, 1), Notsock);
    EXPECT_REFUSED(send(fd, "x"), Notsock);
    EXPECT_REFUSED(sock_shutdown(*context, fd, kSdflagsRd), Notsock);
  }
  EXPECT_REFUSED(sock_shutdown(*context, 99, kSdflagsRd), Badf);
  EXPECT_REFUSED(receive(99, 1), Badf);
}

TEST_F(Sockets, FlagsAndAddressesAreChecked) {
  EXPECT_REFUSED(receive(0, 1, 4), Inval);
  EXPECT_REFUSED(send(0, "x", 1), Inval);
  const uint32_t end = uint32_t(bytes.size());
  EXPECT_REFUSED(sock_accept(*context, memory(), kListener, 0, end), Fault);
  EXPECT_REFUSED(sock_recv(*context, memory(), 0, kData, 1, 0, end, kOut), Fault);
  EXPECT_REFUSED(sock_recv(*context, memory(), 0, kData, 1, 0, kOut, end), Fault);
  EXPECT_REFUSED(sock_recv(*context, memory(), 0, end - 4, 1, 0, kOut, kOut), Fault);
  EXPECT_REFUSED(sock_send(*context, memory(), 0, kData, 1025, 0, kOut), Inval);
  store(kData, Iovec{end - 1, 2});
  EXPECT_REFUSED(sock_send(*context, memory(), 0, kData, 1, 0, kOut), Fault);
}

TEST_F(Sockets, Shutdown) {
  EXPECT_REFUSED(sock_shutdown(*context, 0, 0), Inval);
  EXPECT_REFUSED(sock_shutdown(*context, 0, 4), Inval);
  EXPECT_OK(sock_shutdown(*context, 0, kSdflagsWr));
  char byte;
  EXPECT_EQ(recv(other.get(), &byte, 1, 0), 0);
}

TEST_F(Sockets, NoConnectionIsTakenThatHasNoNumber) {
  context = std::move(*create(Config{.args = {"app"}, .tcp_listen = {"127.0.0.1:" + std::to_string(free_port())}, .max_descriptors = 4}));
  EXPECT_REFUSED(sock_accept(*context, memory(), 3, 0, kOut), Mfile);
}

TEST(Listen, Addresses) {
  for (const char *wrong : {"", "8080", ":8080", "localhost", "localhost:", "localhost:x", "localhost:0", "localhost:65536", "localhost:-1",
                            "localhost: 1", "::1:80", "[]:80", "localhost:80x"})
    EXPECT_FALSE(listen_on(wrong)) << wrong;
  const std::string port = std::to_string(free_port());
  auto first = listen_on("127.0.0.1:" + port);
  ASSERT_TRUE(first) << first.error().describe();
  auto second = listen_on("127.0.0.1:" + port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot listen at 127.0.0.1:" + port + ": Address already in use");
  EXPECT_FALSE(listen_on("192.0.2.1:" + port));  // an address for documentation, nobody's
}

}  // namespace
}  // namespace wasmc::wasi
