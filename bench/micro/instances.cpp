// Loading artifacts, making and dropping instances, and what many of them at once take.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "guest.h"

namespace wasmc::bench {
namespace {

/// `n` functions, the first 7,000 of them in a table, a memory of a page with a data segment, one export.
ModuleBuilder module_of(uint32_t functions) {
  ModuleBuilder builder;
  const uint32_t type = builder.type(2, 1);
  builder.memory(1, 16);
  for (uint32_t i = 0; i < functions; i++)
    builder.function(type, concat({{kLocalGet, 0, kLocalGet, 1, kI32Add}, i32_const(int32_t(i)), {kI32Add}}));
  builder.table_of(std::min(functions, 7000u));
  builder.data(1024, Bytes(256, 7));
  builder.export_function("f", 0);
  return builder;
}

/// What an instance of any use does: a call of a function.
void call(Guest &guest) {
  Value values[2] = {{.i32 = 1}, {.i32 = 2}};
  if (!guest.function("f").call(guest.store, values)) std::exit(1);
}

/// A store with an instance, made and dropped.
void instantiate(benchmark::State &state) {
  Compiled compiled(module_of(uint32_t(state.range(0))));
  for (auto _ : state) Guest guest(compiled.engine, compiled.module);
}
BENCHMARK(instantiate)->Arg(1)->Arg(100)->Arg(30000);

void instantiate_and_call(benchmark::State &state) {
  Compiled compiled(module_of(uint32_t(state.range(0))));
  for (auto _ : state) {
    Guest guest(compiled.engine, compiled.module);
    call(guest);
  }
}
BENCHMARK(instantiate_and_call)->Arg(1)->Arg(30000);

/// Of a module that exports each of its functions; a call of the last.
void instantiate_exporting(benchmark::State &state) {
  ModuleBuilder builder;
  const uint32_t type = builder.type(2, 1);
  builder.memory(1, 16);
  for (int64_t i = 1; i <= state.range(0); i++)
    builder.export_function(i == state.range(0) ? "f" : "function_" + std::to_string(i), builder.function(type, {kLocalGet, 0}));
  Compiled compiled(builder);
  for (auto _ : state) {
    Guest guest(compiled.engine, compiled.module);
    call(guest);
  }
}
BENCHMARK(instantiate_exporting)->Arg(30000);

/// Of a module without a memory.
void instantiate_without_memory(benchmark::State &state) {
  ModuleBuilder builder;
  builder.export_function("f", builder.function(builder.type(2, 1), {kLocalGet, 0}));
  Compiled compiled(builder);
  for (auto _ : state) Guest guest(compiled.engine, compiled.module);
}
BENCHMARK(instantiate_without_memory);

int32_t ignore(Caller, int32_t value) { return value; }

/// The same with imports, which are looked up by name and checked each time.
void instantiate_importing(benchmark::State &state) {
  ModuleBuilder builder;
  Linker linker;
  const uint32_t type = builder.type(1, 1);
  for (int64_t i = 0; i < state.range(0); i++) {
    const std::string name = "function_" + std::to_string(i);
    builder.import_function("wasi_snapshot_preview1", name, type);
    linker.define("wasi_snapshot_preview1", name, host_function<&ignore>());
  }
  builder.memory(1, 16);
  Compiled compiled(builder);
  for (auto _ : state) Guest guest(compiled.engine, compiled.module, linker);
}
BENCHMARK(instantiate_importing)->Arg(1)->Arg(20);

/// From a file with an artifact to a module.
void load_artifact(benchmark::State &state) {
  const int file = artifact_of(module_of(uint32_t(state.range(0))));
  Engine engine;
  for (auto _ : state) benchmark::DoNotOptimize(must(Module::load(engine, ArtifactFile{.fd = file, .name = "bench"})));
}
BENCHMARK(load_artifact)->Arg(1)->Arg(100)->Arg(30000);

/// The bytes of a row of this process' /proc file, say `VmPTE`.
double bytes_of(const char *file, const std::string &row) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(row + ":")) return std::stod(line.substr(row.size() + 1)) * 1024;
  return 0;
}

/// So many stores, each with an instance that was called once and waits. Counted per instance: its own pages, and those of the kernel's page tables.
void alive(benchmark::State &state) {
  Compiled compiled(module_of(30000));
  const auto count = size_t(state.range(0));
  const auto own = [] { return bytes_of("/proc/self/smaps_rollup", "Private_Dirty"); };
  const auto tables = [] { return bytes_of("/proc/self/status", "VmPTE"); };
  std::vector<std::unique_ptr<Guest>> guests;
  guests.reserve(count);
  const double own_before = own(), tables_before = tables();
  for (auto _ : state) {
    for (size_t i = 0; i < count; i++) call(*guests.emplace_back(std::make_unique<Guest>(compiled.engine, compiled.module)));
  }
  state.counters["own_bytes"] = (own() - own_before) / double(count);
  state.counters["page_table_bytes"] = (tables() - tables_before) / double(count);
}
BENCHMARK(alive)->Arg(1000)->Arg(5000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasmc::bench
