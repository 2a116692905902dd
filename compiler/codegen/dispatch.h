// Interpreters: the switch that finds the next instruction's code is copied to the end of each instruction's code.
#pragma once
#include <llvm/IR/PassManager.h>

namespace wasmc::codegen {

/// Where a profile says that a switch over many labels is hot, puts a copy of its block in place of the jumps to it. So an interpreter takes one jump
/// per instruction instead of two, and what comes next is predicted by what was there before. Runs after all other optimisation, which would fold
/// the copies again or be slow on their many edges.
struct CopyDispatch : llvm::PassInfoMixin<CopyDispatch> {
  llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &analyses);
};

}  // namespace wasmc::codegen
