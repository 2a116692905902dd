// Running at once, in code that compiles quickly, while better code is compiled beside the guest.
#pragma once
#include "background_compiler.h"
#include "load.h"

namespace wasmc::cli {

/// Compiles a run's modules by RunOptions::tier_up. Code in the cache runs as it is. A module that has none, and would take seconds to compile (or
/// any, with `always`), is compiled as first tier; a process of its own compiles what was asked for, and this run takes it as soon as it is there. With a
/// cache it is kept for later runs, and the process goes on if the guest ends first.
class Tiers {
 public:
  Tiers(Engine &engine, std::string tier_up) : engine_(engine), tier_up_(std::move(tier_up)) {}
  Tiers(const Tiers &) = delete;
  /// Who never ran needs no better code.
  ~Tiers();

  /// As compile_cached, which it is where there is nothing to gain.
  Result<Module> compile(std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code);
  /// The guest begins: threads wait for the better code. This is there until the process ends.
  void watch();

 private:
  struct Compilation {
    BackgroundCompiler compiler;
    Module first;
    std::string path;
  };
  bool is_worth_it(std::span<const uint8_t> wasm, const CodeOptions &code) const;
  void improve(const Compilation &compilation) const;

  Engine &engine_;
  std::string tier_up_;
  std::vector<Compilation> compilations_;
  bool is_watching_ = false;
};

}  // namespace wasmc::cli
