// The subcommands, once. Each takes its own arguments (argv[0] is the subcommand's name) and returns the exit code.
#pragma once
#include <span>
#include <string_view>

namespace wasmc::cli {

struct Command {
  std::string_view name, summary;
  int (*run)(int argc, char **argv);
};

int compile_command(int argc, char **argv);
int run_command(int argc, char **argv);
int validate_command(int argc, char **argv);
int inspect_command(int argc, char **argv);
int wat_command(int argc, char **argv);
int print_command(int argc, char **argv);
int wast_command(int argc, char **argv);
int cache_command(int argc, char **argv);
int version_command(int argc, char **argv);

std::span<const Command> commands();
/// Nullptr if there is none of that name.
const Command *find_command(std::string_view name);
/// What `wasmc --help` prints.
void print_usage(int fd);

}  // namespace wasmc::cli
