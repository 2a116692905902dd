// Options of `compile` and `run` that say what code to make.
#include "code_options.h"

#include "command_line.h"

namespace wasmc::cli {

void add_code_options(CLI::App &app, CodeOptions &options) {
  app.add_option("-O", options.level, "how far to optimise (2)")->type_name("0|1|2|3|s")->check(one_of({"0", "1", "2", "3", "s"}));
  app.add_option("--cpu", options.cpu, "native, generic, x86-64-v3, … (native here, generic for another target)")->type_name("CPU");
  app.add_option("--features", options.features, "on top of the CPU's: +avx2,-fma")->type_name("LIST");
  app.add_option("--bounds", options.bounds, "keep memory accesses in bounds by guard pages or by explicit checks")
      ->type_name("guard|explicit")
      ->check(one_of({"guard", "explicit"}));
  app.add_flag("--deterministic", options.deterministic, "relaxed SIMD gives the same results on every target, at some cost in speed");
  app.add_flag("--strict-traps", options.strict_traps, "exact memory contents at a trap, at some cost in speed");
  app.add_option("-j", options.jobs, "threads to compile with (one per core); the result does not depend on it")->type_name("N");
  app.add_flag("--time", options.time, "print how long each phase of compiling took");
  app.add_flag("--no-progress", options.no_progress, "do not show progress on a terminal");
}

CLI::Option *add_profile_use(CLI::App &app, CodeOptions &options) {
  return app.add_option("--profile-use", options.profile_use, "optimise for what an earlier run did, which `wasmc run --profile-out` tells")
      ->type_name("PROFILE");
}

compiler::Options compiler_options(const CodeOptions &options, const std::string &triple) {
  using compiler::OptLevel;
  static constexpr OptLevel kLevels[] = {OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3};
  compiler::Options out;
  out.opt_level = options.level == "s" ? OptLevel::Os : kLevels[options.level.at(0) - '0'];
  out.target = {triple, options.cpu, options.features};
  out.bounds = options.bounds == "explicit" ? abi::BoundsMode::Explicit : abi::BoundsMode::Guard;
  out.deterministic = options.deterministic;
  out.strict_traps = options.strict_traps;
  out.profile = options.profile;
  out.profile_name = options.profile_use;
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
