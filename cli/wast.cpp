// `wasmc wast`: runs spec scripts.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "code_options.h"
#include "command_line.h"
#include "commands.h"
#include "compiler_library.h"
#include "file.h"
#include "report.h"
#include "wast/processes.h"
#include "wast/script.h"
#include "wast/tally.h"

namespace wasmc::cli {
namespace {

/// Bytes of a 64-bit memory: as many as scripts need. Their memories are many, and reserving takes time by the page under qemu.
constexpr uint64_t kMemory64Size = uint64_t{1} << 30;
constexpr char kUsage[] = "[OPTIONS] FILE|DIRECTORY…";
constexpr char kExamples[] =
    "Runs scripts as the WebAssembly test suite has them: modules in text and binary form, register, invoke, get, assert_return,\n"
    "assert_trap, assert_exhaustion, assert_exception, assert_malformed, assert_invalid, assert_unlinkable, thread, wait. Each script has\n"
    "a process of its own. A script that uses a proposal that wasmc does not support is skipped as far as it depends on it.\n\n"
    "The exit code is 0 if nothing fails, else 1. That a module is refused is what counts; where the message does not begin with the\n"
    "script's text, a line says so and what it is instead.\n\n"
    "Examples:\n"
    "  wasmc wast testsuite                               every *.wast in and below the directory\n"
    "  wasmc wast --mode=aot -O0 --only=call_ testsuite   some of them, through artifacts in files\n"
    "  wasmc wast --compile-to=DIR --target=aarch64-linux-gnu testsuite\n"
    "  wasmc wast --artifacts=DIR testsuite               the same scripts where there is no compiler\n";

struct WastOptions {
  std::vector<std::string> inputs;
  std::string mode = "jit", only, compile_to, artifacts, target, known;
  CodeOptions code;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency()), seconds = 300;
  bool quiet = false, json = false;

  std::string name() const {
    if (!artifacts.empty()) return "artifacts";
    const std::string code_name = "-O" + code.level + (code.bounds.empty() ? "" : " --bounds=" + code.bounds) + (code.segue ? " --segue" : "");
    return (compile_to.empty() ? mode : "compile") + ' ' + code_name + (target.empty() ? "" : " --target=" + target);
  }
};

void add_options(CLI::App &app, WastOptions &options) {
  app.add_option("FILE", options.inputs, "scripts, or directories of *.wast")->required();
  auto *mode = app.add_option("--mode", options.mode, "compile in memory, or to artifacts that are loaded from files (jit)")->type_name("jit|aot")->check(one_of({"jit", "aot"}));
  app.add_option("-O", options.code.level, "how far to optimise (2)")->type_name("0|1|2|3|s")->check(one_of({"0", "1", "2", "3", "s"}));
  app.add_option("--bounds", options.code.bounds, "keep memory accesses in bounds by guard pages or by explicit checks")
      ->type_name("guard|explicit")
      ->check(one_of({"guard", "explicit"}));
  app.add_option("--only", options.only, "scripts with this in their names")->type_name("TEXT");
  app.add_option("-j,--jobs", options.jobs, "scripts at the same time (one per core)")->type_name("N")->check(CLI::Range(1, 1024).description(""));
  app.add_option("--timeout", options.seconds, "seconds that a script may take (300)")->type_name("N")->check(CLI::Range(1, 1000000).description(""));
  auto *compile_to = app.add_option("--compile-to", options.compile_to, "compile each module to an artifact in this empty directory, run nothing")->type_name("DIR");
  app.add_option("--target", options.target, "for --compile-to: triple or architecture (this machine)")->type_name("TARGET")->needs(compile_to);
  app.add_option("--cpu", options.code.cpu, "native, generic, x86-64-v3, … (native here, generic for another target)")->type_name("CPU");
  app.add_option("--features", options.code.features, "on top of the CPU's: +avx2,-fma")->type_name("LIST");
  app.add_flag("--segue", options.code.segue, "address memory by the segment GS, where a module can");
  app.add_flag("--deterministic", options.code.deterministic, "relaxed SIMD gives the same results on every target");
  app.add_flag("--strict-traps", options.code.strict_traps, "exact memory contents at a trap");
  app.add_option("--artifacts", options.artifacts, "run the artifacts in this directory, compile nothing")->type_name("DIR")->excludes(compile_to)->excludes(mode);
  app.add_option("--known", options.known, "what is known not to pass, in lines `FILE: REASON` or `FILE:LINE: REASON`; must be right")->type_name("FILE");
  app.add_flag("-q,--quiet", options.quiet, "no line for each script");
  app.add_flag("--json", options.json, "print the results as JSON");
}

Result<std::string> read_script_file(const std::string &path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(system_error("cannot open", errno));
  const std::vector<uint8_t> bytes = TRY(read_all(file.get()));
  return std::string(bytes.begin(), bytes.end());
}

/// What the processes share.
class Runner {
 public:
  /// The compiler is opened here, once for all processes.
  static Result<Runner> create(const WastOptions &options) {
    Runner runner(options);
    if (!options.compile_to.empty()) TRY(wast::ArtifactFolder(options.compile_to).create());
    if (options.artifacts.empty()) runner.api_ = TRY(load_compiler());
    return runner;
  }

  /// Runs in a process of the script's own.
  Result<> run(const std::string &path, const wast::Listener &listener) const {
    const std::string text = TRY(read_script_file(path));
    if (!options_.compile_to.empty()) {
      wast::compile_script(text, listener, wast::ArtifactFolder(options_.compile_to), compiler(compile_options().bounds));
      return {};
    }
    Engine engine(engine_config());
    wast::run_script(text, listener, engine, loader());
    return {};
  }

 private:
  explicit Runner(const WastOptions &options) : options_(options) {}

  compiler::Options compile_options() const {
    compiler::Options out = compiler_options(options_.code, options_.target);
    out.jobs = 1;  // there are as many processes as there is work for
    return out;
  }

  wast::Compile compiler(abi::BoundsMode bounds) const {
    return [this, bounds](std::span<const uint8_t> wasm, int output) {
      compiler::Options options = compile_options();
      options.bounds = bounds;
      return api_->compile(wasm, options, output);
    };
  }

  EngineConfig engine_config() const {
    EngineConfig config;
    config.allow_guard_pages = options_.code.bounds != "explicit";
    config.memory64_size = kMemory64Size;
    if (api_) config.compile = [this](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) { return compiler(bounds)(wasm, output); };
    return config;
  }

  wast::Loader loader() const {
    if (!options_.artifacts.empty())
      return [folder = wast::ArtifactFolder(options_.artifacts)](Engine &engine, std::span<const uint8_t> wasm) { return folder.load(engine, wasm); };
    if (options_.mode == "jit") return [](Engine &engine, std::span<const uint8_t> wasm) { return Module::compile(engine, wasm, ""); };
    return [this](Engine &engine, std::span<const uint8_t> wasm) { return wast::load_by_file(engine, wasm, compiler(engine.preferred_bounds())); };
  }

  const WastOptions &options_;
  const compiler::Api *api_ = nullptr;  ///< only if something is to be compiled
};

Result<std::vector<wast::ScriptFile>> scripts_below(const std::string &directory) {
  namespace fs = std::filesystem;
  std::vector<wast::ScriptFile> out;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".wast") out.push_back({it->path(), it->path().lexically_relative(directory)});
  if (error) return std::unexpected(Error("cannot read the directory: " + error.message()).in_file(directory));
  std::ranges::sort(out, {}, &wast::ScriptFile::name);
  return out;
}

Result<std::vector<wast::ScriptFile>> find_scripts(const WastOptions &options) {
  std::vector<wast::ScriptFile> out;
  for (const std::string &input : options.inputs) {
    if (access(input.c_str(), R_OK) != 0) return std::unexpected(system_error("cannot open", errno).in_file(input));
    if (!std::filesystem::is_directory(input)) {
      out.push_back({input, std::filesystem::path(input).filename()});
    } else {
      const auto found = TRY(scripts_below(input));
      out.insert(out.end(), found.begin(), found.end());
    }
  }
  std::erase_if(out, [&](const wast::ScriptFile &file) { return file.name.find(options.only) == file.name.npos; });
  if (out.empty()) return fail("wast: no scripts (*.wast) found");
  return out;
}

Result<int> run(const WastOptions &options) {
  const auto files = TRY(find_scripts(options));
  std::optional<wast::KnownFailures> known;
  if (!options.known.empty()) known = TRY(wast::KnownFailures::read(options.known));
  const Runner runner = TRY(Runner::create(options));
  const auto run_one = [&](const std::string &path, const wast::Listener &listener) { return runner.run(path, listener); };
  wast::Report report{options.name(), wast::run_files(files, run_one, options.jobs, options.seconds), {}};
  if (known) report.contradictions = known->contradictions(report.files, options.only.empty());
  const int printed = print_out(options.json ? report.json() : report.text(options.quiet));
  const bool failed = known ? !report.contradictions.empty() : std::ranges::any_of(report.files, [](const auto &file) { return !file.failures.empty(); });
  return failed ? kExitError : printed;
}

}  // namespace

int wast_command(int argc, char **argv) {
  WastOptions options;
  CLI::App app("Runs spec scripts.");
  set_up(app, "wast", kUsage, kExamples);
  add_options(app, options);
  if (const auto finished = parse(app, argc, argv)) return *finished;
  const auto exit_code = run(options);
  return exit_code ? *exit_code : report(exit_code.error());
}

}  // namespace wasmc::cli
