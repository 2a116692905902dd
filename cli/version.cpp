// `wasmc version`: what one needs to know before reporting a problem.
#include "abi/artifact.h"
#include "command_line.h"
#include "commands.h"
#include "compiler_library.h"
#include "report.h"
#include "runtime/runtime.h"

namespace wasmc::cli {
namespace {

constexpr char kExamples[] = "Artifacts run on the version of wasmc that compiled them; the ABI version says so for the compiled code.\n";

std::string describe_compiler() {
  const auto api = load_compiler();
  if (!api) return "compiler   none: " + api.error().describe() + '\n';
  std::string text = std::string("compiler   LLVM ") + (*api)->llvm_version + '\n';
  text += "targets    x86_64-linux-gnu, aarch64-linux-gnu\n";
  if (const auto host = (*api)->resolve_target({})) text += "this CPU   " + host->cpu + " (" + host->triple + ")\n";
  return text;
}

}  // namespace

int version_command(int argc, char **argv) {
  CLI::App app("Shows the versions of wasmc and of its compiler.");
  set_up(app, "version", "", kExamples);
  if (const auto finished = parse(app, argc, argv)) return *finished;
  return print_out("wasmc      " + std::string(version()) + "\nABI        " + std::to_string(abi::kAbiVersion) + '\n' + describe_compiler());
}

}  // namespace wasmc::cli
