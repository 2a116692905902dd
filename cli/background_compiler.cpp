#include "background_compiler.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "compiler_library.h"
#include "report.h"

namespace wasmc::cli {
namespace {

/// The guest comes first where there are few cores; but the sooner the better code is there, the better for it.
constexpr int kNice = 5;
/// Loops that ask do so soon after the better code is there: who is in none of them has entered it.
constexpr int kAttention = 20'000;  // milliseconds
constexpr int kChannel = STDERR_FILENO + 1;

/// What is open may be a pipe whose other end waits for this process to close it; what is on the terminal is the guest's.
void leave_everything_to_the_guest(int channel) {
  if (channel != kChannel) dup2(channel, kChannel);
  close_range(kChannel + 1, ~0u, 0);
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    close(stream);
    if (open("/dev/null", O_RDWR) < 0) (void)open("/", O_PATH);  // the lowest number that is free: this one
  }
  prctl(PR_SET_NAME, "wasmc compiling");
  (void)setpriority(PRIO_PROCESS, 0, kNice);
}

/// A message that holds a descriptor; it must have a byte too.
struct DescriptorMessage {
  DescriptorMessage() {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  DescriptorMessage(const DescriptorMessage &) = delete;

  char byte = 0;
  iovec data{&byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
};

/// False if nobody is there to receive it.
bool send(int file) {
  DescriptorMessage message;
  cmsghdr *rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(rights), &file, sizeof file);
  return sendmsg(kChannel, &message.header, MSG_NOSIGNAL) == 1;
}

std::optional<WaitingLoop> next_loop() {
  pollfd channel{kChannel, POLLIN, 0};
  WaitingLoop loop;
  if (poll(&channel, 1, kAttention) != 1 || recv(kChannel, &loop, sizeof loop, 0) != ssize_t(sizeof loop)) return std::nullopt;
  return loop;
}

Result<Fd> compile_continuation(std::span<const uint8_t> wasm, const compiler::Options &options) {
  const compiler::Api *api = TRY(load_compiler());
  Fd artifact = TRY(memory_file("wasmc continuation"));
  TRY(api->compile(wasm, options, artifact.get()));
  return artifact;
}

/// What cannot be continued goes on as it is.
void compile_continuations(std::span<const uint8_t> wasm, const CodeOptions &code, abi::BoundsMode bounds) {
  compiler::Options options = run_options(code, bounds);
  options.profile = {};
  while (const auto loop = next_loop()) {
    options.continuation = {loop->function, loop->offset};
    const auto artifact = compile_continuation(wasm, options);
    if (artifact && !send(artifact->get())) return;
  }
}

}  // namespace

std::optional<BackgroundCompiler> BackgroundCompiler::start(std::span<const uint8_t> wasm, const CodeOptions &code, abi::BoundsMode bounds, const Work &work) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  Fd ours(ends[0]), its(ends[1]);
  const pid_t process = fork();
  if (process < 0) return std::nullopt;
  if (process > 0) return BackgroundCompiler(process, std::move(ours));
  leave_everything_to_the_guest(its.get());
  if (!work.is_for_later_runs) prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto artifact = work.compile();
  if (artifact && send(artifact->get())) compile_continuations(wasm, code, bounds);
  _exit(0);
}

std::optional<Fd> BackgroundCompiler::receive() const {
  DescriptorMessage message;
  ssize_t size;
  do size = recvmsg(channel_.get(), &message.header, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  if (size != 1) {
    waitpid(process_, nullptr, 0);
    return std::nullopt;
  }
  int file = -1;
  const cmsghdr *rights = CMSG_FIRSTHDR(&message.header);
  if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) std::memcpy(&file, CMSG_DATA(rights), sizeof file);
  return Fd(file);
}

void BackgroundCompiler::ask_for(WaitingLoop loop) const { (void)::send(channel_.get(), &loop, sizeof loop, MSG_DONTWAIT | MSG_NOSIGNAL); }

void BackgroundCompiler::stop() const { kill(process_, SIGTERM); }

}  // namespace wasmc::cli
