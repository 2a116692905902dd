// Runs the official test scripts, in the form where every module is binary, against compiler and runtime.
//
// Each script has a process of its own, so that a crash or an endless loop is a failure of that script at a known line and not the
// end of the run. A process tells the parent what happens in lines over a pipe: `@line`, then `P`, `F text`, `S reason`, `W text`.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/compiler.h"
#include "report.h"
#include "script.h"

extern "C" const wasmc::compiler::Api *wasmc_compiler_api();

namespace wasmc::spec {
namespace {

struct Settings {
  std::vector<std::string> inputs;  // files, or directories of *.bin.wast
  std::string mode = "aot", level = "O2", bounds = "guard", json, only;
  unsigned jobs = 2, seconds = 300;
  bool every_file = false, wording = false;

  std::string name() const { return mode + " -" + level + (bounds == "guard" ? "" : " --bounds=" + bounds); }
};

// ---- One script, in a child process -----------------------------------------------------------------------------------

void tell(int pipe, std::string_view tag, std::string text = {}) {
  std::ranges::replace(text, '\n', ' ');
  text = std::string(tag) + text + '\n';
  if (write(pipe, text.data(), text.size()) != ssize_t(text.size())) _exit(3);
}

compiler::Options compile_options(const Settings &settings, abi::BoundsMode bounds) {
  using compiler::OptLevel;
  static constexpr OptLevel kLevels[] = {OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3};
  compiler::Options options;
  options.opt_level = settings.level == "Os" ? OptLevel::Os : kLevels[settings.level.at(1) - '0'];
  options.bounds = bounds;
  options.jobs = 1;
  return options;
}

/// As `wasmc compile` and then `wasmc run` do it: an artifact in a file, closed and loaded again.
Result<Module> by_file(const Settings &settings, Engine &engine, std::span<const uint8_t> wasm) {
  std::string path = std::filesystem::temp_directory_path() / "wasmc-spec-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return fail("cannot create " + path);
  auto compiled = wasmc_compiler_api()->compile(wasm, compile_options(settings, engine.preferred_bounds()), file);
  close(file);
  auto module = compiled ? Module::load(engine, path) : Result<Module>(std::unexpected(compiled.error()));
  unlink(path.c_str());
  return module;
}

EngineConfig engine_config(const Settings &settings) {
  EngineConfig config;
  config.allow_guard_pages = settings.bounds == "guard";
  config.compile = [&settings](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
    return wasmc_compiler_api()->compile(wasm, compile_options(settings, bounds), output);
  };
  return config;
}

void run_file(const Settings &settings, const std::string &path, int pipe) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto script = read_script(text);
  if (!in || !script) return tell(pipe, "F ", in ? script.error().describe() : "cannot be read");
  Engine engine(engine_config(settings));
  const Loader load = [&](Engine &engine, std::span<const uint8_t> wasm) {
    return settings.mode == "aot" ? by_file(settings, engine, wasm) : Module::compile(engine, wasm, "script");
  };
  const Listener listener{
      .begin = [&](uint32_t line) { tell(pipe, "@", std::to_string(line)); },
      .end =
          [&](const Or<> &outcome) {
            if (outcome) tell(pipe, "P");
            else tell(pipe, outcome.error().kind == Problem::Kind::Failed ? "F " : "S ", outcome.error().why);
          },
      .wording = [&](const std::string &expected, const std::string &got) { tell(pipe, "W ", "'" + got + "', expected '" + expected + "'"); }};
  run_script(*script, engine, load, listener);
  tell(pipe, "E");
}

// ---- All scripts, from the parent -------------------------------------------------------------------------------------

struct Child {
  pid_t pid;
  FILE *pipe;
  std::string path;
};

Child spawn(const Settings &settings, const std::string &path) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) std::abort();
  if (pid == 0) {
    close(ends[0]);
    alarm(settings.seconds);
    run_file(settings, path, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  return {pid, fdopen(ends[0], "r"), path};
}

/// Reads what the child tells until it ends.
FileTally collect(Child child) {
  FileTally out;
  out.file = std::filesystem::path(child.path).filename();
  uint32_t line = 0;
  bool ended = false;
  char *text = nullptr;
  size_t capacity = 0;
  for (ssize_t size; (size = getline(&text, &capacity, child.pipe)) > 0;) {
    const std::string rest(text + 1, size_t(size) - 2);
    const std::string detail = rest.empty() ? rest : rest.substr(1);
    switch (text[0]) {
      case '@': line = uint32_t(std::strtoul(rest.c_str(), nullptr, 10)); break;
      case 'P': out.passed++; break;
      case 'F': out.failures.push_back({line, detail}); break;
      case 'S': out.skipped[detail]++; break;
      case 'W': out.wording.push_back({line, detail}); break;
      case 'E': ended = true; break;
    }
  }
  std::free(text);
  std::fclose(child.pipe);
  int status = 0;
  waitpid(child.pid, &status, 0);
  if (WIFSIGNALED(status))
    out.failures.push_back({line, WTERMSIG(status) == SIGALRM ? "takes too long" : std::string("crash: ") + strsignal(WTERMSIG(status))});
  else if (!ended && out.failures.empty())
    out.failures.push_back({line, "the process ends with exit code " + std::to_string(WEXITSTATUS(status))});
  return out;
}

Result<std::vector<std::string>> find_scripts(const Settings &settings) {
  std::vector<std::string> out;
  for (const std::string &input : settings.inputs) {
    if (!std::filesystem::is_directory(input)) {
      out.push_back(input);
      continue;
    }
    for (const auto &entry : std::filesystem::directory_iterator(input))
      if (entry.path().string().ends_with(".bin.wast")) out.push_back(entry.path());
  }
  std::erase_if(out, [&](const std::string &path) { return std::filesystem::path(path).filename().string().find(settings.only) == std::string::npos; });
  std::ranges::sort(out);
  if (out.empty()) return fail("no scripts (*.bin.wast) found");
  return out;
}

/// Keeps `jobs` processes busy; the tallies come in the order of the paths.
Report run_all(const Settings &settings, const std::vector<std::string> &paths) {
  Report report{settings.name(), {}};
  std::vector<Child> running;
  for (const std::string &path : paths) {
    running.push_back(spawn(settings, path));
    if (running.size() < settings.jobs) continue;
    report.files.push_back(collect(running.front()));
    running.erase(running.begin());
  }
  for (const Child &child : running) report.files.push_back(collect(child));
  return report;
}

int run(const Settings &settings) {
  const auto paths = find_scripts(settings);
  if (!paths) {
    std::fprintf(stderr, "spec_runner: %s\n", paths.error().describe().c_str());
    return 1;
  }
  const Report report = run_all(settings, *paths);
  report.print(settings.every_file, settings.wording);
  if (!settings.json.empty()) std::ofstream(settings.json) << report.json();
  return report.failed() ? 1 : 0;
}

}  // namespace
}  // namespace wasmc::spec

int main(int argc, char **argv) {
  wasmc::spec::Settings settings;
  CLI::App app("Runs WebAssembly test scripts whose modules are binary.");
  app.add_option("inputs", settings.inputs, "scripts, or directories of *.bin.wast")->required();
  app.add_option("--mode", settings.mode, "aot or jit")->check(CLI::IsMember({"aot", "jit"}));
  app.add_option("-O", settings.level, "optimisation level")->transform([](std::string level) { return "O" + level; })->check(CLI::IsMember({"O0", "O1", "O2", "O3", "Os"}));
  app.add_option("--bounds", settings.bounds, "guard or explicit")->check(CLI::IsMember({"guard", "explicit"}));
  app.add_option("--only", settings.only, "scripts whose name has this in it");
  app.add_option("--json", settings.json, "write the report to this file too");
  app.add_option("-j", settings.jobs, "scripts at the same time")->check(CLI::Range(1, 256));
  app.add_option("--timeout", settings.seconds, "seconds that a script may take");
  app.add_flag("--every-file", settings.every_file, "a line for files without failure too");
  app.add_flag("--wording", settings.wording, "list errors that are worded differently");
  CLI11_PARSE(app, argc, argv);
  return wasmc::spec::run(settings);
}
