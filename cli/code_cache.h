// The native code of modules that were compiled before, kept for the user (cache.h).
#pragma once
#include <cstdint>
#include <span>
#include <optional>
#include <string>

#include "cache.h"
#include "code_options.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

/// Where the user's cache has a module's code under given options, or would have it.
class CachedCode {
 public:
  /// Nothing if there is no cache to be had.
  static std::optional<CachedCode> place(std::span<const uint8_t> wasm, const compiler::Options &options);

  /// What an earlier run left; `path` is for messages. Damaged code is removed and none.
  std::optional<Module> load(Engine &engine, const std::string &path) const;
  /// Leaves an artifact for later runs; `label` is for people. Errors: no room, no right to write; then it will be compiled again.
  Result<> store(int artifact, const std::string &label);
  void remove() const { cache_.remove(name_); }
  /// The entry's file; none if there is no entry.
  Fd file() const { return cache_.find(name_); }

 private:
  CachedCode(Cache cache, std::string name) : cache_(std::move(cache)), name_(std::move(name)) {}

  Cache cache_;
  std::string name_;
};

/// As Module::compile, unless an earlier run left the code: then the compiler is not even opened, and the code is mapped from the cache's file.
/// What is compiled is left for later runs. Nothing about the cache is an error: without one, every run compiles.
Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code);

}  // namespace wasmc::cli
