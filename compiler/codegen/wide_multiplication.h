// Products of 64-bit numbers as numbers of 128 bits, where Wasm had to put them together from products of halves.
#pragma once
#include <llvm/IR/PassManager.h>

namespace wasmc::codegen {

/// Wasm multiplies no wider than 64 bits, so a producer computes the upper half of a product (of __int128, u128, big integers, many hash functions) from four products
/// of 32-bit halves, as `__multi3` of compiler-rt does. That sum becomes one multiplication of i128, which x86-64 and AArch64 have an instruction for, and the lower
/// half beside it comes from the same. Belongs behind EarlyCSE, so that equal halves are one value, and in front of the inliner, for which the function is small then.
struct WideMultiplications : llvm::PassInfoMixin<WideMultiplications> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

}  // namespace wasmc::codegen
