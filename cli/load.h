// From a file to a module that can be instantiated: load what is native already, compile what is not.
#pragma once
#include <functional>

#include "code_cache.h"
#include "code_options.h"
#include "file.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

struct LoadOptions {
  CodeOptions code;
  std::string fallback;            ///< `jit`, `none`, or empty: recompile only what needs guard pages that cannot be had
  bool allow_precompiled = false;  ///< use native code inside a .wasm
  bool no_cache = false;           ///< neither use nor keep compiled code
  /// How modules are compiled, or found, where the cache may be used; as compile_cached.
  std::function<Result<Module>(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code)> compile = compile_cached;
};

/// Warnings go to standard error. Errors have the file's name.
Result<Module> load_module(Engine &engine, const InputFile &file, const LoadOptions &options);

}  // namespace wasmc::cli
