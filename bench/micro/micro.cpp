// What things cost inside a process, through the runtime's public face: loading, instantiating, calling in and out,
// growing a memory, trapping. Every benchmark compiles its module before its loop begins.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "compiler/compiler.h"
#include "module_builder.h"
#include "runtime/runtime.h"

extern "C" const wasmc::compiler::Api *wasmc_compiler_api();

namespace wasmc::bench {
namespace {

constexpr uint32_t kCallsPerIteration = 1000;

/// The value, or the end of the process: a benchmark without its module has nothing to measure.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

Result<> compile(std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
  compiler::Options options;
  options.bounds = bounds;
  options.keep_wasm = false;
  return wasmc_compiler_api()->compile(wasm, options, output);
}

/// A module in a store of its own, ready to call.
struct Guest {
  Guest(Engine &engine, const Module &module, const Linker &linker = Linker())
      : store(engine), instance(must(linker.instantiate(store, module))) {
    if (!Linker::start(store, *instance)) std::exit(1);
  }
  Func function(const char *name) { return instance->get(name).func; }

  Store store;
  Instance *instance;
};

/// An engine that compiles, and a module compiled in it.
struct Compiled {
  explicit Compiled(const ModuleBuilder &builder)
      : engine(EngineConfig{.compile = compile}), module(must(Module::compile(engine, builder.build(), "bench"))) {}

  Engine engine;
  Module module;
};

/// `n` functions in a table, a memory of a page with a data segment, one export.
ModuleBuilder module_of(uint32_t functions) {
  ModuleBuilder builder;
  const uint32_t type = builder.type(2, 1);
  builder.memory(1, 16);
  for (uint32_t i = 0; i < functions; i++)
    builder.function(type, concat({{kLocalGet, 0, kLocalGet, 1, kI32Add}, i32_const(int32_t(i)), {kI32Add}}));
  builder.table_of_all();
  builder.data(1024, Bytes(256, 7));
  builder.export_function("f", 0);
  return builder;
}

void instantiate(benchmark::State &state) {
  Compiled compiled(module_of(uint32_t(state.range(0))));
  for (auto _ : state) Guest guest(compiled.engine, compiled.module);
}
BENCHMARK(instantiate)->Arg(1)->Arg(100)->Arg(10000);

/// Instantiates and touches what an instance of any use touches: calls a function.
void instantiate_and_call(benchmark::State &state) {
  Compiled compiled(module_of(uint32_t(state.range(0))));
  for (auto _ : state) {
    Guest guest(compiled.engine, compiled.module);
    Value values[2] = {{.i32 = 1}, {.i32 = 2}};
    benchmark::DoNotOptimize(guest.function("f").call(guest.store, values).has_value());
  }
}
BENCHMARK(instantiate_and_call)->Arg(1)->Arg(10000);

/// From a file with an artifact to a module.
void load_artifact(benchmark::State &state) {
  const int file = memfd_create("artifact", MFD_CLOEXEC);
  must(compile(module_of(uint32_t(state.range(0))).build(), abi::BoundsMode::Guard, file));
  Engine engine;
  for (auto _ : state) benchmark::DoNotOptimize(must(Module::load(engine, ArtifactFile{file, 0, 0, "bench"})));
  close(file);
}
BENCHMARK(load_artifact)->Arg(1)->Arg(100)->Arg(10000);

void host_to_wasm(benchmark::State &state) {
  Compiled compiled(module_of(1));
  Guest guest(compiled.engine, compiled.module);
  const Func function = guest.function("f");
  for (auto _ : state) {
    Value values[2] = {{.i32 = 1}, {.i32 = 2}};
    if (!function.call(guest.store, values)) std::exit(1);
    benchmark::DoNotOptimize(values[0].i32);
  }
}
BENCHMARK(host_to_wasm);

/// `do body while (--count)`, the count being parameter 0.
Bytes repeat(const Bytes &body) {
  return concat({{kLoop, kEmptyBlock}, body, {kLocalGet, 0, kI32Const, 1, kI32Sub, kLocalTee, 0, kBrIf, 0, kEnd}});
}

int32_t host_add(Caller caller, int32_t value) { return value + caller.env<int32_t>(); }

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
  const Func function = guest.function("f");
  for (auto _ : state) {
    Value count{.i32 = int32_t(kCallsPerIteration)};
    if (!function.call(guest.store, {&count, 1})) std::exit(1);
  }
  state.SetItemsProcessed(state.iterations() * kCallsPerIteration);
}
BENCHMARK(wasm_to_host);

/// Pages added one at a time to a fresh memory, without touching them.
void memory_grow(benchmark::State &state) {
  ModuleBuilder builder;
  const uint32_t loop = builder.type(1, 0);
  builder.memory(1, 1 + kCallsPerIteration);
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
  state.SetItemsProcessed(state.iterations() * kCallsPerIteration);
}
BENCHMARK(memory_grow);

/// Enters, traps `depth` calls down, and comes back as a Trap with its backtrace.
void trap(benchmark::State &state, const Bytes &cause) {
  ModuleBuilder builder;
  const uint32_t unary = builder.type(1, 1);
  builder.memory(1, 1);
  uint32_t function = builder.function(unary, concat({cause, {kLocalGet, 0}}));
  for (int64_t depth = state.range(0); depth > 0; depth--) {
    Bytes call{kLocalGet, 0, kCall};
    put_u32(call, function);
    function = builder.function(unary, concat({call, {kI32Const, 1, kI32Add}}));
  }
  builder.export_function("f", function);
  Compiled compiled(builder);
  Guest guest(compiled.engine, compiled.module);
  const Func entry = guest.function("f");
  for (auto _ : state) {
    Value value{.i32 = -1};
    if (entry.call(guest.store, {&value, 1})) std::exit(1);
  }
}
BENCHMARK_CAPTURE(trap, unreachable, Bytes{kUnreachable})->Arg(0)->Arg(50);
BENCHMARK_CAPTURE(trap, division_by_zero, Bytes{kI32Const, 1, kI32Const, 0, kI32DivS, kDrop})->Arg(0);
BENCHMARK_CAPTURE(trap, out_of_bounds, Bytes{kLocalGet, 0, kI32Load, 0, 0, kLocalSet, 0})->Arg(0)->Arg(50);

}  // namespace
}  // namespace wasmc::bench

BENCHMARK_MAIN();
