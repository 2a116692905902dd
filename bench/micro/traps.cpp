// From the host into Wasm, a trap there, and back as a Trap with its backtrace.
#include <benchmark/benchmark.h>

#include "guest.h"

namespace wasmc::bench {
namespace {

/// `cause` at so many calls of a function that calls itself (and does something afterwards, so that it is no loop), in a module of so many
/// functions.
ModuleBuilder trapping(const Bytes &cause, uint32_t functions) {
  ModuleBuilder builder;
  const uint32_t unary = builder.type(1, 1);
  builder.memory(1, 1);
  for (uint32_t i = 1; i < functions; i++) builder.function(unary, concat({{kLocalGet, 0}, i32_const(int32_t(i)), {kI32Add}}));
  Bytes self{kCall};
  put_u32(self, functions - 1);
  const Bytes until_none{kBlock, kEmptyBlock, kLocalGet, 0, kI32Eqz, kBrIf, 0}, one_less{kI32Const, 7, kLocalGet, 0, kI32Const, 1, kI32Sub};
  const Bytes descend = concat({until_none, one_less, self, {kI32Sub, kReturn, kEnd}});
  builder.export_function("f", builder.function(unary, concat({descend, cause, {kLocalGet, 0}})));
  return builder;
}

void trap(benchmark::State &state, const Bytes &cause) {
  Compiled compiled(trapping(cause, uint32_t(state.range(1))));
  Guest guest(compiled.engine, compiled.module);
  const Func entry = guest.function("f");
  for (auto _ : state) {
    Value value{.i32 = int32_t(state.range(0))};
    if (entry.call(guest.store, {&value, 1})) std::exit(1);
  }
}
void sizes(benchmark::internal::Benchmark *benchmark) {
  benchmark->ArgNames({"depth", "functions"})->Args({0, 1})->Args({0, 30000})->Args({50, 1});
}
BENCHMARK_CAPTURE(trap, unreachable, Bytes{kUnreachable})->Apply(sizes);
BENCHMARK_CAPTURE(trap, division_by_zero, Bytes{kI32Const, 1, kI32Const, 0, kI32DivS, kDrop})->Apply(sizes);
BENCHMARK_CAPTURE(trap, out_of_bounds, Bytes{kI32Const, 0x7f, kI32Load, 0, 0, kLocalSet, 0})->Apply(sizes);

}  // namespace
}  // namespace wasmc::bench
