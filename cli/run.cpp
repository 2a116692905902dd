// `wasmc run`: loads a module, links it with WASI, enters it.
#include <unistd.h>

#include <atomic>
#include <optional>

#include "command_line.h"
#include "commands.h"
#include "guest_config.h"
#include "invoke.h"
#include "profile.h"
#include "program.h"
#include "report.h"

namespace wasmc::cli {
namespace {

struct RunOptions {
  std::string file, invoke, profile_out, unknown_imports = "error";
  std::vector<std::string> preloads;
  GuestOptions guest;
  uint64_t max_wasm_stack = 8 << 20;
  LoadOptions load;
};

constexpr char kUsage[] = "[OPTIONS] FILE [ARGUMENTS…]";
constexpr char kExamples[] =
    "FILE is told by its contents: an artifact of `wasmc compile` runs at once, a module is compiled first. Its code is cached: the next\n"
    "run of the same module with the same options compiles nothing (`wasmc cache --help` tells more). What follows FILE goes to the\n"
    "guest, options too. The guest sees no file, directory or environment variable that is not granted.\n\n"
    "Exit codes: the guest's own; 134 after a trap; 1 for an error of wasmc.\n\n"
    "Examples:\n"
    "  wasmc run hello.aot\n"
    "  wasmc run --dir=. sort.aot quick in.bin out.bin    grants the current directory\n"
    "  wasmc run --dir=/srv/data::/data --env=LANG=C app.wasm --verbose\n"
    "  wasmc run --invoke add library.wasm 2 40\n\n"
    "An artifact is native code: run it only if you would run an executable from the same source.\n";

void add_options(CLI::App &app, RunOptions &options) {
  add_repeated(app, "--dir", options.guest.dirs, "grant a directory, under another name after ::, for reading only with :ro")->type_name("HOST[::GUEST][:ro]");
  add_repeated(app, "--env", options.guest.env, "set an environment variable; K alone passes on its value here")->type_name("K[=V]");
  app.add_flag("--inherit-env", options.guest.inherit_env, "pass on all environment variables");
  add_repeated(app, "--tcp-listen", options.guest.tcp_listen, "listen, and hand the socket over after the directories")->type_name("HOST:PORT");
  app.add_option("--argv0", options.guest.argv0, "the program's name as the guest sees it (FILE)")->type_name("NAME");
  app.add_option("--stdin", options.guest.stdin_file, "what the guest's standard input reads")->type_name("FILE");
  app.add_option("--stdout", options.guest.stdout_file, "where the guest's standard output goes")->type_name("FILE");
  app.add_option("--stderr", options.guest.stderr_file, "where the guest's standard error goes")->type_name("FILE");
  app.add_option("--invoke", options.invoke, "call this exported function with the arguments and print its results")->type_name("NAME");
  CLI::Option *preload = add_repeated(app, "--preload", options.preloads, "link a module, whose exports FILE and later ones import from NAME")->type_name("NAME=FILE");
  app.add_option("--unknown-imports", options.unknown_imports, "what an import is that nothing supplies")
      ->type_name("error|trap|zero")
      ->check(one_of({"error", "trap", "zero"}));
  app.add_option("--fallback", options.load.fallback, "whether to compile again what cannot run here but holds its module")
      ->type_name("jit|none")
      ->check(one_of({"jit", "none"}));
  CLI::Option *precompiled = app.add_flag("--allow-precompiled", options.load.allow_precompiled, "use native code found in a .wasm: trust it like an executable");
  app.add_flag("--no-cache", options.load.no_cache, "compile, whatever earlier runs left, and leave nothing");
  app.add_option("--max-wasm-stack", options.max_wasm_stack, "stack of the guest (8M)")->type_name("BYTES")->transform(byte_count());
  app.add_option("--profile-out", options.profile_out, "count what runs, for --profile-use to optimise for; not cached, and slower")
      ->type_name("PROFILE")
      ->excludes(preload)
      ->excludes(precompiled)
      ->excludes(add_profile_use(app, options.load.code)->excludes(preload)->excludes(precompiled));
  add_code_options(app, options.load.code);
  app.prefix_command();  // everything from the first positional on is FILE and the guest's
}

/// CLI11 leaves FILE and what follows untouched; an unknown option of ours before FILE is there too.
Result<> take_file_and_arguments(std::vector<std::string> rest, RunOptions &options) {
  size_t next = 0;
  if (!rest.empty() && rest[0] == "--") next = 1;
  else if (!rest.empty() && rest[0].starts_with('-') && rest[0].size() > 1) return fail("run: unknown option " + rest[0] + "; see wasmc run --help");
  if (next == rest.size()) return fail("run: FILE is required; see wasmc run --help");
  options.file = rest[next++];
  if (next < rest.size() && rest[next] == "--") next++;
  options.guest.arguments.assign(rest.begin() + ptrdiff_t(next), rest.end());
  return {};
}

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

EngineConfig engine_config(const RunOptions &options) {
  EngineConfig config;
  config.compile = jit(options.load.code, options.file);
  config.wasm_stack_size = options.max_wasm_stack;
  config.allow_guard_pages = options.load.code.bounds != "explicit";
  return config;
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

/// Errors before the guest begins; afterwards it ends the process.
Result<> run(RunOptions &options) {
  Engine engine(engine_config(options));
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
  const TrapOr<int> code = run_all(store, instances, options);
  code ? ending.leave(*code) : ending.leave(code.error());
}

}  // namespace

int run_command(int argc, char **argv) {
  RunOptions options;
  CLI::App app("Runs a module in the sandbox.");
  set_up(app, "run", kUsage, kExamples);
  add_options(app, options);
  if (const auto finished = parse(app, argc, argv)) return *finished;
  if (const auto rest = take_file_and_arguments(app.remaining(), options); !rest) return report(rest.error());
  return report(run(options).error());
}

}  // namespace wasmc::cli
