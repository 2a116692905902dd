// All functions of a module to objects, on several threads. The functions are split into partitions by the size of their code
// alone, and objects come out in partition order, so the result does not depend on the number of threads.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "abi/result.h"
#include "codegen/pipeline.h"
#include "codegen/target.h"
#include "codegen/trap_sites.h"
#include "compiler/compiler.h"
#include "lower/lower.h"

namespace wasmc::codegen {

/// Consecutive defined functions that are compiled as one LLVM module.
struct Partition {
  uint32_t first, count;  ///< in wasm::Module::bodies
  uint64_t code_bytes;
  friend bool operator==(const Partition &, const Partition &) = default;
};

/// A function with at least this much Wasm code is compiled alone and with less effort: LLVM's time grows faster than its size.
inline constexpr uint64_t kGiantBody = 192 << 10;

/// Splits bodies of the given sizes: one partition for a small module, else pieces of a size between 32 (at -O0 8) and 256 KB.
std::vector<Partition> plan_partitions(const std::vector<uint64_t> &body_sizes, compiler::OptLevel level);

/// A relocatable object and its trap sites.
struct Object {
  ObjectBytes bytes;
  TrapSites sites;
};

/// Seconds summed over threads.
struct PhaseSeconds {
  double wall = 0, cpu = 0;
};

struct GeneratedCode {
  std::vector<Object> objects;  ///< in partition order, thunks and code table last
  PhaseSeconds lower, optimise, generate;
  double wall = 0;              ///< of all three together
};

struct Job {
  const lower::ModuleContext &context;
  const lower::CodeTable &code_table;
  const ResolvedTarget &target;
  const compiler::Options &options;
};

/// Errors: of the invalid function with the lowest offset, whatever the number of threads; "cancelled".
Result<GeneratedCode> generate_code(const Job &job);

}  // namespace wasmc::codegen
