// What code is generated for: a user's words (compiler::Target) turned into an LLVM target whose features are all spelled out.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "abi/artifact.h"
#include "abi/result.h"
#include "compiler/compiler.h"

namespace llvm {
class TargetMachine;
}

namespace wasmc::codegen {

/// Bit i: row i of the architecture's list in abi/cpu_features.def, as in abi::ModuleHeader.
using FeatureBits = std::array<uint64_t, 4>;

struct ResolvedTarget {
  abi::Arch arch;
  std::string triple;      ///< `x86_64-linux-gnu` or `aarch64-linux-gnu`
  std::string cpu;         ///< a name that LLVM knows; code is tuned for it, its features are only those in `feature_bits`
  FeatureBits feature_bits;

  /// By LLVM's name, e.g. "avx2".
  bool has(std::string_view feature) const;
  /// Of the widest vectors that there are all operations for, on bytes too.
  unsigned vector_bits() const { return has("avx512bw") ? 512 : has("avx2") ? 256 : 128; }
  /// `+avx2,-fma,…`: every row of the list, so that no feature comes in by the CPU's name.
  std::string feature_list() const;
};

/// Errors: an architecture or system other than x86-64 and AArch64 Linux, a CPU that LLVM does not know, a feature that
/// cpu_features.def does not list.
Result<ResolvedTarget> resolve(const compiler::Target &target);

/// A target machine for position-independent code with the small code model. `level` is the effort of code generation. One
/// per thread: a TargetMachine caches subtargets without a lock.
std::unique_ptr<llvm::TargetMachine> create_target_machine(const ResolvedTarget &target, compiler::OptLevel level);

}  // namespace wasmc::codegen
