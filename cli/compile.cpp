// `wasmc compile`: a module in, an artifact or universal Wasm out.
#include <optional>

#include "code_options.h"
#include "command_line.h"
#include "commands.h"
#include "compiler_library.h"
#include "file.h"
#include "module_source.h"
#include "output.h"
#include "profile.h"
#include "progress.h"
#include "report.h"
#include "universal.h"

namespace wasmc::cli {
namespace {

struct CompileOptions {
  std::string input, output;
  std::vector<std::string> targets, emit;
  std::string emit_dir = ".";
  CodeOptions code;
  bool universal = false, strip_wasm = false;
};

constexpr char kUsage[] = "[OPTIONS] FILE";
constexpr char kExamples[] =
    "Examples:\n"
    "  wasmc compile app.wasm -o app.aot                       for this machine\n"
    "  wasmc compile app.wasm -o app.aot --cpu=x86-64-v3       for every x86-64 with AVX2\n"
    "  wasmc compile app.wasm -o app.aot --target=aarch64      for another architecture\n"
    "  wasmc compile app.wasm -o fat.wasm --target=x86_64 --target=aarch64\n"
    "                                                          still a module, with code for two targets inside\n"
    "  wasmc compile app.wasm -o app.aot --profile-use=app.profile\n"
    "                                                          optimised for what a run with --profile-out=app.profile did\n"
    "  wasmc compile app.wasm -o app.aot --emit=llvm-opt,asm --emit-dir=look\n";

struct EmitName {
  std::string_view name;
  compiler::Emit form;
};
constexpr EmitName kEmitNames[] = {{"llvm-ir", compiler::Emit::LlvmIr},
                                   {"llvm-opt", compiler::Emit::LlvmOpt},
                                   {"asm", compiler::Emit::Asm},
                                   {"obj", compiler::Emit::Obj}};

void add_options(CLI::App &app, CompileOptions &options) {
  app.add_option("FILE", options.input, "module to compile")->required();
  app.add_option("-o", options.output, "output (FILE with the ending .aot); universal Wasm if it ends in .wasm")->type_name("OUTPUT");
  add_repeated(app, "--target", options.targets, "triple or architecture, such as aarch64-linux-gnu (this machine)")->type_name("TARGET");
  app.add_flag("--universal", options.universal, "write the module itself with the native code in a section, one per --target");
  app.add_flag("--strip-wasm", options.strip_wasm, "leave the original module out of the artifact: smaller, cannot be recompiled");
  app.add_option("--emit", options.emit, "also write llvm-ir, llvm-opt, asm, obj")
      ->type_name("FORMS")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(one_of({"llvm-ir", "llvm-opt", "asm", "obj"}));
  app.add_option("--emit-dir", options.emit_dir, "where to (the current directory)")->type_name("DIR");
  add_options(app, code_option_list(options.code));
}

/// Fills in what follows from the rest.
Result<> complete(CompileOptions &options) {
  if (options.output.empty()) options.output = replace_suffix(options.input, options.universal ? ".universal.wasm" : ".aot");
  if (options.output.ends_with(".wasm")) options.universal = true;
  if (options.targets.empty()) options.targets.push_back("");
  if (options.targets.size() > 1 && !options.universal) return fail("several targets in one file need universal Wasm: --universal, or an output that ends in .wasm");
  return {};
}

/// One compilation, with all that a person can ask to see of it.
class Compilation {
 public:
  Compilation(const CompileOptions &options, const compiler::Api &api) : options_(options), api_(api) {}

  Result<> compile(std::span<const uint8_t> wasm, const std::string &target, int output) {
    Progress progress(options_.input, !options_.code.no_progress);
    std::vector<compiler::PhaseTime> times;
    compiler::Options options = compiler_options(options_.code, target);
    options.keep_wasm = !options_.strip_wasm;
    progress.attach(options);
    add_emit(options);
    if (options_.code.time) options.times = &times;
    TRY(api_.compile(wasm, options, output));
    progress.clear();
    if (options_.code.time) print_times(times);
    return emitted_;
  }

 private:
  void add_emit(compiler::Options &options) {
    for (const EmitName &known : kEmitNames)
      for (const std::string &name : options_.emit)
        if (name == known.name) options.emit.push_back(known.form);
    options.on_emit = [this](compiler::Emit, std::string_view name, std::string_view contents) {
      if (emitted_) emitted_ = write_file(options_.emit_dir + '/' + std::string(name), contents);
    };
  }

  const CompileOptions &options_;
  const compiler::Api &api_;
  Result<> emitted_;  ///< the first failure to write an intermediate form
};

Result<> compile_universal(Compilation &compilation, const std::vector<std::string> &targets, std::span<const uint8_t> wasm, int output) {
  std::vector<Fd> artifacts;
  for (const std::string &target : targets) {
    artifacts.push_back(TRY(memory_file("wasmc-artifact")));
    TRY(compilation.compile(wasm, target, artifacts.back().get()));
  }
  return write_universal(wasm, artifacts, output);
}

Result<> compile_file(CompileOptions &options) {
  const InputFile input = TRY(InputFile::open(options.input));
  if (input.format == Format::Artifact) return std::unexpected(Error("is native code already, not a module").in_file(options.input));
  if (!options.code.profile_use.empty()) options.code.profile = TRY(read_profile(options.code.profile_use));
  ModuleSource source = TRY(ModuleSource::read(input));
  const std::vector<uint8_t> wasm = without_artifacts(std::move(source.bytes));
  const compiler::Api *api = TRY(load_compiler());
  OutputFile output = TRY(OutputFile::create(options.output, input));
  Compilation compilation(options, *api);
  const Result<> done = options.universal ? compile_universal(compilation, options.targets, wasm, output.fd())
                                          : compilation.compile(wasm, options.targets.front(), output.fd());
  if (!done) return std::unexpected(source.explain(done.error()));
  return output.commit();
}

}  // namespace

int compile_command(int argc, char **argv) {
  CompileOptions options;
  CLI::App app("Compiles a WebAssembly module to native code.");
  set_up(app, "compile", kUsage, kExamples);
  add_options(app, options);
  if (const auto finished = parse(app, argc, argv)) return *finished;
  if (const auto complete_options = complete(options); !complete_options) return report(complete_options.error());
  const auto done = compile_file(options);
  return done ? 0 : report(done.error());
}

}  // namespace wasmc::cli
