#include "codegen/wide_indices.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include <vector>

namespace wasmc::codegen {
namespace {

class WideIndices : public llvm::FunctionPass {
 public:
  static char ID;
  WideIndices() : FunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override { usage.setPreservesCFG(); }

  bool runOnFunction(llvm::Function &function) override {
    wide_.clear();
    beginning_ = function.getEntryBlock().getFirstInsertionPt();
    collect(function);
    if (phis_.empty() && apart_.empty()) return false;
    for (llvm::PHINode *phi : phis_) wide_[phi] = llvm::PHINode::Create(llvm::Type::getInt64Ty(phi->getContext()), phi->getNumIncomingValues(), "", phi->getIterator());
    for (llvm::PHINode *phi : phis_)
      for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i)
        llvm::cast<llvm::PHINode>(wide_[phi])->addIncoming(widened(phi->getIncomingValue(i)), phi->getIncomingBlock(i));
    for (llvm::ZExtInst *extension : apart_) replace(*extension, widened(extension->getOperand(0)));
    for (llvm::PHINode *phi : phis_)  // they may use each other
      for (llvm::Use &use : phi->incoming_values()) use.set(llvm::PoisonValue::get(phi->getType()));
    for (llvm::PHINode *phi : phis_) narrow_other_uses(*phi);
    return true;
  }

 private:
  /// Extensions of a phi, or of what another block has made; and the phis that those come from.
  void collect(llvm::Function &function) {
    phis_.clear();
    apart_.clear();
    for (llvm::BasicBlock &block : function)
      for (llvm::Instruction &instruction : block) {
        auto *extension = llvm::dyn_cast<llvm::ZExtInst>(&instruction);
        if (!extension || !extension->getType()->isIntegerTy(64) || !extension->getSrcTy()->isIntegerTy(32)) continue;
        llvm::Value *value = extension->getOperand(0);
        if (auto *phi = llvm::dyn_cast<llvm::PHINode>(value)) phis_.insert(phi);
        else if (!is_extended_already(value) || llvm::cast<llvm::Instruction>(value)->getParent() == &block) continue;
        apart_.push_back(extension);
      }
    for (size_t i = 0; i < phis_.size(); ++i)
      for (llvm::Value *value : phis_[i]->incoming_values())
        if (auto *phi = llvm::dyn_cast<llvm::PHINode>(value)) phis_.insert(phi);
  }

  /// Made by an instruction that sets the register's upper half to zero.
  static bool is_extended_already(const llvm::Value *value) {
    return llvm::isa<llvm::BinaryOperator, llvm::LoadInst, llvm::ZExtInst, llvm::SelectInst>(value);
  }

  llvm::Value *widened(llvm::Value *value) {
    if (const auto known = wide_.find(value); known != wide_.end()) return known->second;
    llvm::Type *i64 = llvm::Type::getInt64Ty(value->getContext());
    if (const auto *constant = llvm::dyn_cast<llvm::ConstantInt>(value)) return llvm::ConstantInt::get(i64, constant->getZExtValue());
    if (llvm::isa<llvm::UndefValue>(value)) return llvm::ConstantInt::get(i64, 0);
    auto *maker = llvm::dyn_cast<llvm::Instruction>(value);
    return wide_[value] = new llvm::ZExtInst(value, i64, "", maker ? std::next(maker->getIterator()) : beginning_);
  }

  static void replace(llvm::Instruction &instruction, llvm::Value *value) {
    instruction.replaceAllUsesWith(value);
    instruction.eraseFromParent();
  }

  void narrow_other_uses(llvm::PHINode &phi) {
    if (phi.use_empty()) return void(phi.eraseFromParent());
    replace(phi, new llvm::TruncInst(wide_[&phi], phi.getType(), "", phi.getParent()->getFirstInsertionPt()));
  }

  llvm::BasicBlock::iterator beginning_;  ///< where arguments are extended
  llvm::SetVector<llvm::PHINode *> phis_;
  std::vector<llvm::ZExtInst *> apart_;
  llvm::MapVector<llvm::Value *, llvm::Value *> wide_;
};

char WideIndices::ID = 0;

}  // namespace

llvm::FunctionPass *create_wide_indices_pass() { return new WideIndices; }

}  // namespace wasmc::codegen
