// `wasmc validate`: one line for each module.
#include "wasm/validator.h"

#include "command_line.h"
#include "commands.h"
#include "file.h"
#include "module_source.h"
#include "report.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[-q] FILE…";
constexpr char kExamples[] =
    "The exit code is 0 if every module is valid, else 1.\n\n"
    "Examples:\n"
    "  wasmc validate app.wasm\n"
    "  wasmc validate -q *.wasm && echo all valid\n";

Result<> validate_binary(const InputFile &input, unsigned jobs) {
  const auto failed = [&](Error error) { return std::unexpected(std::move(error).in_file(input.path)); };
  const auto mapped = MappedFile::map(input.fd.get(), input.size);
  if (!mapped) return failed(mapped.error());
  if (auto valid = wasm::validate_module(mapped->bytes(), jobs); !valid) return failed(std::move(valid.error()));
  return {};
}

Result<> validate_file(const std::string &path, unsigned jobs) {
  const InputFile input = TRY(InputFile::open(path));
  if (input.format == Format::Artifact) return std::unexpected(Error("is native code, not a module").in_file(path));
  if (input.format == Format::Wasm) return validate_binary(input, jobs);
  const ModuleSource source = TRY(ModuleSource::read(input));
  const auto valid = wasm::validate_module(source.bytes, jobs);
  if (!valid) return std::unexpected(source.explain(valid.error()));
  return {};
}

}  // namespace

int validate_command(int argc, char **argv) {
  std::vector<std::string> files;
  bool quiet = false;
  unsigned jobs = 0;
  CLI::App app("Checks that modules are well-formed and valid.");
  set_up(app, "validate", kUsage, kExamples);
  app.add_option("FILE", files, "modules to check")->required();
  app.add_flag("-q,--quiet", quiet, "say nothing about valid modules");
  app.add_option("-j", jobs, "threads (one per core)")->type_name("N");
  if (const auto finished = parse(app, argc, argv)) return *finished;
  cut_files_end_the_process();
  int exit_code = 0;
  for (const std::string &file : files) {
    const auto valid = validate_file(file, jobs);
    if (!valid) exit_code = report(valid.error());
    else if (!quiet) exit_code |= print_out(printable(file) + ": valid\n");
  }
  return exit_code;
}

}  // namespace wasmc::cli
