// Loops that carry a minimum or maximum from one iteration to the next, as dynamic programming does: each iteration
// waits for the one before, so what counts is how many instructions lie between the two.
#pragma once
#include <llvm/IR/PassManager.h>

namespace wasmc::codegen {

/// Goes last: passes that simplify would take back what it does.
struct CarriedMinimums : llvm::PassInfoMixin<CarriedMinimums> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

}  // namespace wasmc::codegen
