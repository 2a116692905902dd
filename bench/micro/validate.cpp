// Decoding and validating on one core: bytes a second on a module that the user names, and how the time grows with the size of a
// body, the number of functions and the depth of nesting. Each `_BigO` line must say N.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "module_builder.h"
#include "wasm/validator.h"

namespace wasmc::bench {
namespace {

void validate(benchmark::State &state, const Bytes &module) {
  for (auto _ : state) {
    const auto result = wasm::validate_module(module, 1);
    if (!result) return state.SkipWithError(result.error().message.c_str());
  }
  state.SetBytesProcessed(state.iterations() * int64_t(module.size()));
  state.SetComplexityN(state.range(0));
}

Bytes times(int64_t count, const Bytes &code) {
  Bytes out;
  for (int64_t i = 0; i < count; i++) out.insert(out.end(), code.begin(), code.end());
  return out;
}

/// One body of so many instructions.
void validate_instructions(benchmark::State &state) {
  ModuleBuilder builder;
  builder.memory(1, 1);
  builder.function(builder.type(1, 0), times(state.range(0) / 8, {kLocalGet, 0, kI32Const, 1, kI32Add, kLocalTee, 0, kI32Load, 2, 8, kLocalGet,
                                                                0, kI32Sub, kDrop}));
  validate(state, builder.build());
}
BENCHMARK(validate_instructions)->RangeMultiplier(8)->Range(1 << 12, 1 << 21)->Complexity(benchmark::oN);

/// So many functions, each exported.
void validate_functions(benchmark::State &state) {
  ModuleBuilder builder;
  const uint32_t type = builder.type(1, 1);
  for (int64_t i = 0; i < state.range(0); i++)
    builder.export_function(std::string(40, 'x') + std::to_string(i), builder.function(type, {kLocalGet, 0}));
  validate(state, builder.build());
}
BENCHMARK(validate_functions)->RangeMultiplier(8)->Range(1 << 8, 1 << 17)->Complexity(benchmark::oN);

/// So many loops, each in the one before.
void validate_nesting(benchmark::State &state) {
  ModuleBuilder builder;
  builder.function(builder.type(0, 0), concat({times(state.range(0), {kLoop, kEmptyBlock}), Bytes(size_t(state.range(0)), kEnd)}));
  validate(state, builder.build());
}
BENCHMARK(validate_nesting)->RangeMultiplier(8)->Range(1 << 10, 1 << 20)->Complexity(benchmark::oN);

/// A real module: the file that WASMC_BENCH_MODULE names.
void validate_module(benchmark::State &state) {
  const char *path = std::getenv("WASMC_BENCH_MODULE");
  if (!path) return state.SkipWithError("WASMC_BENCH_MODULE names no file");
  std::ifstream in(path, std::ios::binary);
  const Bytes module((std::istreambuf_iterator<char>(in)), {});
  validate(state, module);
}
BENCHMARK(validate_module)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasmc::bench
