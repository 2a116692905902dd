#include "code_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include "abi/artifact.h"
#include "digest.h"
#include "installation.h"
#include "report.h"

namespace wasmc::cli {
namespace {

/// None if there is none to be had.
std::optional<Cache> users_cache() {
  const auto limit = cache_limit();
  const auto directory = cache_directory();
  if (!limit || *limit == 0 || !directory) return std::nullopt;
  auto cache = Cache::open(*directory, *limit);
  if (!cache) return std::nullopt;
  return std::move(*cache);
}

void add_options(Digest &digest, const compiler::Options &options) {
  // A new option does not compile until somebody has decided here whether it changes the code.
  const auto &[level, target, bounds, segue, deterministic, strict_traps, profile, profile_name, first_tier, continuation, counters, keep_wasm, jobs, on_progress, emit, on_emit, times, cancelled] = options;
  // Code with `counters`, and a `continuation`, never come here: they are for one process.
  digest.add(uint64_t(level));
  digest.add(profile);
  for (const std::string *text : {&target.triple, &target.cpu, &target.features}) digest.add(*text);
  digest.add(uint64_t(bounds));
  for (const bool flag : {segue, deterministic, strict_traps, first_tier, keep_wasm}) digest.add(uint64_t(flag));
  const bool is_for_this_cpu = target.cpu.empty() || target.cpu == "native";
  digest.add(is_for_this_cpu ? cpu_identity() : std::string());
}

/// Only what the user can put right by a word is worth a warning.
Result<Module> compile_uncached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path) {
  auto module = Module::compile(engine, wasm, path);
  if (const auto limit = cache_limit(); !limit) warn(limit.error().message + "; nothing is cached");
  return module;
}

/// Whatever makes other code makes another name. The format is no part of it but for the ABI version: files of other versions are never found,
/// and go when they have not been used for longest.
std::string entry_name(std::span<const uint8_t> wasm, const compiler::Options &options, const std::string &compiler) {
  Digest digest;
  digest.add(version());
  digest.add(uint64_t(abi::kAbiVersion));
  digest.add(compiler);
  add_options(digest, options);
  digest.add(wasm);
  return digest.text() + ".aot";
}

}  // namespace

std::optional<CachedCode> CachedCode::place(std::span<const uint8_t> wasm, const compiler::Options &options) {
  auto cache = users_cache();
  const std::string compiler = cache ? compiler_identity() : "";
  if (compiler.empty()) return std::nullopt;
  return CachedCode(std::move(*cache), entry_name(wasm, options, compiler));
}

/// One that the loader refuses is damaged. Of a large one it has read the description only: that one was on the disk before it had its name.
std::optional<Module> CachedCode::load(Engine &engine, const std::string &path) const {
  const Fd entry = file();
  if (!entry) return std::nullopt;
  auto module = Module::load(engine, ArtifactFile{.fd = entry.get(), .name = path});
  if (module) return *std::move(module);
  remove();
  return std::nullopt;
}

Result<> CachedCode::store(int artifact, const std::string &label) {
  struct stat info;
  const bool is_large = fstat(artifact, &info) != 0 || uint64_t(info.st_size) > abi::kHashedWhole;  // its code is not looked at when it is loaded
  return cache_.store(name_, artifact, label, is_large);
}

Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code) {
  auto cached = CachedCode::place(wasm, run_options(code, engine.preferred_bounds()));
  if (!cached) return compile_uncached(engine, wasm, path);
  if (const auto module = cached->load(engine, path)) {
    if (code.time) print(STDERR_FILENO, "nothing was compiled: the code was in the cache (--no-cache compiles)\n");
    return *module;
  }
  Module module = TRY(Module::compile(engine, wasm, path));
  (void)cached->store(module.file(), path);  // a full disk or a file system for reading only: it will be compiled again
  return module;
}

}  // namespace wasmc::cli
