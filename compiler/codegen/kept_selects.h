// Selections by a float's comparison stay selections on x86-64.
#pragma once
#include <llvm/Pass.h>

namespace wasmc::codegen {

/// LLVM turns conditional moves of an inner loop into branches where their condition comes late, as a float's comparison does, and takes three of four to be foreseen. But
/// what is chosen by such a comparison, the index of the nearest, is the data's affair, and each wrong guess costs what many moves do. Not so what a loop carries along, as
/// the place of the largest so far: that changes ever more rarely, and moves would wait for one another. Belongs behind CodeGenPrepare, which makes branches of its own for
/// other reasons.
llvm::FunctionPass *create_keep_selects_pass();

}  // namespace wasmc::codegen
