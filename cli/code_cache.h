// The native code of modules that were compiled before, kept for the user (cache.h).
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "code_options.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

/// As Module::compile, unless an earlier run left the code: then the compiler is not even opened, and the code is mapped from the cache's file.
/// What is compiled is left for later runs. Nothing about the cache is an error: without one, every run compiles.
Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &code);

}  // namespace wasmc::cli
