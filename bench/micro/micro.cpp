// What things cost inside a process, through the runtime's public face: calls.cpp, instances.cpp, traps.cpp; validate.cpp through the decoder's.
// What of that is the system's own price, on this machine: system.cpp.
#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <map>

#include "compiler/compiler.h"
#include "guest.h"

extern "C" const wasmc::compiler::Api *wasmc_compiler_api();

namespace wasmc::bench {

int artifact_of(const ModuleBuilder &builder) {
  static std::map<Bytes, int> files;
  const Bytes wasm = builder.build();
  const auto [known, is_new] = files.try_emplace(wasm, -1);
  if (is_new) {
    compiler::Options options;
    options.keep_wasm = false;
    if (wasm.size() > 100'000) options.opt_level = compiler::OptLevel::O0;
    known->second = memfd_create("artifact", MFD_CLOEXEC);
    must(wasmc_compiler_api()->compile(wasm, options, known->second));
  }
  return known->second;
}

}  // namespace wasmc::bench

BENCHMARK_MAIN();
