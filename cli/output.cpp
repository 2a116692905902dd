// Output files that appear whole or not at all.
#include "output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "report.h"

namespace wasmc::cli {
namespace {

// A signal handler can be told nothing, so the name of the file to remove stands here. There is one at a time.
char file_to_remove[PATH_MAX];

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGXCPU, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

/// Removes the file and ends as the signal would have ended the process.
void remove_and_end(int signal) {
  unlink(file_to_remove);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

/// Whoever does something else with a signal keeps it: nohup, which ignores some, and the runtime, for which a fault may be a guest's trap.
void replace_handlers(void (*from)(int), void (*to)(int)) {
  for (const int signal : kEndingSignals) {
    struct sigaction now;
    if (sigaction(signal, nullptr, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == from) std::signal(signal, to);
  }
}

void remove_on_signal(const std::string &path) {
  std::strncpy(file_to_remove, path.c_str(), sizeof file_to_remove - 1);
  replace_handlers(SIG_DFL, remove_and_end);
}

void keep_on_signal() { replace_handlers(remove_and_end, SIG_DFL); }

/// Holds signals back while there is a file that no handler knows of yet.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_);
  }
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals &) = delete;

 private:
  sigset_t before_;
};

/// Where the bytes go in the end: a link is followed, so that its target is replaced and not the link.
std::string final_path(const std::string &path) {
  char *resolved = realpath(path.c_str(), nullptr);
  std::string out = resolved ? resolved : path;
  std::free(resolved);
  return out;
}

/// The permissions of a new file.
mode_t new_file_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

std::string temporary_name(const std::string &path) {
  const size_t slash = path.rfind('/') + 1;  // 0 without a slash
  return path.substr(0, slash) + '.' + path.substr(slash) + ".XXXXXX";
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string &path, const InputFile &input) {
  const auto failed = [&](Error error) { return std::unexpected(std::move(error).in_file(path)); };
  struct stat old, in;
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return failed(Error("is a directory"));
  if (exists && !S_ISREG(old.st_mode)) return OutputFile(path, "", TRY(memory_file("wasmc-output")));
  if (exists && fstat(input.fd.get(), &in) == 0 && in.st_dev == old.st_dev && in.st_ino == old.st_ino)
    return failed(Error("is the input; choose another name for the output"));
  if (exists && access(path.c_str(), W_OK) != 0) return failed(system_error("cannot write", errno));
  const std::string final = final_path(path);
  std::string temporary = temporary_name(final);
  if (temporary.size() >= PATH_MAX) return failed(system_error("cannot write", ENAMETOOLONG));
  const HeldSignals held;
  Fd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return failed(system_error("cannot write", errno));
  remove_on_signal(temporary);
  fchmod(fd.get(), exists ? old.st_mode & 07777 : new_file_mode());
  return OutputFile(final, std::move(temporary), std::move(fd));
}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  keep_on_signal();
}

Result<> OutputFile::commit() {
  if (temporary_.empty()) return copy_to_device();
  if (rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(system_error("cannot write", errno).in_file(path_));
  temporary_.clear();
  keep_on_signal();
  return {};
}

Result<> OutputFile::copy_to_device() {
  const auto bytes = TRY(read_all(fd_.get()));
  Fd device(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!device || !print(device.get(), {reinterpret_cast<const char *>(bytes.data()), bytes.size()}))
    return std::unexpected(system_error("cannot write", errno).in_file(path_));
  return {};
}

std::string replace_suffix(const std::string &input, std::string_view suffix) {
  const bool has_suffix = input.ends_with(".wasm") || input.ends_with(".wat");
  return input.substr(0, has_suffix ? input.rfind('.') : input.size()) + std::string(suffix);
}

Result<> write_file(const std::string &path, std::string_view contents) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd || !print(fd.get(), contents)) return std::unexpected(system_error("cannot write", errno).in_file(path));
  return {};
}

}  // namespace wasmc::cli
