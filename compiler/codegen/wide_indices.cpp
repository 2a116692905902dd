#include "codegen/wide_indices.h"

#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/EquivalenceClasses.h>
#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Instructions.h>

#include <cmath>
#include <vector>

namespace wasmc::codegen {
namespace {

constexpr double kIterations = 8;  // of a loop, of which nothing is known

class WideIndices : public llvm::FunctionPass {
 public:
  static char ID;
  WideIndices() : FunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.addRequired<llvm::LoopInfoWrapperPass>();
    usage.setPreservesCFG();
  }

  bool runOnFunction(llvm::Function &function) override {
    wide_.clear();
    beginning_ = function.getEntryBlock().getFirstInsertionPt();
    collect(function);
    leave_what_does_not_pay();
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

  /// Phis that belong together stay as they are if what they take from elsewhere, arguments, calls' results and the like, would have to be extended more often than
  /// they are.
  void leave_what_does_not_pay() {
    const llvm::LoopInfo &loops = getAnalysis<llvm::LoopInfoWrapperPass>().getLoopInfo();
    const auto executions = [&](const llvm::BasicBlock *block) { return std::pow(kIterations, loops.getLoopDepth(block)); };
    llvm::EquivalenceClasses<llvm::PHINode *> together;
    for (llvm::PHINode *phi : phis_) {
      together.insert(phi);
      for (llvm::Value *value : phi->incoming_values())
        if (auto *other = llvm::dyn_cast<llvm::PHINode>(value)) together.unionSets(phi, other);
    }
    llvm::DenseMap<llvm::PHINode *, double> gain;  // in executions, of all that belong together
    for (llvm::ZExtInst *extension : apart_)
      if (auto *phi = llvm::dyn_cast<llvm::PHINode>(extension->getOperand(0))) gain[together.getLeaderValue(phi)] += executions(extension->getParent());
    llvm::DenseSet<std::pair<llvm::PHINode *, llvm::Value *>> seen;
    for (llvm::PHINode *phi : phis_)
      for (llvm::Value *value : phi->incoming_values()) {
        llvm::PHINode *leader = together.getLeaderValue(phi);
        if (llvm::isa<llvm::PHINode, llvm::Constant>(value) || is_extended_already(value) || !seen.insert({leader, value}).second) continue;
        const auto *maker = llvm::dyn_cast<llvm::Instruction>(value);
        gain[leader] -= maker ? executions(maker->getParent()) : 1;
      }
    const auto stays = [&](llvm::PHINode *phi) { return gain[together.getLeaderValue(phi)] <= 0; };
    std::erase_if(apart_, [&](llvm::ZExtInst *extension) {
      auto *phi = llvm::dyn_cast<llvm::PHINode>(extension->getOperand(0));
      return phi && stays(phi);
    });
    phis_.remove_if(stays);
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
