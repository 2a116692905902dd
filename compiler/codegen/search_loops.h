// Loops that look for something: strlen, memchr, memcmp, the end of a word.
//
// Such a loop leaves when what it has loaded says so, and LLVM vectorises no loop whose count is not known before. Here a whole vector of elements is looked at
// ahead of the loop each time it goes back to its header: as many iterations are skipped as would have left nothing behind. The loop itself stays as it was and
// runs the iteration that leaves, so all that comes after it is as before; one that leaves at once has paid nothing.
#pragma once
#include <llvm/IR/PassManager.h>

namespace wasmc::codegen {

/// Goes behind the vectorisers, whose loops it makes no longer countable.
struct SearchLoops : llvm::PassInfoMixin<SearchLoops> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

}  // namespace wasmc::codegen
