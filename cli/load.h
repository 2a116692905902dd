// From a file to a module that can be instantiated: load what is native already, compile what is not.
#pragma once
#include "code_options.h"
#include "file.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

struct LoadOptions {
  CodeOptions code;
  std::string fallback;            ///< `jit`, `none`, or empty: recompile only what needs guard pages that cannot be had
  bool allow_precompiled = false;  ///< use native code inside a .wasm
  bool no_cache = false;           ///< neither use nor keep compiled code
};

/// Warnings go to standard error. Errors have the file's name.
Result<Module> load_module(Engine &engine, const InputFile &file, const LoadOptions &options);

}  // namespace wasmc::cli
