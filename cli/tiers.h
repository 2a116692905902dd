// Running at once, in code that compiles quickly, while better code is compiled beside the guest.
#pragma once
#include "background_compiler.h"
#include "load.h"

namespace wasmc::cli {

/// Compiles a run's modules by LoadOptions::tier_up. Code in the cache runs as it is. A module that has none, and would take seconds to compile (or
/// any, with `always`), is compiled as first tier; a process of its own compiles what was asked for into the cache, where this run takes it
/// from as soon as it is there, and later runs at the start. That process goes on if the guest ends first.
class Tiers {
 public:
  explicit Tiers(std::string tier_up) : tier_up_(std::move(tier_up)) {}
  Tiers(const Tiers &) = delete;
  /// Who never ran needs no better code.
  ~Tiers();

  /// As compile_cached, which it is where there is no cache or nothing to gain.
  Result<Module> compile(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code);
  /// The guest begins: threads wait for the better code. `engine` and this are there until the process ends.
  void watch(Engine &engine);

 private:
  struct Compilation {
    BackgroundCompiler compiler;
    Module first;
    CachedCode best;
    std::string path;
  };
  bool is_worth_it(std::span<const uint8_t> wasm, const CodeOptions &code) const;
  static void improve(Engine &engine, const Compilation &compilation);

  std::string tier_up_;
  std::vector<Compilation> compilations_;
  bool is_watching_ = false;
};

}  // namespace wasmc::cli
