#include "codegen/dispatch.h"

#include <llvm/Analysis/BlockFrequencyInfo.h>
#include <llvm/Analysis/ProfileSummaryInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include <set>
#include <vector>

namespace wasmc::codegen {
namespace {

constexpr unsigned kFewLabels = 4;        // a switch over fewer is no interpreter's
constexpr size_t kMostInstructions = 24;  // of a block that is copied
constexpr size_t kMostCopies = 256;       // in a function
constexpr uint64_t kColdShare = 256;      // jumps that are rarer than one in so many stay

/// The number of different labels of a block's switch; 0 if it has none.
unsigned label_count(const llvm::BasicBlock &block) {
  if (!llvm::isa<llvm::SwitchInst>(block.getTerminator())) return 0;
  return unsigned(std::set<const llvm::BasicBlock *>(llvm::succ_begin(&block), llvm::succ_end(&block)).size());
}

/// What only brings a value from block to block, and is gone in the end.
bool is_passing_on(const llvm::Instruction &instruction) {
  const llvm::Value *address = llvm::getLoadStorePointerOperand(&instruction);
  return llvm::isa<llvm::PHINode>(instruction) || (address && llvm::isa<llvm::AllocaInst>(address));
}

bool can_be_copied(const llvm::BasicBlock &block) {
  size_t size = 0;
  for (const llvm::Instruction &instruction : block) {
    const bool is_call = llvm::isa<llvm::CallInst>(instruction) && !llvm::isa<llvm::IntrinsicInst>(instruction);
    if (is_call || llvm::isa<llvm::AllocaInst>(instruction)) return false;
    size += !is_passing_on(instruction);
  }
  return size <= kMostInstructions;
}

/// Copies dispatching blocks in one function. What they define goes through memory meanwhile, so that any block may define it.
class DispatchCopier {
 public:
  DispatchCopier(llvm::Function &function, const llvm::BlockFrequencyInfo &frequencies) : function_(function), frequencies_(frequencies) {}

  void copy_from(llvm::BasicBlock *dispatch) {
    const uint64_t enough = frequencies_.getBlockFreq(dispatch).getFrequency() / kColdShare;
    std::vector<llvm::BasicBlock *> work{dispatch};
    while (!work.empty()) {
      llvm::BasicBlock *block = work.back();
      work.pop_back();
      for (llvm::BasicBlock *from : jumps_to(block, enough)) {
        if (copies_++ == kMostCopies) return;
        through_memory(block);
        replace_jump(from, block);
        if (from != block && can_be_copied(*from)) work.push_back(from);
      }
    }
  }

  bool finish() {
    if (slots_.empty()) return copies_ != 0;
    llvm::DominatorTree dominators(function_);
    llvm::removeUnreachableBlocks(function_);
    dominators.recalculate(function_);
    llvm::PromoteMemToReg(slots_, dominators);
    return true;
  }

 private:
  /// Blocks that do nothing in the end but to go to this one, often enough.
  std::vector<llvm::BasicBlock *> jumps_to(llvm::BasicBlock *block, uint64_t enough) const {
    std::vector<llvm::BasicBlock *> out;
    for (llvm::BasicBlock *from : llvm::predecessors(block))
      if (from != block && from->getUniqueSuccessor() == block && from->getTerminator()->getNumSuccessors() == 1 &&
          frequencies_.getBlockFreq(from).getFrequency() > enough)
        out.push_back(from);
    return out;
  }

  void through_memory(llvm::BasicBlock *block) {
    const auto entry = function_.getEntryBlock().begin();
    while (auto *phi = llvm::dyn_cast<llvm::PHINode>(&block->front())) slots_.push_back(llvm::DemotePHIToStack(phi, entry));
    std::vector<llvm::Instruction *> seen_elsewhere;
    for (llvm::Instruction &instruction : *block)
      if (instruction.isUsedOutsideOfBlock(block)) seen_elsewhere.push_back(&instruction);
    for (llvm::Instruction *instruction : seen_elsewhere) slots_.push_back(llvm::DemoteRegToStack(*instruction, false, entry));
  }

  void replace_jump(llvm::BasicBlock *from, llvm::BasicBlock *block) {
    llvm::ValueToValueMapTy copies;
    from->getTerminator()->eraseFromParent();
    for (llvm::Instruction &instruction : *block) {
      llvm::Instruction *copy = instruction.clone();
      copy->insertInto(from, from->end());
      copies[&instruction] = copy;
      llvm::RemapInstruction(copy, copies, llvm::RF_NoModuleLevelChanges | llvm::RF_IgnoreMissingLocals);
    }
    for (llvm::BasicBlock *next : llvm::successors(from))
      for (llvm::PHINode &phi : next->phis()) {
        llvm::Value *value = phi.getIncomingValueForBlock(block);
        const auto copy = copies.find(value);
        phi.addIncoming(copy == copies.end() ? value : static_cast<llvm::Value *>(copy->second), from);
      }
  }

  llvm::Function &function_;
  const llvm::BlockFrequencyInfo &frequencies_;
  std::vector<llvm::AllocaInst *> slots_;
  size_t copies_ = 0;
};

}  // namespace

llvm::PreservedAnalyses CopyDispatch::run(llvm::Module &module, llvm::ModuleAnalysisManager &analyses) {
  const llvm::ProfileSummaryInfo &profile = analyses.getResult<llvm::ProfileSummaryAnalysis>(module);
  if (!profile.hasProfileSummary()) return llvm::PreservedAnalyses::all();
  auto &functions = analyses.getResult<llvm::FunctionAnalysisManagerModuleProxy>(module).getManager();
  bool changed = false;
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) continue;
    std::vector<llvm::BasicBlock *> dispatches;
    for (llvm::BasicBlock &block : function)
      if (label_count(block) >= kFewLabels && can_be_copied(block)) dispatches.push_back(&block);
    if (dispatches.empty()) continue;
    auto &frequencies = functions.getResult<llvm::BlockFrequencyAnalysis>(function);
    std::erase_if(dispatches, [&](llvm::BasicBlock *block) { return !profile.isHotBlock(block, &frequencies); });
    DispatchCopier copier(function, frequencies);
    for (llvm::BasicBlock *block : dispatches) copier.copy_from(block);
    changed |= copier.finish();
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace wasmc::codegen
