// The whole wasmc: picks the subcommand and runs it.
#include <unistd.h>

#include <new>
#include <string>

#include "commands.h"
#include "report.h"
#include "streams.h"

namespace wasmc::cli {
namespace {

int unknown_command(const std::string &name) {
  if (access(name.c_str(), R_OK) == 0) return report("unknown command '" + name + "'; to run that file: wasmc run " + name);
  return report("unknown command '" + name + "'; `wasmc --help` lists the commands");
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
