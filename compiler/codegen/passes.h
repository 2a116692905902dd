// Which optimisations run at which level.
#pragma once
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>

#include "compiler/compiler.h"

namespace wasmc::codegen {

/// Adds a level's passes, for modules whose locals are SSA values. `builder` is for -Os, which has LLVM's list, and has `tuning_for_size`.
/// `vector_bits`: of the widest vectors that all operations exist for.
void add_optimisations(llvm::ModulePassManager &passes, llvm::PassBuilder &builder, compiler::OptLevel level, unsigned vector_bits);

llvm::PipelineTuningOptions tuning_for_size();

}  // namespace wasmc::codegen
