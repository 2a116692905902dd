// `wasmc run`: loads a module, links it with WASI, enters it.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "command_line.h"
#include "commands.h"
#include "invoke.h"
#include "load.h"
#include "report.h"
#include "wasi/wasi.h"

namespace wasmc::cli {
namespace {

struct RunOptions {
  std::string file, invoke;
  std::vector<std::string> arguments, dirs, env;
  uint64_t max_wasm_stack = 8 << 20;
  LoadOptions load;
};

constexpr char kUsage[] = "[OPTIONS] FILE [ARGUMENTS…]";
constexpr char kExamples[] =
    "FILE is told by its contents: an artifact of `wasmc compile` runs at once, a module is compiled in memory first. What follows\n"
    "FILE goes to the guest, options too. The guest sees no file, directory or environment variable that is not granted.\n\n"
    "Exit codes: the guest's own; 134 after a trap; 1 for an error of wasmc.\n\n"
    "Examples:\n"
    "  wasmc run hello.aot\n"
    "  wasmc run --dir=. sort.aot quick in.bin out.bin    grants the current directory\n"
    "  wasmc run --dir=/srv/data::/data --env=LANG=C app.wasm --verbose\n"
    "  wasmc run --invoke add library.wasm 2 40\n\n"
    "An artifact is native code: run it only if you would run an executable from the same source.\n";

void add_options(CLI::App &app, RunOptions &options) {
  add_repeated(app, "--dir", options.dirs, "grant a directory, under another name after ::")->type_name("HOST[::GUEST]");
  add_repeated(app, "--env", options.env, "set an environment variable; K alone passes on its value here")->type_name("K[=V]");
  app.add_option("--invoke", options.invoke, "call this exported function with the arguments and print its results")->type_name("NAME");
  app.add_option("--fallback", options.load.fallback, "whether to compile again what cannot run here but holds its module")
      ->type_name("jit|none")
      ->check(one_of({"jit", "none"}));
  app.add_flag("--allow-precompiled", options.load.allow_precompiled, "use native code found in a .wasm: trust it like an executable");
  app.add_option("--max-wasm-stack", options.max_wasm_stack, "stack of the guest (8M)")->type_name("BYTES")->transform(byte_count());
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
  options.arguments.assign(rest.begin() + ptrdiff_t(next), rest.end());
  return {};
}

wasi::Preopen parse_dir(const std::string &text) {
  const size_t split = text.find("::");
  if (split == text.npos) return {text, text};
  return {text.substr(0, split), text.substr(split + 2)};
}

wasi::Config wasi_config(const RunOptions &options, const InputFile &file) {
  wasi::Config config;
  struct stat info;
  if (fstat(file.fd.get(), &info) == 0) config.immutable_files.push_back({info.st_dev, info.st_ino});
  config.args = {options.file};
  config.args.insert(config.args.end(), options.arguments.begin(), options.arguments.end());
  for (const std::string &dir : options.dirs) config.dirs.push_back(parse_dir(dir));
  for (const std::string &variable : options.env) {
    const size_t split = variable.find('=');
    const char *here = split == variable.npos ? std::getenv(variable.c_str()) : nullptr;
    if (split != variable.npos) config.env.emplace_back(variable.substr(0, split), variable.substr(split + 1));
    else if (here) config.env.emplace_back(variable, here);
  }
  config.on_unsupported = [](std::string_view name) { warn("the guest calls " + std::string(name) + ", which is not supported yet"); };
  return config;
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

/// How the guest ended: its exit code, or 134 after the trap has been reported.
int ending(const Trap &trap) {
  if (trap.exit_status) return *trap.exit_status & 0xff;
  print(STDERR_FILENO, "wasmc: trap: " + printable(trap.message()) + '\n' + lines_of(trap.frames));
  return kExitTrap;
}

std::string list_exported_functions(const Module &module) {
  std::string names;
  for (const ExportType &item : module.exports())
    if (item.kind == ExternKind::Func) names += (names.empty() ? "" : ", ") + std::string(item.name);
  return names.empty() ? "it exports no function" : "it exports the functions " + names;
}

int call_without_arguments(Store &store, Func func, std::string_view name) {
  const FuncType type = func.type(store);
  if (type != FuncType{}) return report("'" + std::string(name) + "' should have the type () -> (), not " + to_string(type));
  const auto done = func.call(store, {});
  return done ? 0 : ending(done.error());
}

int invoke(Store &store, Instance &instance, const RunOptions &options) {
  const Func func = instance.get(options.invoke).func;
  if (!func) return report(options.file + ": no exported function '" + options.invoke + "'; " + list_exported_functions(instance.module()));
  const FuncType type = func.type(store);
  auto values = parse_arguments(options.invoke, type, options.arguments);
  if (!values) return report(values.error());
  if (const auto done = func.call(store, *values); !done) return ending(done.error());
  std::string text;
  for (size_t i = 0; i < type.results.size(); i++) text += to_text(type.results[i], (*values)[i]) + '\n';
  return print_out(text);
}

/// Calls what a command or a reactor exports (WASI's application ABI), then what --invoke names.
int enter(Store &store, Instance &instance, const RunOptions &options) {
  const Func initialize = instance.get("_initialize").func;
  if (initialize)
    if (const int code = call_without_arguments(store, initialize, "_initialize")) return code;
  if (!options.invoke.empty()) return invoke(store, instance, options);
  if (const Func start = instance.get("_start").func) return call_without_arguments(store, start, "_start");
  if (initialize || instance.module().header().start_function != abi::kNone) return 0;
  return report(options.file + ": nothing to run: no _start; choose a function with --invoke; " + list_exported_functions(instance.module()));
}

EngineConfig engine_config(const RunOptions &options) {
  EngineConfig config;
  config.compile = jit(options.load.code, options.file);
  config.wasm_stack_size = options.max_wasm_stack;
  config.allow_guard_pages = options.load.code.bounds != "explicit";
  return config;
}

Result<int> run(const RunOptions &options) {
  const InputFile file = TRY(InputFile::open(options.file));
  Engine engine(engine_config(options));
  const Module module = TRY(load_module(engine, file, options.load));
  const wasi::ContextPtr wasi = TRY(wasi::create(wasi_config(options, file)));
  Linker linker;
  wasi::define(linker, *wasi);
  Store store(engine);
  auto instance = linker.instantiate(store, module);
  if (!instance) return std::unexpected(std::move(instance.error()).in_file(options.file));
  const auto started = Linker::start(store, **instance);
  const int code = started ? enter(store, **instance, options) : ending(started.error());
  // Nothing is buffered, and the process's end gives back memory faster than unmapping it piece by piece does.
  _exit(code);
}

}  // namespace

int run_command(int argc, char **argv) {
  RunOptions options;
  CLI::App app("Runs a module in the sandbox.");
  set_up(app, "run", kUsage, kExamples);
  add_options(app, options);
  if (const auto finished = parse(app, argc, argv)) return *finished;
  if (const auto rest = take_file_and_arguments(app.remaining(), options); !rest) return report(rest.error());
  const auto exit_code = run(options);
  return exit_code ? *exit_code : report(exit_code.error());
}

}  // namespace wasmc::cli
