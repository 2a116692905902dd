// Options of `compile` and `run` that say what code to make.
#include "code_options.h"

namespace wasmc::cli {

std::vector<Option> code_option_list(CodeOptions &options) {
  return {
      {"-O", "0|1|2|3|s", "how far to optimise (2)", &options.level},
      {"--cpu", "CPU", "native, generic, x86-64-v3, … (native here, generic for another target)", &options.cpu},
      {"--features", "LIST", "on top of the CPU's: +avx2,-fma", &options.features},
      {"--bounds", "guard|explicit", "keep memory accesses in bounds by guard pages or by explicit checks", &options.bounds},
      {"--segue", "", "address memory by the segment GS, where a module can; x86-64 with fsgsbase", &options.segue},
      {"--deterministic", "", "relaxed SIMD gives the same results on every target, at some cost in speed", &options.deterministic},
      {"--strict-traps", "", "exact memory contents at a trap, at some cost in speed", &options.strict_traps},
      {"-j", "N", "threads to compile with (one per core); the result does not depend on it", &options.jobs},
      {"--profile-use", "PROFILE", "optimise for what an earlier run did, which `wasmc run --profile-out` tells", &options.profile_use},
      {"--time", "", "print how long each phase of compiling took", &options.time},
      {"--no-progress", "", "do not show progress on a terminal", &options.no_progress},
  };
}

compiler::Options compiler_options(const CodeOptions &options, const std::string &triple) {
  using compiler::OptLevel;
  static constexpr OptLevel kLevels[] = {OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3};
  compiler::Options out;
  out.opt_level = options.level == "s" ? OptLevel::Os : kLevels[options.level.at(0) - '0'];
  out.target = {triple, options.cpu, options.features};
  out.bounds = options.bounds == "explicit" ? abi::BoundsMode::Explicit : abi::BoundsMode::Guard;
  out.segue = options.segue;
  out.deterministic = options.deterministic;
  out.strict_traps = options.strict_traps;
  out.profile = options.profile;
  out.profile_name = options.profile_use;
  out.first_tier = options.first_tier;
  out.jobs = options.jobs;
  return out;
}

compiler::Options run_options(const CodeOptions &options, abi::BoundsMode bounds) {
  compiler::Options out = compiler_options(options, "");
  out.bounds = bounds;
  out.keep_wasm = false;
  return out;
}

}  // namespace wasmc::cli
