// Runs one script: a store, a linker with the host module `spectest`, and the script's commands in turn.
#pragma once
#include <expected>
#include <functional>
#include <string>

#include "runtime/runtime.h"
#include "sexpr.h"

namespace wasmc::spec {

/// Why a command did not pass.
struct Problem {
  enum class Kind : uint8_t {
    Failed,   ///< wasmc is wrong
    Skipped,  ///< it cannot be judged yet; `why` is the reason to count it under
  };
  Kind kind;
  std::string why;
};
template <class T = void> using Or = std::expected<T, Problem>;

/// How a script gets from bytes to a Module.
using Loader = std::function<Result<Module>(Engine &engine, std::span<const uint8_t> wasm)>;

/// Hears about each command. `wording` is told when an error is right but is not worded as the script has it.
struct Listener {
  std::function<void(uint32_t line)> begin;
  std::function<void(const Or<> &outcome)> end;
  std::function<void(const std::string &expected, const std::string &got)> wording;
};

/// Runs all commands of a script.
void run_script(const std::vector<Node> &script, Engine &engine, const Loader &load, const Listener &listener);

}  // namespace wasmc::spec
