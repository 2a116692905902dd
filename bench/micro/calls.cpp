// Crossing between host and Wasm, both ways, and memory.grow, which is a crossing with a system call in it.
#include <benchmark/benchmark.h>

#include "guest.h"

namespace wasmc::bench {
namespace {

constexpr uint32_t kCallsPerIteration = 1000;

/// In and out again: two crossings.
void host_to_wasm(benchmark::State &state) {
  ModuleBuilder builder;
  builder.export_function("f", builder.function(builder.type(2, 1), {kLocalGet, 0, kLocalGet, 1, kI32Add}));
  Compiled compiled(builder);
  Guest guest(compiled.engine, compiled.module);
  const Func function = guest.function("f");
  for (auto _ : state) {
    Value values[2] = {{.i32 = 1}, {.i32 = 2}};
    if (!function.call(guest.store, values)) std::exit(1);
    benchmark::DoNotOptimize(values[0].i32);
  }
}
BENCHMARK(host_to_wasm);

int32_t host_add(Caller caller, int32_t value) { return value + caller.env<int32_t>(); }

/// Runs the export `f`, which does something so often as it is told, per iteration; an item is one of these.
void run(benchmark::State &state, Guest &guest) {
  const Func function = guest.function("f");
  for (auto _ : state) {
    Value count{.i32 = int32_t(kCallsPerIteration)};
    if (!function.call(guest.store, {&count, 1})) std::exit(1);
  }
  state.counters["each"] = benchmark::Counter(double(kCallsPerIteration), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void wasm_to_host(benchmark::State &state) {
  ModuleBuilder builder;
  const uint32_t unary = builder.type(1, 1), loop = builder.type(1, 0);
  const uint32_t host = builder.import_function("env", "add", unary);
  builder.export_function("f", builder.function(loop, repeat({kLocalGet, 1, kCall, uint8_t(host), kLocalSet, 1}), 1));
  Compiled compiled(builder);
  int32_t step = 3;
  Linker linker;
  linker.define("env", "add", host_function<&host_add>(&step));
  Guest guest(compiled.engine, compiled.module, linker);
  run(state, guest);
}
BENCHMARK(wasm_to_host);

/// Pages added one at a time, without touching them, to a memory that has so many already.
void memory_grow(benchmark::State &state) {
  const auto before = uint32_t(state.range(0));
  ModuleBuilder builder;
  const uint32_t loop = builder.type(1, 0);
  builder.memory(before, before + kCallsPerIteration);
  builder.export_function("f", builder.function(loop, repeat({kI32Const, 1, kMemoryGrow, 0, kDrop})));
  Compiled compiled(builder);
  for (auto _ : state) {
    state.PauseTiming();
    {
      Guest guest(compiled.engine, compiled.module);
      const Func function = guest.function("f");
      Value count{.i32 = int32_t(kCallsPerIteration)};
      state.ResumeTiming();
      if (!function.call(guest.store, {&count, 1})) std::exit(1);
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.counters["each"] = benchmark::Counter(double(kCallsPerIteration), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(memory_grow)->Arg(1)->Arg(1000)->Arg(60000);

}  // namespace
}  // namespace wasmc::bench
