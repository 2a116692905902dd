// Loops over vectors of 128 bits, on a CPU that has wider ones.
//
// A producer that vectorises for Wasm makes vectors of 128 bits, the only ones that there are. LLVM vectorises no loop that has vectors already. Here the blocks of
// two or four iterations become one vector (blocks.h): a loop in front of the one that there was does as many of its iterations as are whole multiples of that, and
// the loop itself, as it was, those that are left; or all of them, where arrays overlap.
#pragma once
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/PassManager.h>

namespace llvm {
class TargetTransformInfo;
}

namespace wasmc::codegen {

/// Goes behind `AffineLoops`, whose addresses it needs.
class WideVectors : public llvm::PassInfoMixin<WideVectors> {
 public:
  /// `bits`: of the widest vectors that the CPU has all operations for.
  explicit WideVectors(unsigned bits) : bits_(bits) {}
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);

 private:
  unsigned bits_;
};

/// Bits of the widest vectors that are worth using, of those that there are.
unsigned widest_vectors(const llvm::TargetTransformInfo &costs, unsigned bits);
/// Whether `WideVectors` may find something in a loop, as far as its instructions by themselves tell.
bool widens_vectors(const llvm::Loop &loop, unsigned vector_bits);
/// Leaves of loads what is used of them: producers load 8 bytes, where they want the first 4, and the other 4 by another load.
/// Returns whether it changed anything.
bool shrink_loads(llvm::Loop &loop);

}  // namespace wasmc::codegen
