#include "codegen/computed_goto.h"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>
#include <llvm/Support/KnownBits.h>

#include <optional>
#include <set>
#include <vector>

namespace wasmc::codegen {
namespace {

constexpr const char *kMark = "wasmc.computed_goto";
constexpr size_t kFewestLabels = 16;      // of an interpreter
constexpr uint64_t kTableSize = 4096;     // bytes of the numbers' table at most
constexpr size_t kMostInstructions = 24;  // of a block that is copied
constexpr size_t kMostCopies = 512;       // in a function
constexpr size_t kMostEdges = 1 << 17;    // from copies to labels, in a function

// Marking.

/// A word of a small table.
bool is_number(const llvm::Value *value, const llvm::DataLayout &layout) {
  const auto *load = llvm::dyn_cast<llvm::LoadInst>(value);
  if (!load || !load->getType()->isIntegerTy(32)) return false;
  llvm::APInt table(64, 0);
  const auto *address = llvm::dyn_cast<llvm::GEPOperator>(load->getPointerOperand()->stripAndAccumulateConstantOffsets(layout, table, true));
  if (!address || address->getNumIndices() != 1) return false;
  const llvm::KnownBits word = llvm::computeKnownBits(address->idx_begin()->get(), layout);
  return !word.isConstant() && word.countMinTrailingZeros() >= 2 && word.getMaxValue().ult(kTableSize);
}

/// A switch over such, or over a phi of such: where to begin is often known.
bool is_computed_goto(const llvm::SwitchInst &dispatch, const llvm::DataLayout &layout) {
  if (dispatch.getNumCases() + 1 < kFewestLabels) return false;
  const auto is_number_here = [&](const llvm::Value *value) { return is_number(value, layout); };
  const llvm::Value *condition = dispatch.getCondition();
  if (const auto *phi = llvm::dyn_cast<llvm::PHINode>(condition)) {
    if (llvm::none_of(phi->incoming_values(), is_number_here)) return false;
    if (!llvm::all_of(phi->incoming_values(), [&](const llvm::Value *value) { return llvm::isa<llvm::Constant>(value) || is_number_here(value); })) return false;
  } else if (!is_number_here(condition)) {
    return false;
  }
  return std::set<const llvm::BasicBlock *>(llvm::succ_begin(dispatch.getParent()), llvm::succ_end(dispatch.getParent())).size() >= kFewestLabels;
}

// Copying.

/// A block that ends by a comparison with the number of labels, and the jump by a table behind it.
struct Dispatch {
  llvm::MachineBasicBlock *check;
  llvm::MachineBasicBlock *otherwise;
  llvm::SmallVector<llvm::MachineOperand, 4> condition;  ///< for `otherwise`
  llvm::MachineBasicBlock *jump;
};

class CopyComputedGotos : public llvm::MachineFunctionPass {
 public:
  static char ID;
  CopyComputedGotos() : MachineFunctionPass(ID) {}

  bool runOnMachineFunction(llvm::MachineFunction &function) override {
    instructions_ = function.getSubtarget().getInstrInfo();
    copies_ = edges_ = 0;
    std::vector<Dispatch> work;
    for (llvm::MachineBasicBlock &block : function)
      if (is_marked(block))
        if (auto dispatch = ends_by(block)) work.push_back(*dispatch);
    // What is copied into a small block makes a dispatch of that: handlers often meet there before they go on.
    for (size_t i = 0; i < work.size(); ++i) {
      const Dispatch dispatch = work[i];
      if (!can_be_copied(*dispatch.check) || !can_be_copied(*dispatch.jump)) continue;
      for (llvm::MachineBasicBlock *from : jumps_to(*dispatch.check)) {
        if (copies_ == kMostCopies || (edges_ += dispatch.jump->succ_size()) > kMostEdges) return true;
        ++copies_;
        work.push_back(copied(dispatch, *from));
      }
    }
    for (const Dispatch &dispatch : work)
      if (dispatch.check->pred_empty() && dispatch.check != &function.front()) remove(dispatch);
    return !work.empty();
  }

 private:
  static bool is_marked(const llvm::MachineBasicBlock &block) {
    const llvm::BasicBlock *source = block.getBasicBlock();
    return source && source->getTerminator() && source->getTerminator()->getMetadata(kMark);
  }

  std::optional<Dispatch> ends_by(llvm::MachineBasicBlock &block) const {
    Dispatch out{.check = &block, .otherwise = nullptr, .condition = {}, .jump = nullptr};
    llvm::MachineBasicBlock *otherwise = nullptr, *next = nullptr;
    if (block.succ_size() != 2 || instructions_->analyzeBranch(block, otherwise, next, out.condition) || out.condition.size() != 1) return std::nullopt;
    if (!next) next = block.getFallThrough();
    const auto is_jump = [](const llvm::MachineBasicBlock *to) { return to && to->pred_size() == 1 && !to->empty() && to->back().isIndirectBranch(); };
    if (!is_jump(next)) {
      if (!is_jump(otherwise) || !next || instructions_->reverseBranchCondition(out.condition)) return std::nullopt;
      std::swap(otherwise, next);
    }
    out.otherwise = otherwise;
    out.jump = next;
    return out;
  }

  static bool can_be_copied(const llvm::MachineBasicBlock &block) {
    if (block.size() > kMostInstructions || block.isEHPad() || block.hasAddressTaken()) return false;
    for (const llvm::MachineInstr &instruction : block)
      if (instruction.isCall() || instruction.isPosition() || instruction.isInlineAsm() || instruction.isNotDuplicable()) return false;
    return true;
  }

  /// Blocks that go to this one only.
  std::vector<llvm::MachineBasicBlock *> jumps_to(llvm::MachineBasicBlock &block) const {
    std::vector<llvm::MachineBasicBlock *> out;
    for (llvm::MachineBasicBlock *from : block.predecessors()) {
      llvm::MachineBasicBlock *to = nullptr, *next = nullptr;
      llvm::SmallVector<llvm::MachineOperand, 4> condition;
      if (from != &block && from->succ_size() == 1 && !instructions_->analyzeBranch(*from, to, next, condition)) out.push_back(from);
    }
    return out;
  }

  Dispatch copied(const Dispatch &dispatch, llvm::MachineBasicBlock &into) const {
    llvm::MachineFunction &function = *into.getParent();
    const llvm::DebugLoc place = dispatch.check->findBranchDebugLoc();
    instructions_->removeBranch(into);
    copy_instructions(*dispatch.check, dispatch.check->getFirstTerminator(), into);
    instructions_->insertBranch(into, dispatch.otherwise, nullptr, dispatch.condition, place);

    llvm::MachineBasicBlock *jump = function.CreateMachineBasicBlock(dispatch.jump->getBasicBlock());
    function.insert(std::next(into.getIterator()), jump);
    copy_instructions(*dispatch.jump, dispatch.jump->end(), *jump);
    for (const auto &live : dispatch.jump->liveins()) jump->addLiveIn(live);
    for (auto next = dispatch.jump->succ_begin(); next != dispatch.jump->succ_end(); ++next) jump->copySuccessor(dispatch.jump, next);

    into.removeSuccessor(dispatch.check);
    into.addSuccessorWithoutProb(dispatch.otherwise);
    into.addSuccessorWithoutProb(jump);
    return {.check = &into, .otherwise = dispatch.otherwise, .condition = dispatch.condition, .jump = jump};
  }

  static void remove(const Dispatch &dispatch) {
    for (llvm::MachineBasicBlock *block : {dispatch.check, dispatch.jump}) {
      while (!block->succ_empty()) block->removeSuccessor(block->succ_end() - 1);
      block->eraseFromParent();
    }
  }

  void copy_instructions(llvm::MachineBasicBlock &from, llvm::MachineBasicBlock::iterator end, llvm::MachineBasicBlock &into) const {
    for (auto instruction = from.begin(); instruction != end; ++instruction) instructions_->duplicate(into, into.end(), *instruction);
  }

  const llvm::TargetInstrInfo *instructions_ = nullptr;
  size_t copies_ = 0, edges_ = 0;
};

char CopyComputedGotos::ID = 0;

}  // namespace

llvm::PreservedAnalyses MarkComputedGotos::run(llvm::Function &function, llvm::FunctionAnalysisManager &) {
  for (llvm::BasicBlock &block : function)
    if (auto *dispatch = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator()))
      if (is_computed_goto(*dispatch, function.getDataLayout())) dispatch->setMetadata(kMark, llvm::MDNode::get(function.getContext(), {}));
  return llvm::PreservedAnalyses::all();
}

llvm::FunctionPass *create_copy_computed_gotos_pass() { return new CopyComputedGotos; }

}  // namespace wasmc::codegen
