// Computed gotos of the source, which producers have made switches of: each place gets a jump of its own again, on x86-64.
#pragma once
#include <llvm/IR/PassManager.h>
#include <llvm/Pass.h>

namespace wasmc::codegen {

/// Wasm has no computed goto. Producers number the labels, keep the numbers in a table in memory, and send all places to one switch over what they load
/// from there. Whoever writes a computed goto wants a jump at each place, predicted by itself. This finds such switches and marks them, while LLVM's
/// form of an address still tells. Runs after all other optimisation.
struct MarkComputedGotos : llvm::PassInfoMixin<MarkComputedGotos> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &);
};

/// Puts copies of marked switches in place of the jumps to them. Belongs behind the placement of blocks, the last pass that would merge them again: there
/// registers are known, so that a copy costs no more than its instructions; copies in front of instruction selection give each label hundreds of
/// predecessors, which makes the compiler four times as slow and what it spills eats the gain. All copies share one jump table.
llvm::FunctionPass *create_copy_computed_gotos_pass();

}  // namespace wasmc::codegen
