// For a wasmc without the compiler, which has nothing to keep.
#include "code_cache.h"

namespace wasmc::cli {

Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &) {
  return Module::compile(engine, wasm, path);
}

}  // namespace wasmc::cli
