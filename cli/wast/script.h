// Runs one script: a store, a linker with the host module `spectest`, and the script's commands in turn.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "modules.h"
#include "node.h"
#include "outcome.h"
#include "runtime/runtime.h"

namespace wasmc::wast {

/// Hears about each command, from any thread. `wording` is told when a module is rightly refused, but the message does not begin as
/// the script has it.
struct Listener {
  std::function<void(uint32_t line)> begin;
  std::function<void(uint32_t line, const Or<> &outcome)> end;
  std::function<void(uint32_t line, const std::string &expected, const std::string &got)> wording;
  std::function<void()> finished;  ///< all commands have run; instances and memories are still there
};

/// Runs all commands of a script.
void run_script(std::string_view text, const Listener &listener, Engine &engine, const Loader &load);

/// Compiles each module of a script, and runs nothing. Modules that are malformed in text never come to a compiler.
void compile_script(std::string_view text, const Listener &listener, const ArtifactFolder &folder, const Compile &compile);

}  // namespace wasmc::wast
