// Compiling in this process.
#pragma once
#include <string>

#include "code_options.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

/// The engine's compile function: opens the compiler when it is first called. `options` must outlive it.
CompileFunction jit(const CodeOptions &options, const std::string &name);

}  // namespace wasmc::cli
