// `wasmc print`: a module in, text out.
#include "text/print.h"

#include <cerrno>
#include <optional>

#include "artifact_view.h"
#include "command_line.h"
#include "commands.h"
#include "file.h"
#include "module_source.h"
#include "output.h"
#include "report.h"
#include "universal.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[OPTIONS] FILE";
constexpr char kExamples[] =
    "`wasmc wat` makes the same module of the text again. A module need not be valid: what can be decoded is printed, and where that ends\n"
    "is the error. Native code in universal Wasm is left out; of an artifact the module in it is printed.\n\n"
    "Examples:\n"
    "  wasmc print app.wasm | less\n"
    "  wasmc print app.wasm -o app.wat\n"
    "  wasmc print --offsets app.wasm | grep -A3 '(;@1a2b;)'    the instruction that a trap names\n";

struct PrintCommandOptions {
  std::string input, output;
  text::PrintOptions print;
};

/// The module in the binary format.
Result<std::vector<uint8_t>> module_of(const InputFile &input, ModuleSource &source) {
  if (input.format != Format::Artifact) return without_artifacts(std::move(source.bytes));
  const ArtifactView artifact = TRY(view_artifact(source.bytes));
  const auto wasm = artifact.wasm();
  if (!wasm) return fail("the artifact holds no WebAssembly module (--strip-wasm), or a damaged one");
  return std::vector<uint8_t>(wasm->begin(), wasm->end());
}

Result<> print_module(const PrintCommandOptions &options) {
  const InputFile input = TRY(InputFile::open(options.input));
  ModuleSource source = TRY(ModuleSource::read(input));
  const auto wasm = module_of(input, source);
  if (!wasm) return std::unexpected(source.explain(wasm.error()));
  std::optional<OutputFile> file;
  if (!options.output.empty() && options.output != "-") file.emplace(TRY(OutputFile::create(options.output, input)));
  const auto take = [&](std::string_view text) -> Result<> {
    if (print(file ? file->fd() : 1, text)) return {};
    if (!file) return std::unexpected(system_error("cannot write to standard output", errno));
    return std::unexpected(system_error("cannot write", errno).in_file(options.output));
  };
  const auto printed = text::print(wasm::decode_partially(*wasm), options.print, take);
  if (!printed && printed.error().offset == Error::kNoOffset) return printed;  // not about the module
  if (!printed) return std::unexpected(source.explain(printed.error()));
  return file ? file->commit() : Result<>();
}

}  // namespace

int print_command(int argc, char **argv) {
  PrintCommandOptions options;
  CLI::App app("Translates a module to the text format.");
  set_up(app, "print", kUsage, kExamples);
  app.add_option("FILE", options.input, "module or artifact")->required();
  app.add_option("-o,--output", options.output, "file to write (standard output)")->type_name("FILE");
  app.add_flag("--offsets", options.print.offsets, "write before each instruction its offset in the module");
  if (const auto finished = parse(app, argc, argv)) return *finished;
  const auto done = print_module(options);
  return done ? 0 : report(done.error());
}

}  // namespace wasmc::cli
