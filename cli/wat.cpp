// `wasmc wat`: the text format in, a binary module out.
#include <cerrno>

#include "command_line.h"
#include "commands.h"
#include "file.h"
#include "module_source.h"
#include "output.h"
#include "report.h"
#include "wasm/validator.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[OPTIONS] FILE";
constexpr char kExamples[] =
    "Identifiers go into the module's name section. The module must be valid, unless --no-check is given.\n\n"
    "Examples:\n"
    "  wasmc wat app.wat                  writes app.wasm\n"
    "  wasmc wat app.wat -o - | wasmc inspect /dev/stdin\n";

struct WatOptions {
  std::string input, output;
  bool no_check = false;
};

Result<> translate(const WatOptions &options) {
  const InputFile input = TRY(InputFile::open(options.input));
  if (input.format != Format::Text) return std::unexpected(Error("is not in the text format").in_file(options.input));
  const ModuleSource source = TRY(ModuleSource::read(input));
  if (!options.no_check)
    if (const auto valid = wasm::validate_module(source.bytes, 0); !valid) return std::unexpected(source.explain(valid.error()));
  const std::string_view bytes(reinterpret_cast<const char *>(source.bytes.data()), source.bytes.size());
  if (options.output == "-") {
    if (!print(1, bytes)) return std::unexpected(system_error("cannot write to standard output", errno));
    return {};
  }
  const std::string path = options.output.empty() ? replace_suffix(options.input, ".wasm") : options.output;
  OutputFile output = TRY(OutputFile::create(path, input));
  if (!print(output.fd(), bytes)) return std::unexpected(system_error("cannot write", errno).in_file(path));
  return output.commit();
}

}  // namespace

int wat_command(int argc, char **argv) {
  WatOptions options;
  CLI::App app("Translates a module from the text format to the binary format.");
  set_up(app, "wat", kUsage, kExamples);
  app.add_option("FILE", options.input, "module in the text format")->required();
  app.add_option("-o,--output", options.output, "file to write; - is standard output (FILE with .wasm)")->type_name("FILE");
  app.add_flag("--no-check", options.no_check, "write the module even if it is invalid");
  if (const auto finished = parse(app, argc, argv)) return *finished;
  const auto done = translate(options);
  return done ? 0 : report(done.error());
}

}  // namespace wasmc::cli
