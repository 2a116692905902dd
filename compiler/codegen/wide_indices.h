// 32-bit indices that go from block to block are kept as 64-bit values on x86-64.
#pragma once
#include <llvm/Pass.h>

namespace wasmc::codegen {

/// An address is the memory's base and a zero-extended i32. The extension costs nothing beside the instruction that makes the i32, but where that is in
/// another block, or a phi, the selector of x86-64 sees a register of which it knows nothing and extends it again: a move for each access of a pointer that
/// steps through a loop. So the phi is made 64 bits wide, and the extension goes to where the value comes from. Belongs right in front of instruction selection:
/// LLVM's own passes make such a phi narrow again, and understand a narrow counter better.
llvm::FunctionPass *create_wide_indices_pass();

}  // namespace wasmc::codegen
