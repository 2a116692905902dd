// The context, which is the memory's base, stays in its register.
#pragma once
#include <llvm/Pass.h>

namespace wasmc::codegen {

/// The context's live range is the whole function, so its uses look rare for its length, and LLVM's register allocator takes it from its register where a
/// loop is short of them: each access to memory there begins with a load of the base. This gives it a register for good, in functions that access memory.
/// Belongs in front of the allocator.
llvm::FunctionPass *create_keep_context_pass();

}  // namespace wasmc::codegen
