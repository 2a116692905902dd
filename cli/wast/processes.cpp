// A process tells its parent over a pipe what happens, in lines: a tag, the line in the script, and perhaps a text. `@3` begins the
// command at line 3; `P3` passed, `F3 why` failed, `S3 reason` was skipped, `W3 text` is a remark; `E0` is the end.
#include "processes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "file.h"

namespace wasmc::wast {
namespace {

constexpr char kLineBreak = '\0';  ///< within a text, on its way

/// One write of at most PIPE_BUF bytes, which the threads of a script cannot tear.
void tell(int pipe, char tag, uint32_t line, std::string_view text = {}) {
  std::string message = tag + std::to_string(line) + ' ' + std::string(text);
  std::ranges::replace(message, '\n', kLineBreak);
  message.resize(std::min<size_t>(message.size(), PIPE_BUF - 1));
  message += '\n';
  if (write(pipe, message.data(), message.size()) != ssize_t(message.size())) _exit(3);
}

/// Nothing is buffered, and the process's end gives back everything, faster than giving back reservations one by one.
[[noreturn]] void end(int pipe) {
  tell(pipe, 'E', 0);
  _exit(0);
}

[[noreturn]] void run_child(const ScriptFile &file, const RunFile &run, unsigned seconds, int pipe) {
  alarm(seconds);
  const Listener listener{
      .begin = [&](uint32_t line) { tell(pipe, '@', line); },
      .end =
          [&](uint32_t line, const Or<> &outcome) {
            if (outcome) tell(pipe, 'P', line);
            else if (outcome.error().kind == Problem::Kind::Skipped) tell(pipe, 'S', line, outcome.error().why);
            else tell(pipe, 'F', line, outcome.error().shown.empty() ? outcome.error().why : outcome.error().shown);
          },
      .wording = [&](uint32_t line, const std::string &expected, const std::string &got) {
        tell(pipe, 'W', line, "'" + got + "', expected '" + expected + "'");
      },
      .finished = [&] { end(pipe); }};
  if (const auto done = run(file.path, listener); !done) tell(pipe, 'F', 0, done.error().message);
  end(pipe);
}

class Child {
 public:
  Child(size_t index, const ScriptFile &file, const RunFile &run, unsigned seconds) : index_(index) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || (pid_ = fork()) < 0) {
      tally_.failures.push_back({0, std::string("no process can be started: ") + std::strerror(errno)});
      return;
    }
    if (pid_ == 0) run_child(file, run, seconds, ends[1]);
    close(ends[1]);
    pipe_ = cli::Fd(ends[0]);
  }

  size_t index() const { return index_; }
  int pipe() const { return pipe_.get(); }

  /// Takes what has been told. False at the end.
  bool listen() {
    char buffer[1 << 16];
    const ssize_t size = pipe_ ? read(pipe_.get(), buffer, sizeof buffer) : 0;
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    rest_.append(buffer, size_t(size));
    size_t begin = 0;
    for (size_t end; (end = rest_.find('\n', begin)) != rest_.npos; begin = end + 1) take(rest_.substr(begin, end - begin));
    rest_.erase(0, begin);
    return true;
  }

  /// The tally, after the process's end.
  FileTally finish() {
    int status = 0;
    if (pid_ <= 0 || waitpid(pid_, &status, 0) < 0) return std::move(tally_);
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal) tally_.failures.push_back({line_, signal == SIGALRM ? "takes too long" : std::string("crash: ") + strsignal(signal)});
    else if (!ended_) tally_.failures.push_back({line_, "the process ends with exit code " + std::to_string(WEXITSTATUS(status))});
    return std::move(tally_);
  }

 private:
  void take(const std::string &message) {
    char *end = nullptr;
    const uint32_t line = uint32_t(std::strtoul(message.c_str() + 1, &end, 10));
    std::string text = message.substr(size_t(end - message.c_str()));
    if (text.starts_with(' ')) text.erase(0, 1);
    std::ranges::replace(text, kLineBreak, '\n');
    switch (message[0]) {
      case '@': line_ = line; break;
      case 'P': tally_.passed++; break;
      case 'F': tally_.failures.push_back({line, text}); break;
      case 'S': tally_.skipped[text]++; break;
      case 'W': tally_.wording.push_back({line, text}); break;
      case 'E': ended_ = true; break;
    }
  }

  size_t index_;
  pid_t pid_ = -1;
  cli::Fd pipe_;
  std::string rest_;  ///< of a message whose end has not come yet
  FileTally tally_;
  uint32_t line_ = 0;
  bool ended_ = false;
};

/// Waits until a child has something to tell, or is at its end.
void wait_for_any(const std::vector<Child> &children, std::vector<pollfd> &ready) {
  ready.clear();
  for (const Child &child : children) ready.push_back({child.pipe(), POLLIN, 0});
  const bool any_ended = std::ranges::any_of(children, [](const Child &child) { return child.pipe() < 0; });  // it never began
  while (poll(ready.data(), nfds_t(ready.size()), any_ended ? 0 : -1) < 0 && errno == EINTR) {}
}

}  // namespace

std::vector<FileTally> run_files(const std::vector<ScriptFile> &files, const RunFile &run, unsigned jobs, unsigned seconds) {
  std::vector<FileTally> out(files.size());
  std::vector<Child> running;
  std::vector<pollfd> ready;
  for (size_t next = 0; next < files.size() || !running.empty();) {
    for (; next < files.size() && running.size() < jobs; ++next) running.emplace_back(next, files[next], run, seconds);
    wait_for_any(running, ready);
    for (size_t i = running.size(); i-- > 0;) {
      if ((ready[i].fd >= 0 && ready[i].revents == 0) || running[i].listen()) continue;
      const size_t index = running[i].index();
      out[index] = running[i].finish();
      out[index].file = files[index].name;
      running.erase(running.begin() + ptrdiff_t(i));
    }
  }
  return out;
}

}  // namespace wasmc::wast
