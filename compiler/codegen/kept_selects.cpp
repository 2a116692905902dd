#include "codegen/kept_selects.h"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Metadata.h>

#include <vector>

#include "codegen/carried_values.h"

namespace wasmc::codegen {
namespace {

class KeepSelects : public llvm::FunctionPass {
 public:
  static char ID;
  KeepSelects() : FunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.addRequired<llvm::LoopInfoWrapperPass>();
    usage.setPreservesAll();
  }

  bool runOnFunction(llvm::Function &function) override {
    bool changed = false;
    for (const llvm::Loop *loop : short_inner_loops(getAnalysis<llvm::LoopInfoWrapperPass>().getLoopInfo())) changed |= keep_in(*loop);
    return changed;
  }

 private:
  static bool keep_in(const llvm::Loop &loop) {
    std::vector<llvm::SelectInst *> selects;
    for (llvm::BasicBlock *block : loop.blocks())
      for (llvm::Instruction &instruction : *block)
        if (auto *select = llvm::dyn_cast<llvm::SelectInst>(&instruction); select && select->getType()->isIntegerTy() && llvm::isa<llvm::FCmpInst>(select->getCondition()))
          selects.push_back(select);
    if (selects.empty()) return false;
    const CarriedValues carried = carried_values(loop);
    for (llvm::SelectInst *select : selects)
      if (!carried.contains(select)) select->setMetadata(llvm::LLVMContext::MD_unpredictable, llvm::MDNode::get(select->getContext(), {}));
    return true;
  }
};

char KeepSelects::ID = 0;

}  // namespace

llvm::FunctionPass *create_keep_selects_pass() { return new KeepSelects; }

}  // namespace wasmc::codegen
