// The options that say what code to make; `compile` and `run` share them.
#pragma once
#include <string>
#include <vector>

#include "abi/result.h"
#include "compiler/compiler.h"
#include "options.h"

namespace wasmc::cli {

class ProfileRecorder;

struct CodeOptions {
  std::string level = "2", cpu, features, bounds;
  unsigned jobs = 0;
  std::string profile_use;        ///< the file's name
  std::vector<uint8_t> profile;   ///< what is in it, see read_profile
  ProfileRecorder *recorder = nullptr;  ///< not null: the code is to count what runs
  bool first_tier = false;        ///< see compiler::Options
  bool segue = false, deterministic = false, strict_traps = false, no_progress = false, time = false;
};

std::vector<Option> code_option_list(CodeOptions &options);

/// As the compiler takes them, for the given target; bounds default to guard pages.
compiler::Options compiler_options(const CodeOptions &options, const std::string &triple);

/// As `run` has modules compiled: for this machine, and nobody asks the code for its module again.
compiler::Options run_options(const CodeOptions &options, abi::BoundsMode bounds);

}  // namespace wasmc::cli
