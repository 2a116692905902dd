#include "code_cache.h"

#include <unistd.h>

#include <optional>

#include "abi/artifact.h"
#include "cache.h"
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
  const auto &[level, target, bounds, segue, deterministic, strict_traps, profile, profile_name, counters, keep_wasm, jobs, on_progress, emit, on_emit, times, cancelled] = options;
  // Code with `counters` never comes here: it is for one process.
  digest.add(uint64_t(level));
  digest.add(profile);
  for (const std::string *text : {&target.triple, &target.cpu, &target.features}) digest.add(*text);
  digest.add(uint64_t(bounds));
  for (const bool flag : {segue, deterministic, strict_traps, keep_wasm}) digest.add(uint64_t(flag));
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

/// One that the loader refuses is damaged. Of a large one it has read the description only: that one was on the disk before it had its name.
std::optional<Module> load_entry(Engine &engine, const Cache &cache, const std::string &name, const std::string &path) {
  const Fd file = cache.find(name);
  if (!file) return std::nullopt;
  auto module = Module::load(engine, ArtifactFile{.fd = file.get(), .name = path});
  if (module) return *std::move(module);
  cache.remove(name);
  return std::nullopt;
}

}  // namespace

Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code) {
  auto cache = users_cache();
  const std::string compiler = cache ? compiler_identity() : "";
  if (compiler.empty()) return compile_uncached(engine, wasm, path);
  const std::string name = entry_name(wasm, run_options(code, engine.preferred_bounds()), compiler);
  if (const auto module = load_entry(engine, *cache, name, path)) {
    if (code.time) print(STDERR_FILENO, "nothing was compiled: the code was in the cache (--no-cache compiles)\n");
    return *module;
  }
  Module module = TRY(Module::compile(engine, wasm, path));
  const bool is_large = module.header().file_size > abi::kHashedWhole;  // its code is not looked at when it is loaded
  (void)cache->store(name, module.file(), path, is_large);  // a full disk or a file system for reading only: it will be compiled again
  return module;
}

}  // namespace wasmc::cli
