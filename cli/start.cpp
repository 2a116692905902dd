// wasmc as it is started: a small program, linked statically, that runs compiled code. Everything else is done by the whole wasmc, which it
// becomes: commands but `run`, mistakes and --help, modules whose code is not in the cache.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <string_view>

#include "installation.h"
#include "report.h"
#include "run.h"
#include "streams.h"

namespace wasmc::cli {
namespace {

/// Returns only an error.
Error become_whole_program(char **argv) {
  const std::string path = whole_program_path();
  if (path.empty()) return Error("the rest of wasmc cannot be found without /proc: only compiled artifacts can be run");
  execv(path.c_str(), argv);
  if (errno != ENOENT) return system_error(path, errno);
  return Error("this is the part of wasmc that runs compiled artifacts: all else needs ../lib/wasmc/wasmc beside its folder, and there is none");
}

bool is_regular(const std::string &path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

/// Nothing is to happen twice should the whole program take over: a pipe can be read once, a profile's file is begun before the module is
/// compiled, of a module that is linked before the last there may be something to say. And names of hosts are for a libc that is not linked statically.
bool is_for_here(const RunOptions &options) {
  const bool has_profile = !options.profile_out.empty() || !options.load.code.profile_use.empty();
  return !has_profile && options.guest.tcp_listen.empty() && options.preloads.empty() && is_regular(options.file);
}

/// `words` follow `run`. Returns only if the guest did not begin.
Error run_here(std::span<char *> words, char **argv) {
  RunOptions options;
  const auto rest = read_plain(words, run_option_list(options));
  if (!rest) return become_whole_program(argv);
  set_program(options, {rest->begin(), rest->end()});
  if (!is_for_here(options)) return become_whole_program(argv);
  const auto compile = [argv](auto &&...) -> Result<> { return std::unexpected(become_whole_program(argv)); };
  Engine engine(engine_config(options, compile));
  return run(engine, options).error();
}

int start(std::span<char *> words, char **argv) {
  if (words.size() < 2 || std::string_view(words[1]) != "run") return report(become_whole_program(argv));
  return report(run_here(words.subspan(2), argv));
}

}  // namespace
}  // namespace wasmc::cli

int main(int argc, char **argv) {
  try {
    wasmc::cli::take_closed_streams();
    return wasmc::cli::start({argv, size_t(argc)}, argv);
  } catch (const std::bad_alloc &) {
    return wasmc::cli::report("out of memory");
  }
}
