// Functions save registers only on the paths that need them, although the context is in a register that calls preserve.
#pragma once
#include <llvm/Pass.h>

namespace wasmc::codegen {

/// LLVM's shrink wrapping takes each use of a register that calls preserve for one that the prologue must come before, also of one that the function only reads: the
/// context. So a function whose first access to memory decides that it has nothing to do would save all its registers for that. Around shrink wrapping, and for
/// nothing else, a context that the whole function leaves in its register is not among those that calls preserve.
/// On x86-64 only: LLVM's tables for AArch64 (`uwtable(sync)`) do not say that what stands behind an epilogue has no frame, and a trap there could not be unwound.
/// `hide` belongs in front of llvm::ShrinkWrapID, `show` behind it.
llvm::FunctionPass *create_hide_context_pass();
llvm::FunctionPass *create_show_context_pass();

}  // namespace wasmc::codegen
