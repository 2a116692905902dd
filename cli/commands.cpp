// The list of subcommands and the overview that is made from it.
#include "commands.h"

#include <algorithm>
#include <string>

#include "report.h"

namespace wasmc::cli {
namespace {

constexpr Command kCommands[] = {
    {"compile", "compile a WebAssembly module to native code", compile_command},
    {"run", "run a module: a compiled one at once, a .wasm after compiling it, once", run_command},
    {"validate", "check modules", validate_command},
    {"inspect", "show what is in a module or a compiled artifact", inspect_command},
    {"wat", "translate the text format to the binary format", wat_command},
    {"print", "translate a module to the text format", print_command},
    {"wast", "run spec scripts", wast_command},
    {"cache", "show or empty the cache of compiled modules", cache_command},
    {"version", "show the versions of wasmc and of its compiler", version_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command *find_command(std::string_view name) {
  const auto it = std::ranges::find(kCommands, name, &Command::name);
  return it == std::end(kCommands) ? nullptr : it;
}

void print_usage(int fd) {
  std::string text = "wasmc compiles WebAssembly to native code and runs it in a sandbox.\n\nUsage: wasmc COMMAND [OPTIONS] …\n\nCommands:\n";
  for (const Command &command : kCommands)
    text += "  " + std::string(command.name) + std::string(12 - command.name.size(), ' ') + std::string(command.summary) + '\n';
  text +=
      "\nExamples:\n"
      "  wasmc run app.wasm                   compile and run; next time, only run\n"
      "  wasmc compile app.wasm -o app.aot    compile once …\n"
      "  wasmc run --dir=. app.aot input.txt  … and run often, here with the current directory granted\n"
      "\n`wasmc COMMAND --help` tells more.\n";
  print(fd, text);
}

}  // namespace wasmc::cli
