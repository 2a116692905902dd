// Modules of module_builder, compiled and in a store of their own. Every benchmark compiles before its loop begins.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <span>
#include <type_traits>
#include <utility>

#include "module_builder.h"
#include "runtime/runtime.h"

namespace wasmc::bench {

/// The value, or the end of the process: a benchmark without its module has nothing to measure.
template <class T> T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// A file in memory with the module's artifact, compiled once in the process: a benchmark's function is called several times. Modules of thousands of
/// functions are compiled at -O0, as nothing is measured of what these do.
int artifact_of(const ModuleBuilder &builder);

/// An engine, and a module in it.
struct Compiled {
  explicit Compiled(const ModuleBuilder &builder) : module(must(Module::load(engine, ArtifactFile{.fd = artifact_of(builder), .name = "bench"}))) {}

  Engine engine;
  Module module;
};

/// An instance in a store of its own, ready to call.
struct Guest {
  Guest(Engine &engine, const Module &module, const Linker &linker = Linker()) : store(engine), instance(must(linker.instantiate(store, module))) {
    if (!Linker::start(store, *instance)) std::exit(1);
  }
  Func function(const char *name) { return instance->get(name).func; }

  Store store;
  Instance *instance;
};

/// `do body while (--count)`, the count being parameter 0.
inline Bytes repeat(const Bytes &body) {
  return concat({{kLoop, kEmptyBlock}, body, {kLocalGet, 0, kI32Const, 1, kI32Sub, kLocalTee, 0, kBrIf, 0, kEnd}});
}

}  // namespace wasmc::bench
