// Inner loops get addresses that LLVM can follow.
//
// A Wasm address is a sum that wraps at 32 bits and is zero-extended only then. So LLVM cannot know that `a[i + 1]` lies behind `a[i]`, nor
// that an array ends where its last index says: it folds no address and vectorises no loop that its producer has unrolled. Here such a loop
// is made twice. In front of it is checked that none of its addresses wraps while it runs; then it runs with addresses that are computed in
// 64 bits from a counter that begins at 0, and otherwise as it was.
#pragma once
#include <llvm/IR/PassManager.h>

namespace wasmc::codegen {

/// Goes right in front of the vectorisers.
class AffineLoops : public llvm::PassInfoMixin<AffineLoops> {
 public:
  /// `vector_bits`: of the widest vectors that the CPU has all operations for.
  explicit AffineLoops(unsigned vector_bits) : vector_bits_(vector_bits) {}
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);

 private:
  unsigned vector_bits_;
};

}  // namespace wasmc::codegen
