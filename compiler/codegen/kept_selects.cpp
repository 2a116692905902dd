#include "codegen/kept_selects.h"

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Metadata.h>

namespace wasmc::codegen {
namespace {

class KeepSelects : public llvm::FunctionPass {
 public:
  static char ID;
  KeepSelects() : FunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override { usage.setPreservesAll(); }

  bool runOnFunction(llvm::Function &function) override {
    bool changed = false;
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      auto *select = llvm::dyn_cast<llvm::SelectInst>(&instruction);
      if (!select || !select->getType()->isIntegerTy() || !llvm::isa<llvm::FCmpInst>(select->getCondition())) continue;
      select->setMetadata(llvm::LLVMContext::MD_unpredictable, llvm::MDNode::get(function.getContext(), {}));
      changed = true;
    }
    return changed;
  }
};

char KeepSelects::ID = 0;

}  // namespace

llvm::FunctionPass *create_keep_selects_pass() { return new KeepSelects; }

}  // namespace wasmc::codegen
