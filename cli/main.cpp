// wasmc: picks the subcommand and runs it. Only the chosen subcommand's options are ever built: `wasmc run app.aot` starts in
// about the time of a native program, see README.md.
#include <fcntl.h>
#include <unistd.h>

#include <new>
#include <string>

#include "commands.h"
#include "report.h"

namespace wasmc::cli {
namespace {

int unknown_command(const std::string &name) {
  if (access(name.c_str(), R_OK) == 0) return report("unknown command '" + name + "'; to run that file: wasmc run " + name);
  return report("unknown command '" + name + "'; `wasmc --help` lists the commands");
}

/// A process may be begun with standard streams closed. The next files that it opens would get their numbers, and be what it prints to,
/// or what a guest is given as its streams. So these are taken, by what can be neither read nor written.
void take_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (fcntl(stream, F_GETFD) < 0) (void)open("/", O_PATH | O_CLOEXEC);  // the lowest number that is free: this one
}

int dispatch(int argc, char **argv) {
  if (argc < 2) {
    print_usage(STDERR_FILENO);
    return kExitError;
  }
  const std::string name = argv[1];
  if (const Command *command = find_command(name)) return command->run(argc - 1, argv + 1);
  if (name == "--version") return version_command(1, argv + 1);
  if (name != "--help" && name != "-h" && name != "help") return unknown_command(name);
  print_usage(STDOUT_FILENO);
  return 0;
}

}  // namespace
}  // namespace wasmc::cli

int main(int argc, char **argv) {
  try {
    wasmc::cli::take_closed_streams();
    return wasmc::cli::dispatch(argc, argv);
  } catch (const std::bad_alloc &) {
    return wasmc::cli::report("out of memory");
  }
}
