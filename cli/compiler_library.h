// The compiler, in a shared object with LLVM inside that is opened only when something is compiled.
#pragma once
#include "abi/result.h"
#include "compiler/compiler.h"

namespace wasmc::cli {

/// Opens the compiler, once. Errors: there is none beside this wasmc, or it is of another version.
Result<const compiler::Api *> load_compiler();

}  // namespace wasmc::cli
