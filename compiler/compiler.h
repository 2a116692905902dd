// The compiler's whole public face: Wasm bytes in, an artifact out. No LLVM type stands here, and users load the shared object
// behind it only when they compile (see cli/), so every entry is reached through `Api`.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/context.h"
#include "abi/result.h"

namespace wasmc::compiler {

enum class OptLevel : uint8_t { O0, O1, O2, O3, Os };

/// What to compile for. Empty strings mean the host's.
struct Target {
  std::string triple;    ///< `x86_64-linux-gnu`, `aarch64-linux-gnu`, or just the architecture
  std::string cpu;       ///< `native`, `generic`, `x86-64-v2`, … or a CPU name of LLVM; empty: native for the host, else generic
  std::string features;  ///< `+avx2,-fma`, on top of the CPU's
};

/// Intermediate forms for an engineer to look at.
enum class Emit : uint8_t { LlvmIr, LlvmOpt, Asm, Obj };

/// How far a compilation has come; called from any thread, one call at a time.
struct Progress {
  uint32_t functions_done, functions_total;
};

/// Seconds of wall time (`wall`) and summed over threads (`cpu`) that a phase took.
struct PhaseTime {
  std::string phase;
  double wall, cpu;
};

/// A loop of a function, in which a call of the function can go on in other code.
struct LoopPlace {
  uint32_t function;  ///< its index
  uint32_t offset;    ///< of the `loop` instruction in the module
};

struct Options {
  OptLevel opt_level = OptLevel::O2;
  Target target;
  abi::BoundsMode bounds = abi::BoundsMode::Guard;
  bool segue = false;         ///< memory is addressed by the segment GS, where a module can; x86-64 with `fsgsbase` only
  bool deterministic = false; ///< relaxed SIMD gives the same on every target
  bool strict_traps = false;  ///< exact memory state and no dropped load at a trap
  std::span<const uint8_t> profile;  ///< the file of an earlier run (profile/file.h); empty: none
  std::string profile_name;          ///< of that file, for messages
  bool first_tier = false;    ///< better code of the same module can take over while this code runs: at each call, and in loops that are not in a loop
  std::optional<LoopPlace> continuation;  ///< the code is only for calls of first-tier code that are at this loop: no module to instantiate
  /// Of this process: the code counts what runs, into as many counters as profile::lay_out says. Such code is of no use to another process.
  uint64_t *counters = nullptr;
  bool keep_wasm = true;      ///< store the original module in the artifact
  unsigned jobs = 0;          ///< threads; 0: one per core. The output does not depend on it
  std::function<void(const Progress &)> on_progress;
  /// Wanted intermediate forms and where they go: `sink(form, file name, contents)`.
  std::vector<Emit> emit;
  std::function<void(Emit, std::string_view name, std::string_view contents)> on_emit;
  std::vector<PhaseTime> *times = nullptr;  ///< filled in if set
  const bool *cancelled = nullptr;          ///< compilation stops soon after this turns true, with the error "cancelled"
};

/// Compiles a module to an artifact (abi/artifact.h) and writes it to `output`, an empty file (or memfd) open for reading and
/// writing. On error the file's contents are unspecified. Not re-entrant from several threads at once in its link step, which
/// takes a lock.
/// Errors: malformed or invalid module (offset, function), unsupported proposal, unknown target, CPU or feature, `segue` for a
/// target that lacks it, failed write.
Result<> compile(std::span<const uint8_t> wasm, const Options &options, int output);

/// The target that an empty Target means, spelled out: triple, CPU name, explicit feature list.
Result<Target> resolve_target(const Target &target);

/// What the shared object exports as `extern "C" const Api *wasmc_compiler_api()`.
struct Api {
  uint32_t abi_version;         ///< abi::kAbiVersion
  const char *version;          ///< of wasmc; must equal the caller's
  const char *llvm_version;
  Result<> (*compile)(std::span<const uint8_t>, const Options &, int);
  Result<Target> (*resolve_target)(const Target &);
};

}  // namespace wasmc::compiler
