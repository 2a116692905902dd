#include "tiers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>

#include "jit.h"
#include "report.h"
#include "universal.h"

namespace wasmc::cli {
namespace {

/// What somebody waits for who types a command, before he wonders.
constexpr uint64_t kPatience = 2;  // seconds
/// What a core compiles at -O2 in a second: bench/README.md.
constexpr uint64_t kBytesPerSecond = 50'000;  // of the code section
constexpr uint8_t kCodeSection = 10;
/// The guest comes first where there are few cores; but the sooner the better code is there, the better for it.
constexpr int kNice = 5;

bool takes_long(std::span<const uint8_t> wasm, unsigned jobs) {
  const auto sections = list_sections(wasm);
  if (!sections) return false;
  const auto code = std::ranges::find(*sections, kCodeSection, &Section::id);
  const uint64_t cores = jobs ? jobs : std::max(1u, std::thread::hardware_concurrency());
  return code != sections->end() && code->end - code->offset >= kPatience * kBytesPerSecond * cores;
}

CodeOptions as_first_tier(CodeOptions code) {
  code.level = "0";
  code.first_tier = true;
  code.profile.clear();
  code.profile_use.clear();
  return code;
}

/// What the first run of a module leaves in the cache.
struct Places {
  CachedCode first, best;

  static std::optional<Places> find(std::span<const uint8_t> wasm, const CodeOptions &code, abi::BoundsMode bounds) {
    auto best = CachedCode::place(wasm, run_options(code, bounds));
    auto first = CachedCode::place(wasm, run_options(as_first_tier(code), bounds));
    if (!best || !first) return std::nullopt;
    return Places{std::move(*first), std::move(*best)};
  }
};

/// From an earlier run, or compiled and left for later ones. Nothing if the cache does not take it: then it would not take the better code either.
Result<std::optional<Module>> first_tier(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, CachedCode &place, const CodeOptions &code) {
  if (auto module = place.load(engine, path)) return module;
  const CodeOptions quick = as_first_tier(code);
  const Module module = TRY(Module::compile(engine, wasm, path, jit(quick, path)));
  if (!place.store(module.file(), path + " (first tier)")) return std::nullopt;
  return module;
}

Result<> compile_best(std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code, abi::BoundsMode bounds) {
  auto places = Places::find(wasm, code, bounds);
  if (!places) return fail("the cache is gone");
  // One process compiles, however many runs there are: the others wait here, and find it done.
  const Fd first = places->first.file();
  if (first) flock(first.get(), LOCK_EX);
  if (places->best.file()) return {};
  CodeOptions quiet = code;
  quiet.no_progress = true;
  quiet.time = false;
  const Fd artifact = TRY(memory_file("wasmc compiling"));
  TRY(jit(quiet, path)(wasm, bounds, artifact.get()));
  TRY(places->best.store(artifact.get(), path));
  places->first.remove();
  return {};
}

/// What is open may be a pipe whose other end waits for this process to close it; what is on the terminal is the guest's.
void leave_everything_to_the_guest() {
  const int nothing = open("/dev/null", O_RDWR);
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, stream);
  close_range(STDERR_FILENO + 1, ~0u, 0);
  prctl(PR_SET_NAME, "wasmc compiling");
  (void)setpriority(PRIO_PROCESS, 0, kNice);
}

/// The process that compiles; not positive if there is none. By fork alone: module, options and the opened compiler are all there.
pid_t compile_beside(std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code, abi::BoundsMode bounds) {
  const pid_t process = fork();
  if (process != 0) return process;
  leave_everything_to_the_guest();
  _exit(compile_best(wasm, path, code, bounds) ? 0 : kExitError);
}

/// Signals are for the guest's threads. False if the system gives no thread.
bool start_thread(std::function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error &) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace

Tiers::~Tiers() {
  for (const Compilation &compilation : compilations_) kill(compilation.process, SIGTERM);
}

bool Tiers::is_worth_it(std::span<const uint8_t> wasm, const CodeOptions &code) const {
  return tier_up_ != "never" && code.level != "0" && (tier_up_ == "always" || takes_long(wasm, code.jobs));
}

Result<Module> Tiers::compile(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code) {
  const auto wait = [&] { return compile_cached(engine, wasm, path, code); };
  if (!is_worth_it(wasm, code)) return wait();
  const abi::BoundsMode bounds = engine.preferred_bounds();
  auto places = Places::find(wasm, code, bounds);
  if (!places || places->best.file()) return wait();
  const auto first = TRY(first_tier(engine, wasm, path, places->first, code));
  if (!first) return wait();
  const pid_t process = compile_beside(wasm, path, code, bounds);
  if (process < 0) return wait();
  if (code.time) print(STDERR_FILENO, "that is the first tier; a process beside this one compiles at -O" + code.level + " (--tier-up=never waits for it)\n");
  compilations_.push_back({process, *first, std::move(places->best), path});
  return *first;
}

void Tiers::hand_over_when_done(Engine &engine, const Compilation &compilation) {
  int status = 0;
  while (waitpid(compilation.process, &status, 0) < 0)
    if (errno != EINTR) return;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return;
  if (const auto better = compilation.best.load(engine, compilation.path)) (void)compilation.first.hand_over(*better);
}

void Tiers::watch(Engine &engine) {
  for (Compilation &compilation : compilations_) {
    auto watched = std::make_shared<const Compilation>(std::move(compilation));
    (void)start_thread([&engine, watched] { hand_over_when_done(engine, *watched); });  // without a thread, later runs have the better code
  }
  compilations_.clear();
}

}  // namespace wasmc::cli
