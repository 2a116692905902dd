#include "tiers.h"

#include <signal.h>
#include <sys/file.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <thread>

#include "jit.h"
#include "report.h"
#include "universal.h"

namespace wasmc::cli {
namespace {

/// What somebody who types a command does not notice.
constexpr uint64_t kPatience = 200;  // milliseconds
/// What a core compiles at -O2 in a second: bench/README.md.
constexpr uint64_t kBytesPerSecond = 50'000;  // of the code section
/// What one core compiles at a time.
constexpr uint64_t kPiece = 32 << 10;
constexpr uint8_t kCodeSection = 10;

bool takes_long(std::span<const uint8_t> wasm, unsigned jobs) {
  const auto sections = list_sections(wasm);
  if (!sections) return false;
  const auto code = std::ranges::find(*sections, kCodeSection, &Section::id);
  if (code == sections->end()) return false;
  const uint64_t size = code->end - code->offset, cores = jobs ? jobs : std::thread::hardware_concurrency();
  return size >= kPatience * kBytesPerSecond / 1000 * std::clamp<uint64_t>(size / kPiece, 1, std::max<uint64_t>(cores, 1));
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
  if (is_watching_) return;
  for (const Compilation &compilation : compilations_) compilation.compiler.stop();
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
  auto compiler = BackgroundCompiler::start(wasm, code, bounds, [&] { return compile_best(wasm, path, code, bounds); });
  if (!compiler) return wait();
  if (code.time) print(STDERR_FILENO, "that is the first tier; a process beside this one compiles at -O" + code.level + " (--tier-up=never waits for it)\n");
  compilations_.push_back({std::move(*compiler), *first, std::move(places->best), path});
  return *first;
}

/// On a thread of its own.
void Tiers::improve(Engine &engine, const Compilation &compilation) {
  const auto &[compiler, first, best, path] = compilation;
  while (const auto message = compiler.receive()) {
    if (message->is_module) {
      if (const auto better = best.load(engine, path)) (void)first.hand_over(*better, [&compiler](WaitingLoop loop) { compiler.ask_for(loop); });
    } else if (const auto continuation = Module::load(engine, ArtifactFile{.fd = message->continuation.get(), .name = path})) {
      (void)first.add_continuation(*continuation);
    }
  }
}

void Tiers::watch(Engine &engine) {
  is_watching_ = true;
  for (const Compilation &compilation : compilations_)
    (void)start_thread([&engine, &compilation] { improve(engine, compilation); });  // without a thread, later runs have the better code
}

}  // namespace wasmc::cli
