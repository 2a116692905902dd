// What `wasmc run` does, and the options that it takes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "guest_config.h"
#include "load.h"
#include "options.h"

namespace wasmc::cli {

struct RunOptions {
  std::string file, invoke, profile_out, unknown_imports = "error";
  std::string tier_up = "auto";  ///< `auto`, `always`, `never`: see Tiers
  std::vector<std::string> preloads;
  GuestOptions guest;
  uint64_t max_wasm_stack = 8 << 20;
  LoadOptions load;
  std::function<void()> before_guest;  ///< empty, or called when nothing is left to do but to enter the guest
};

std::vector<Option> run_option_list(RunOptions &options);

/// FILE and the guest's arguments; one `--` between them is nobody's.
void set_program(RunOptions &options, std::vector<std::string> words);

/// Of the engine of a run; `compile` is its compile function.
EngineConfig engine_config(const RunOptions &options, CompileFunction compile);

/// Ends the process as the guest does. Returns only errors, from before the guest begins. Fills in what the options name (`CodeOptions::profile`).
Result<> run(Engine &engine, RunOptions &options);

}  // namespace wasmc::cli
