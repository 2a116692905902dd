#include "tiers.h"

#include <signal.h>
#include <sys/file.h>

#include <algorithm>
#include <new>
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
/// What one core compiles at a time: compiler/codegen/partition.cpp.
constexpr uint64_t kPiece = 32 << 10;
constexpr uint8_t kCodeSection = 10;  // spec 5.5.13

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

/// From an earlier run, or compiled and left for later ones.
Result<Module> first_tier(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code, std::optional<CachedCode> &place) {
  if (place)
    if (const auto module = place->load(engine, path)) return *module;
  Module module = TRY(Module::compile(engine, wasm, path, jit(code, path)));
  if (place) (void)place->store(module.file(), path + " (first tier)");
  return module;
}

/// In the background process: the module's code, left in the cache too if there is one.
Result<Fd> compile_best(std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code, abi::BoundsMode bounds) {
  auto best = CachedCode::place(wasm, run_options(code, bounds));
  const auto first = CachedCode::place(wasm, run_options(as_first_tier(code), bounds));
  // One process compiles, however many runs there are: the others wait here, and find it done.
  const Fd lock = first ? first->file() : Fd();
  if (lock) flock(lock.get(), LOCK_EX);
  if (Fd done = best ? best->file() : Fd()) {
    if (first) first->remove();
    return done;
  }
  CodeOptions quiet = code;
  quiet.no_progress = true;
  quiet.time = false;
  Fd artifact = TRY(memory_file("wasmc compiling"));
  TRY(jit(quiet, path)(wasm, bounds, artifact.get()));
  if (!best || !best->store(artifact.get(), path)) return artifact;
  if (first) first->remove();
  Fd kept = best->file();  // its pages are shared with later runs
  return kept ? std::move(kept) : std::move(artifact);
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

Result<Module> Tiers::compile(std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code) {
  const auto wait = [&] { return compile_cached(engine_, wasm, path, code); };
  if (!is_worth_it(wasm, code)) return wait();
  const abi::BoundsMode bounds = engine_.preferred_bounds();
  const auto best = CachedCode::place(wasm, run_options(code, bounds));
  if (best && best->file()) return wait();
  const CodeOptions quick = as_first_tier(code);
  auto place = CachedCode::place(wasm, run_options(quick, bounds));
  const auto made = first_tier(engine_, wasm, path, quick, place);
  if (!made) return wait();  // which may do better, or says why not
  const Module &first = *made;
  const bool is_kept = place && place->file();  // if not, the cache would not take the better code either
  auto compiler = BackgroundCompiler::start(wasm, code, bounds, {[&] { return compile_best(wasm, path, code, bounds); }, is_kept});
  if (!compiler) return wait();
  if (code.time) print(STDERR_FILENO, "that is the first tier; a process beside this one compiles at -O" + code.level + " (--tier-up=never waits for it)\n");
  compilations_.push_back({std::move(*compiler), first, path});
  return first;
}

/// On a thread of its own.
void Tiers::improve(const Compilation &compilation) const try {
  const auto &[compiler, first, path] = compilation;
  while (const auto artifact = compiler.receive()) {
    const auto code = Module::load(engine_, ArtifactFile{.fd = artifact->get(), .name = path});
    if (!code) continue;
    if (code->header().continued_function != abi::kNone) (void)first.add_continuation(*code);
    else (void)first.hand_over(*code, [&compiler](WaitingLoop loop) { compiler.ask_for(loop); });
  }
} catch (const std::bad_alloc &) {
  // The guest goes on as it is.
}

void Tiers::watch() {
  is_watching_ = true;
  for (const Compilation &compilation : compilations_)
    (void)start_thread([this, &compilation] { improve(compilation); });  // without a thread, later runs have the better code
}

}  // namespace wasmc::cli
