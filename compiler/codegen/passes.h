// Which optimisations run at which level.
#pragma once
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>

#include "compiler/compiler.h"

namespace wasmc::codegen {

/// Adds a level's passes, for modules whose locals are SSA values. `builder` has its callbacks.
void add_optimisations(llvm::ModulePassManager &passes, llvm::PassBuilder &builder, compiler::OptLevel level);

/// What LLVM's own pipelines are to do at a level.
llvm::PipelineTuningOptions tuning(compiler::OptLevel level);

/// Adds AffineLoops and what it needs: in front of LLVM's loop vectoriser.
void add_affine_loops(llvm::FunctionPassManager &passes);

}  // namespace wasmc::codegen
