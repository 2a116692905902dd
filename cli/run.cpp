// Running a module: loads it, links it with WASI, enters it.
#include "run.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "invoke.h"
#include "profile.h"
#include "program.h"
#include "report.h"

namespace wasmc::cli {
namespace {

std::string line_of(const Frame &frame) {
  char offset[32] = "";
  if (frame.wasm_offset) std::snprintf(offset, sizeof offset, ", offset 0x%x", *frame.wasm_offset);
  return "    at " + printable(frame.function) + " (function " + std::to_string(frame.index) + offset + ")\n";
}

/// A line per frame; a frame that repeats is told once, with how often.
std::string lines_of(const std::vector<Frame> &frames) {
  std::string text;
  for (size_t i = 0; i < frames.size();) {
    const std::string line = line_of(frames[i]);
    size_t next = i + 1;
    while (next < frames.size() && line_of(frames[next]) == line) ++next;
    text += line;
    if (next - i > 1) text += "       … and " + std::to_string(next - i - 1) + " times more\n";
    i = next;
  }
  return text;
}

/// The end of the process, by whichever thread of the guest comes to it first: the others stop where they are.
class Ending {
 public:
  /// `recorder` may be null.
  explicit Ending(ProfileRecorder *recorder) : recorder_(recorder) {}

  /// Nothing is buffered, and the process's end gives back memory faster than unmapping it piece by piece does.
  [[noreturn]] void leave(int code) {
    claim();
    end(code);
  }
  /// After an exit, or a trap, which is reported.
  [[noreturn]] void leave(const Trap &trap) {
    claim();
    if (trap.exit_status) end(*trap.exit_status & 0xff);
    print(STDERR_FILENO, "wasmc: trap: " + printable(trap.message()) + '\n' + lines_of(trap.frames));
    end(kExitTrap);
  }

 private:
  void claim() {
    if (!taken_.test_and_set()) return;
    while (true) pause();
  }
  /// The profile is of what ran, however it ended.
  [[noreturn]] void end(int code) {
    const Result<> written = recorder_ ? recorder_->finish() : Result<>();
    _exit(written ? code : report(written.error()));
  }

  ProfileRecorder *recorder_;
  std::atomic_flag taken_;
};

std::string list_exported_functions(const Module &module) {
  std::string names;
  for (const ExportType &item : module.exports())
    if (item.kind == ExternKind::Func) names += (names.empty() ? "" : ", ") + std::string(item.name);
  return names.empty() ? "it exports no function" : "it exports the functions " + names;
}

/// Exit codes of wasmc's own errors, or traps of the guest.
TrapOr<int> call_without_arguments(Store &store, Func func, std::string_view name) {
  const FuncType type = func.type(store);
  if (type != FuncType{}) return report("'" + std::string(name) + "' should have the type () -> (), not " + to_string(type));
  if (auto done = func.call(store, {}); !done) return std::unexpected(std::move(done.error()));
  return 0;
}

TrapOr<int> invoke(Store &store, Instance &instance, const RunOptions &options) {
  const Func func = instance.get(options.invoke).func;
  if (!func) return report(options.file + ": no exported function '" + options.invoke + "'; " + list_exported_functions(instance.module()));
  const FuncType type = func.type(store);
  auto values = parse_arguments(options.invoke, type, options.guest.arguments);
  if (!values) return report(values.error());
  if (auto done = func.call(store, *values); !done) return std::unexpected(std::move(done.error()));
  std::string text;
  for (size_t i = 0; i < type.results.size(); i++) text += to_text(type.results[i], (*values)[i]) + '\n';
  return print_out(text);
}

/// What every instance does before it is used: active segments, the start function, and `_initialize` of a reactor.
TrapOr<int> start(Store &store, Instance &instance) {
  if (auto started = Linker::start(store, instance); !started) return std::unexpected(std::move(started.error()));
  const Func initialize = instance.get("_initialize").func;
  return initialize ? call_without_arguments(store, initialize, "_initialize") : 0;
}

/// What --invoke names, or what a command exports (WASI's application ABI).
TrapOr<int> enter(Store &store, Instance &instance, const RunOptions &options) {
  if (!options.invoke.empty()) return invoke(store, instance, options);
  if (const Func command = instance.get("_start").func) return call_without_arguments(store, command, "_start");
  if (instance.get("_initialize").func || instance.module().header().start_function != abi::kNone) return 0;
  return report(options.file + ": nothing to run: no _start; choose a function with --invoke; " + list_exported_functions(instance.module()));
}

TrapOr<int> run_all(Store &store, const std::vector<Instance *> &instances, const RunOptions &options) {
  for (Instance *instance : instances)
    if (auto started = start(store, *instance); !started || *started != 0) return started;
  return enter(store, *instances.back(), options);
}

UnknownImports unknown_imports(const RunOptions &options) {
  if (options.unknown_imports == "trap") return UnknownImports::Trap;
  return options.unknown_imports == "zero" ? UnknownImports::Zero : UnknownImports::Error;
}

/// Reads the profile to use; makes the recorder of the one to make, which may be none.
Result<std::optional<ProfileRecorder>> prepare_profiles(RunOptions &options, const InputFile &file) {
  CodeOptions &code = options.load.code;
  const bool wanted = !code.profile_use.empty() || !options.profile_out.empty();
  if (wanted && file.format == Format::Artifact) return std::unexpected(Error("is native code already; profiles need the module that it was compiled from").in_file(file.path));
  if (!code.profile_use.empty()) code.profile = TRY(read_profile(code.profile_use));
  if (options.profile_out.empty()) return std::nullopt;
  return TRY(ProfileRecorder::create(options.profile_out, file));
}

}  // namespace

std::vector<Option> run_option_list(RunOptions &options) {
  GuestOptions &guest = options.guest;
  LoadOptions &load = options.load;
  std::vector<Option> list = {
      {"--dir", "HOST[::GUEST][:ro]", "grant a directory, under another name after ::, for reading only with :ro", &guest.dirs},
      {"--env", "K[=V]", "set an environment variable; K alone passes on its value here", &guest.env},
      {"--inherit-env", "", "pass on all environment variables", &guest.inherit_env},
      {"--tcp-listen", "HOST:PORT", "listen, and hand the socket over after the directories", &guest.tcp_listen},
      {"--argv0", "NAME", "the program's name as the guest sees it (FILE)", &guest.argv0},
      {"--stdin", "FILE", "what the guest's standard input reads", &guest.stdin_file},
      {"--stdout", "FILE", "where the guest's standard output goes", &guest.stdout_file},
      {"--stderr", "FILE", "where the guest's standard error goes", &guest.stderr_file},
      {"--invoke", "NAME", "call this exported function with the arguments and print its results", &options.invoke},
      {"--preload", "NAME=FILE", "link a module, whose exports FILE and later ones import from NAME", &options.preloads},
      {"--unknown-imports", "error|trap|zero", "what an import is that nothing supplies", &options.unknown_imports},
      {"--fallback", "jit|none", "whether to compile again what cannot run here but holds its module", &load.fallback},
      {"--allow-precompiled", "", "use native code found in a .wasm: trust it like an executable", &load.allow_precompiled},
      {"--no-cache", "", "compile, whatever earlier runs left, and leave nothing", &load.no_cache},
      {"--tier-up", "auto|always|never", "run -O0 code until -O's, compiled beside it, takes over (auto: unless that is made at once)", &options.tier_up},
      {"--max-wasm-stack", "BYTES", "stack of the guest (8M)", &options.max_wasm_stack},
      {"--profile-out", "PROFILE", "count what runs, for --profile-use to optimise for; not cached, and slower", &options.profile_out},
  };
  std::ranges::move(code_option_list(load.code), std::back_inserter(list));
  return list;
}

void set_program(RunOptions &options, std::vector<std::string> words) {
  const bool separated = words.size() > 1 && words[1] == "--";
  options.file = words.front();
  options.guest.arguments.assign(words.begin() + (separated ? 2 : 1), words.end());
}

EngineConfig engine_config(const RunOptions &options, CompileFunction compile) {
  EngineConfig config;
  config.compile = std::move(compile);
  config.wasm_stack_size = options.max_wasm_stack;
  config.allow_guard_pages = options.load.code.bounds != "explicit";
  return config;
}

Result<> run(Engine &engine, RunOptions &options) {
  InputFile file = TRY(InputFile::open(options.file));
  std::optional<ProfileRecorder> recorder = TRY(prepare_profiles(options, file));
  options.load.code.recorder = recorder ? &*recorder : nullptr;
  std::vector<Part> parts = TRY(Program::load(engine, std::move(file), options.preloads, options.load));
  const GuestFiles files = TRY(GuestFiles::open(options.guest, parts));
  const wasi::ContextPtr wasi = TRY(wasi::create(TRY(guest_config(options.guest, options.file, files))));
  Ending ending(options.load.code.recorder);
  const auto program = TRY(Program::create(engine, std::move(parts), *wasi, unknown_imports(options), [&](const Trap &trap) { ending.leave(trap); }));
  Store store(engine);
  const std::vector<Instance *> instances = TRY(program->link(store));
  TRY(files.empty_outputs());
  if (options.before_guest) options.before_guest();
  const TrapOr<int> code = run_all(store, instances, options);
  code ? ending.leave(*code) : ending.leave(code.error());
}

}  // namespace wasmc::cli
