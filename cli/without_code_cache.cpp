// For a wasmc without the compiler, which has nothing to keep.
#include "code_cache.h"

namespace wasmc::cli {

std::optional<CachedCode> CachedCode::place(std::span<const uint8_t>, const compiler::Options &) { return std::nullopt; }
std::optional<Module> CachedCode::load(Engine &, const std::string &) const { return std::nullopt; }
Result<> CachedCode::store(int, const std::string &) { return fail("this wasmc keeps nothing"); }

Result<Module> compile_cached(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const CodeOptions &) {
  return Module::compile(engine, wasm, path);
}

}  // namespace wasmc::cli
