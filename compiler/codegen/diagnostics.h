// LLVM's ways of saying that something is wrong, turned into our Error. Nothing else in the compiler reads them.
#pragma once
#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/Error.h>

#include <memory>

#include "abi/result.h"

namespace wasmc::codegen {

/// An LLVMContext whose errors are collected instead of printed (warnings and remarks are dropped).
class CollectingContext {
 public:
  CollectingContext();
  llvm::LLVMContext &llvm() { return llvm_; }
  /// The first error reported so far. What LLVM reports at this point is a limit or a bug of the compiler, not of the module.
  Result<> check() const;

 private:
  class Handler;
  llvm::LLVMContext llvm_;
  std::string first_error_;
};

/// An llvm::Error as a compiler-internal Error: `compiler: <doing>: <LLVM's text>`.
std::unexpected<Error> fail_internal(std::string_view doing, llvm::Error error);
std::unexpected<Error> fail_internal(std::string_view doing, std::string_view why);

}  // namespace wasmc::codegen
