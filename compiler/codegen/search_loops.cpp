#include "codegen/search_loops.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "codegen/lanes.h"
#include "codegen/unrolled.h"

namespace wasmc::codegen {
namespace {

constexpr size_t kMaxInstructions = 60;  ///< of a loop
constexpr size_t kMaxSteps = 16;         ///< back from a loop's beginning to the end of the one before
constexpr unsigned kFewestLanes = 4, kMostLanes = 32;
constexpr unsigned kMaxVectorBits = 256;
constexpr unsigned kNarrowest = 8;  ///< bits of what steps, which has room for the number of lanes
/// If one byte of such a page can be read, all can: the host protects memory by pages of this size or a multiple.
constexpr uint64_t kPage = 4096;

/// A load whose address steps by its size.
struct Element {
  llvm::LoadInst *load;
  llvm::Value *base = nullptr;   ///< if the index may wrap: the address is base + zext(i32 index) + displacement
  uint64_t displacement = 0;
};

/// The loop is left if the condition is `leaves_if`.
struct Exit {
  llvm::Value *condition;
  bool leaves_if;
};

/// The loop goes on while `value` has not come to `end`.
struct Bound {
  llvm::Value *value, *end;
  llvm::CmpInst::Predicate goes_on;  ///< value … end
  llvm::APInt step{};                ///< of the value; plus or minus a power of two
};

class SearchLoop {
 public:
  SearchLoop(llvm::Loop &loop, llvm::ScalarEvolution &evolution, const llvm::TargetTransformInfo &costs)
      : loop_(loop), evolution_(evolution), costs_(costs), header_(loop.getHeader()), latch_(loop.getLoopLatch()) {}

  bool matches() { return has_simple_shape() && find_phis() && find_elements() && choose_lanes() && find_exits(); }

  /// Whether it begins where the other loop, of larger elements, has ended: then it looks for the byte in a word, and ends soon.
  bool finishes(const SearchLoop &other) const {
    if (lanes_->bits() >= other.lanes_->bits()) return false;
    return std::ranges::any_of(counters_, [&](const Counter &counter) {
      llvm::SmallPtrSet<const llvm::Value *, 16> seen;
      return comes_from(counter.phi->getIncomingValueForBlock(loop_.getLoopPreheader()), other.loop_, seen);
    });
  }

  /// Needs no analysis any more.
  ///
  /// latch → check → ahead → check …             nothing found: a vector further
  ///             │       └→ found → resume → header   at the iteration that leaves
  ///             └→ resume                        an iteration that cannot be looked at ahead
  void rewrite() {
    llvm::LLVMContext &context = header_->getContext();
    for (auto [block, name] : {std::pair{&check_, "search.check"}, {&ahead_, "search.ahead"}, {&found_, "search.found"}, {&resume_, "search.resume"}})
      *block = llvm::BasicBlock::Create(context, name, header_->getParent(), header_);
    enter();
    make_check();
    make_ahead();
    make_found();
    make_resume();
  }

 private:
  static bool comes_from(const llvm::Value *value, const llvm::Loop &loop, llvm::SmallPtrSetImpl<const llvm::Value *> &seen) {
    const auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || seen.size() > kMaxSteps || !seen.insert(value).second) return false;
    if (loop.contains(instruction)) return true;
    const bool is_known = llvm::isa<llvm::PHINode>(instruction) || llvm::isa<llvm::SelectInst>(instruction) || llvm::isa<llvm::CastInst>(instruction) ||
                          instruction->getOpcode() == llvm::Instruction::Add || instruction->getOpcode() == llvm::Instruction::Sub;
    return is_known && std::ranges::any_of(instruction->operands(), [&](const llvm::Use &use) { return comes_from(use.get(), loop, seen); });
  }

  // The loop's form.

  bool has_simple_shape() {
    if (!loop_.getLoopPreheader() || !latch_) return false;
    for (llvm::BasicBlock *block = header_;;) {
      chain_.push_back(block);
      llvm::BasicBlock *next = nullptr;
      for (llvm::BasicBlock *successor : llvm::successors(block)) {
        if (!loop_.contains(successor) || successor == next) continue;
        if (next) return false;
        next = successor;
      }
      if (!next || !(llvm::isa<llvm::BranchInst>(block->getTerminator()) || llvm::isa<llvm::SwitchInst>(block->getTerminator()))) return false;
      if (next == header_) break;
      if (next->phis().begin() != next->phis().end()) return false;
      block = next;
    }
    return chain_.size() == loop_.getNumBlocks() && only_loads();
  }

  bool only_loads() const {
    size_t instructions = 0;
    for (const llvm::BasicBlock *block : chain_)
      for (const llvm::Instruction &instruction : *block) {
        if (++instructions > kMaxInstructions) return false;
        const auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
        if (load ? !load->isSimple() : instruction.mayReadOrWriteMemory() || llvm::isa<llvm::CallBase>(instruction)) return false;
      }
    return true;
  }

  /// Each must be known for an iteration without those before: a counter, or what the iteration before has computed from counters and elements.
  bool find_phis() {
    for (llvm::PHINode &phi : header_->phis()) {
      const auto step = phi.getType()->isIntegerTy() ? constant_step(&phi, loop_, evolution_) : std::nullopt;
      if (!step) carried_.push_back(&phi);
      else if (step->getBitWidth() < kNarrowest) return false;
      else counters_.push_back({&phi, nullptr, llvm::ConstantInt::get(phi.getType(), *step)});
    }
    return std::ranges::all_of(carried_, [&](llvm::PHINode *phi) { return is_of_one_iteration(phi->getIncomingValueForBlock(latch_)); });
  }

  bool is_of_one_iteration(llvm::Value *value) const {
    auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return true;
    if (llvm::isa<llvm::PHINode>(instruction)) return !llvm::is_contained(carried_, instruction);
    return std::ranges::all_of(instruction->operands(), [&](llvm::Use &use) { return is_of_one_iteration(use.get()); });
  }

  /// Whether a value can be computed for an iteration that may never come: from counters alone, by operations that cannot fail.
  bool is_of_counters(llvm::Value *value) const {
    auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return true;
    if (llvm::isa<llvm::PHINode>(instruction)) return std::ranges::any_of(counters_, [&](const Counter &counter) { return counter.phi == instruction; });
    if (instruction->mayReadOrWriteMemory() || !llvm::isSafeToSpeculativelyExecute(instruction)) return false;
    return std::ranges::all_of(instruction->operands(), [&](llvm::Use &use) { return is_of_counters(use.get()); });
  }

  // What it loads.

  bool find_elements() {
    for (llvm::BasicBlock *block : chain_)
      for (llvm::Instruction &instruction : *block)
        if (auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction))
          if (!add_element(*load)) return false;
    return !elements_.empty();
  }

  bool add_element(llvm::LoadInst &load) {
    const llvm::DataLayout &layout = header_->getDataLayout();
    const uint64_t size = layout.getTypeStoreSize(load.getType());
    if (load.getType()->isVectorTy() || layout.getTypeSizeInBits(load.getType()) != 8 * size) return false;
    if (!elements_.empty() && elements_[0].load->getType() != load.getType()) return false;
    if (!is_of_counters(load.getPointerOperand())) return false;
    const llvm::SCEV *address = evolution_.getSCEV(load.getPointerOperand());
    Element element{&load};
    if (!steps_by(address, size) && !may_wrap(address, size, element)) return false;
    elements_.push_back(element);
    return true;
  }

  bool steps_by(const llvm::SCEV *value, uint64_t size) const {
    const auto *stepping = llvm::dyn_cast<llvm::SCEVAddRecExpr>(value);
    return stepping && stepping->getLoop() == &loop_ && stepping->isAffine() &&
           stepping->getStepRecurrence(evolution_) == evolution_.getConstant(stepping->getStepRecurrence(evolution_)->getType(), size);
  }

  /// An address of the form base + zext(i32 index) + displacement whose index steps.
  bool may_wrap(const llvm::SCEV *address, uint64_t size, Element &element) const {
    const auto *sum = llvm::dyn_cast<llvm::SCEVAddExpr>(address);
    if (!sum) return false;
    bool has_index = false;
    for (const llvm::SCEV *part : sum->operands()) {
      if (const auto *constant = llvm::dyn_cast<llvm::SCEVConstant>(part)) {
        element.displacement = constant->getAPInt().getZExtValue();
      } else if (const auto *extended = llvm::dyn_cast<llvm::SCEVZeroExtendExpr>(part)) {
        if (has_index || !extended->getOperand()->getType()->isIntegerTy(32) || !steps_by(extended->getOperand(), size)) return false;
        has_index = true;
      } else if (const auto *unknown = llvm::dyn_cast<llvm::SCEVUnknown>(part)) {
        if (element.base || !unknown->getType()->isPointerTy() || !loop_.isLoopInvariant(unknown->getValue())) return false;
        element.base = unknown->getValue();
      } else {
        return false;
      }
    }
    return has_index && element.base;
  }

  bool choose_lanes() {
    llvm::Type *element = elements_[0].load->getType();
    const unsigned bits = std::min<unsigned>(costs_.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector).getFixedValue(), kMaxVectorBits);
    const unsigned count = bits / element->getScalarSizeInBits();
    lanes_.emplace(loop_, element, count, carried_);
    return count >= kFewestLanes && count <= kMostLanes;
  }

  // When it ends.

  bool find_exits() {
    for (llvm::BasicBlock *block : chain_) {
      llvm::Instruction *end = block->getTerminator();
      if (auto *choice = llvm::dyn_cast<llvm::SwitchInst>(end)) {
        llvm::Value *value = choice->getCondition();
        if (!lanes_->can_widen(value) || !lanes_->is_zero_extension(value)) return false;
        switches_.push_back(choice);
      } else if (auto *branch = llvm::cast<llvm::BranchInst>(end); branch->isConditional()) {
        if (!add_exit(branch->getCondition(), !loop_.contains(branch->getSuccessor(0)))) return false;
      }
    }
    return !exits_.empty() || !switches_.empty();
  }

  /// A condition is about elements, or about how often the loop has run, or one or the other.
  bool add_exit(llvm::Value *condition, bool leaves_if) {
    using namespace llvm::PatternMatch;
    llvm::Value *one = nullptr, *other = nullptr;
    if (leaves_if ? match(condition, m_LogicalOr(m_Value(one), m_Value(other))) : match(condition, m_LogicalAnd(m_Value(one), m_Value(other))))
      return add_exit(one, leaves_if) && add_exit(other, leaves_if);
    if (loop_.isLoopInvariant(condition)) return false;
    if (lanes_->can_widen(condition)) {
      exits_.push_back({condition, leaves_if});
      return true;
    }
    return add_bound(condition, leaves_if);
  }

  bool add_bound(llvm::Value *condition, bool leaves_if) {
    auto *compare = llvm::dyn_cast<llvm::ICmpInst>(condition);
    if (!compare || !compare->getOperand(0)->getType()->isIntegerTy()) return false;
    Bound bound{compare->getOperand(0), compare->getOperand(1), leaves_if ? compare->getInversePredicate() : compare->getPredicate()};
    if (loop_.isLoopInvariant(bound.value)) {
      std::swap(bound.value, bound.end);
      bound.goes_on = llvm::CmpInst::getSwappedPredicate(bound.goes_on);
    }
    if (!loop_.isLoopInvariant(bound.end)) return false;
    const auto step = constant_step(bound.value, loop_, evolution_);
    if (!step || !step->abs().isPowerOf2() || !is_of_counters(bound.value)) return false;
    bound.step = *step;
    using llvm::ICmpInst;
    const bool is_upward = ICmpInst::isLT(bound.goes_on) || ICmpInst::isLE(bound.goes_on), is_downward = ICmpInst::isGT(bound.goes_on) || ICmpInst::isGE(bound.goes_on);
    if (bound.goes_on != ICmpInst::ICMP_NE && !(step->isNegative() ? is_downward : is_upward)) return false;
    bounds_.push_back(bound);
    return true;
  }

  // The blocks that are made.

  /// The loop goes back by way of the check.
  void enter() {
    latch_->getTerminator()->replaceSuccessorWith(header_, check_);
    llvm::IRBuilder<> builder(check_);
    for (Counter &counter : counters_) {
      counter.here = builder.CreatePHI(counter.phi->getType(), 2);
      counter.here->addIncoming(counter.phi->getIncomingValueForBlock(latch_), latch_);
      now_[counter.phi] = counter.here;
    }
  }

  /// A value of the loop computed anew, in the iteration whose counters `values` has.
  llvm::Value *compute(llvm::Value *value, Values &values, llvm::IRBuilder<> &builder) {
    auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
    if (!instruction || !loop_.contains(instruction)) return value;
    if (const auto known = values.find(value); known != values.end()) return known->second;
    llvm::Instruction *copy = instruction->clone();
    for (llvm::Use &use : copy->operands()) use.set(compute(use.get(), values, builder));
    copy->dropPoisonGeneratingAnnotations();
    builder.Insert(copy);
    return values[value] = copy;
  }

  /// Goes ahead where all elements of each load are on one page, on which that of the iteration before was too: that one has been read. So nothing is read that the
  /// loop itself could not read, and where it comes to a new page, it reads there itself, whether or not what it loads decides anything.
  void make_check() {
    llvm::IRBuilder<> builder(check_);
    llvm::Value *refused = builder.getFalse();
    for (const Element &element : elements_) {
      llvm::Value *address = builder.CreatePtrToInt(compute(element.load->getPointerOperand(), now_, builder), builder.getInt64Ty());
      const uint64_t size = lanes_->bits() / 8;
      llvm::Value *before = builder.CreateAnd(builder.CreateTrunc(builder.CreateSub(address, builder.getInt64(size)), builder.getInt32Ty()), kPage - 1);
      refused = builder.CreateOr(refused, builder.CreateICmpUGT(before, builder.getInt32(uint32_t(kPage - size - lanes_->bytes()))));
      if (!element.base) continue;
      // Memory 0 begins at the beginning of a page. What of it can be read is nearer than 2^32, and on the same page the index does not wrap.
      const auto *base = llvm::dyn_cast<llvm::Argument>(element.base);
      if (base && base->hasSwiftSelfAttr()) continue;
      llvm::Value *origin = builder.CreateAdd(builder.CreatePtrToInt(element.base, builder.getInt64Ty()), builder.getInt64(element.displacement + size));
      refused = builder.CreateOr(refused, builder.CreateICmpUGT(builder.CreateSub(address, origin), builder.getInt64((uint64_t{1} << 32) - size - lanes_->bytes())));
    }
    for (const Bound &bound : bounds_) add_left(bound, builder);
    builder.CreateCondBr(refused, resume_, ahead_, llvm::MDBuilder(header_->getContext()).createUnlikelyBranchWeights());
  }

  /// At least so many iterations come before the bound is met.
  void add_left(const Bound &bound, llvm::IRBuilder<> &builder) {
    llvm::Value *value = compute(bound.value, now_, builder);
    llvm::Value *way = bound.step.isNegative() ? builder.CreateSub(value, bound.end) : builder.CreateSub(bound.end, value);
    if (bound.goes_on != llvm::CmpInst::ICMP_NE)
      way = builder.CreateSelect(builder.CreateICmp(bound.goes_on, value, bound.end), way, llvm::ConstantInt::get(way->getType(), 0));
    llvm::Value *left = builder.CreateZExtOrTrunc(builder.CreateLShr(way, bound.step.abs().logBase2()), builder.getInt64Ty());
    left_ = left_ ? builder.CreateBinaryIntrinsic(llvm::Intrinsic::umin, left_, left) : left;
  }

  void make_ahead() {
    llvm::IRBuilder<> builder(ahead_);
    llvm::Value *leaves = builder.CreateVectorSplat(lanes_->count(), builder.getFalse());
    for (const Element &element : elements_) wide_[element.load] = widen_load(element, 0, builder);
    if (!carried_.empty()) widen_carried(builder);
    for (const Exit &exit : exits_) {
      llvm::Value *condition = lanes_->widen(exit.condition, wide_, builder);
      leaves = builder.CreateOr(leaves, exit.leaves_if ? condition : builder.CreateNot(condition));
    }
    for (llvm::SwitchInst *choice : switches_) leaves = builder.CreateOr(leaves, leaves_by(*choice, builder));
    leaving_ = builder.CreateBitCast(leaves, builder.getIntNTy(lanes_->count()));
    llvm::Value *goes_on = builder.CreateIsNull(leaving_);
    if (left_) goes_on = builder.CreateAnd(goes_on, builder.CreateICmpUGE(left_, builder.getInt64(lanes_->count())));
    for (const Counter &counter : counters_) {
      llvm::Value *way = builder.CreateMul(counter.step, llvm::ConstantInt::get(counter.phi->getType(), lanes_->count()));
      counter.here->addIncoming(builder.CreateAdd(counter.here, way), ahead_);
    }
    builder.CreateCondBr(goes_on, check_, found_);
  }

  llvm::Value *widen_load(const Element &element, int64_t iterations, llvm::IRBuilder<> &builder) {
    llvm::Value *address = now_.at(element.load->getPointerOperand());
    if (iterations != 0) address = builder.CreateGEP(builder.getInt8Ty(), address, builder.getInt64(uint64_t(iterations * int64_t{lanes_->bits() / 8})));
    llvm::LoadInst *load = builder.CreateAlignedLoad(lanes_->type(), address, element.load->getAlign());
    load->setMetadata(llvm::LLVMContext::MD_tbaa, element.load->getMetadata(llvm::LLVMContext::MD_tbaa));
    load->setDebugLoc(element.load->getDebugLoc());
    return load;
  }

  /// What is carried was computed from the elements of one iteration before.
  void widen_carried(llvm::IRBuilder<> &builder) {
    Values before;
    for (const Element &element : elements_) before[element.load] = widen_load(element, -1, builder);
    for (llvm::PHINode *phi : carried_)
      if (lanes_->can_widen(phi)) wide_[phi] = lanes_->widen(phi->getIncomingValueForBlock(latch_), before, builder);
  }

  llvm::Value *leaves_by(llvm::SwitchInst &choice, llvm::IRBuilder<> &builder) {
    llvm::Value *value = lanes_->widen(choice.getCondition(), wide_, builder), *out = builder.CreateVectorSplat(lanes_->count(), builder.getFalse());
    const bool stays_otherwise = loop_.contains(choice.getDefaultDest());
    for (const auto &label : choice.cases()) {
      if (loop_.contains(label.getCaseSuccessor()) == stays_otherwise || !label.getCaseValue()->getValue().isIntN(lanes_->bits())) continue;
      out = builder.CreateOr(out, builder.CreateICmpEQ(value, lanes_->widen(label.getCaseValue(), wide_, builder)));
    }
    return stays_otherwise ? out : builder.CreateNot(out);
  }

  /// The next iteration is the one that leaves, by an element or by the count.
  void make_found() {
    llvm::IRBuilder<> builder(found_);
    llvm::Type *type = builder.getInt64Ty();
    llvm::Value *mask = builder.CreateZExt(leaving_, type);
    if (left_) mask = builder.CreateOr(mask, builder.getInt64(uint64_t{1} << lanes_->count()));
    llvm::Value *skipped = builder.CreateIntrinsic(llvm::Intrinsic::cttz, {type}, {mask, builder.getTrue()});
    if (left_) skipped = builder.CreateBinaryIntrinsic(llvm::Intrinsic::umin, skipped, left_);
    skipped_ = skipped;
    builder.CreateBr(resume_);
  }

  void make_resume() {
    llvm::IRBuilder<> builder(resume_);
    llvm::PHINode *skipped = builder.CreatePHI(builder.getInt64Ty(), 2);
    skipped->addIncoming(builder.getInt64(0), check_);
    skipped->addIncoming(skipped_, found_);
    Values before;
    const auto give = [&](llvm::PHINode &phi, llvm::Value *value) {
      phi.setIncomingValueForBlock(latch_, value);
      phi.replaceIncomingBlockWith(latch_, resume_);
    };
    for (const Counter &counter : counters_) {
      llvm::Value *way = builder.CreateMul(builder.CreateTrunc(skipped, counter.phi->getType()), counter.step);
      llvm::Value *value = builder.CreateAdd(counter.here, way);
      before[counter.phi] = builder.CreateSub(value, counter.step);
      give(*counter.phi, value);
    }
    std::vector<llvm::Value *> values;
    for (llvm::PHINode *phi : carried_) values.push_back(compute(phi->getIncomingValueForBlock(latch_), before, builder));
    for (size_t i = 0; i < carried_.size(); ++i) give(*carried_[i], values[i]);
    builder.CreateBr(header_);
  }

  /// A phi of the header, the same in `check`, and its step.
  struct Counter {
    llvm::PHINode *phi, *here;
    llvm::Constant *step;
  };

  llvm::Loop &loop_;
  llvm::ScalarEvolution &evolution_;
  const llvm::TargetTransformInfo &costs_;
  llvm::BasicBlock *header_, *latch_;
  std::vector<llvm::BasicBlock *> chain_;  ///< all blocks, each followed by the only one that it goes on to in the loop
  std::vector<Element> elements_;
  std::vector<Exit> exits_;
  std::vector<llvm::SwitchInst *> switches_;
  std::optional<Lanes> lanes_;
  std::vector<Bound> bounds_;
  std::vector<Counter> counters_;
  std::vector<llvm::PHINode *> carried_;
  Values now_, wide_;  ///< in `check`; in `ahead`
  llvm::BasicBlock *check_ = nullptr, *ahead_ = nullptr, *found_ = nullptr, *resume_ = nullptr;
  // i64: iterations before a bound, if there is one; and those that need not be run. Integer of a bit per lane: who leaves.
  llvm::Value *left_ = nullptr, *skipped_ = nullptr, *leaving_ = nullptr;
};

/// Of blocks with one predecessor, which rotation leaves behind.
bool fold_trivial_phis(const llvm::Loop &loop) {
  bool changed = false;
  for (llvm::BasicBlock *block : loop.blocks())
    if (block->getSinglePredecessor()) changed |= llvm::FoldSingleEntryPHINodes(block);
  return changed;
}

}  // namespace

llvm::PreservedAnalyses SearchLoops::run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
  auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
  if (loops.empty()) return llvm::PreservedAnalyses::all();
  const auto &costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  auto &evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  std::vector<std::unique_ptr<SearchLoop>> found;
  bool changed = false;
  for (llvm::Loop *loop : loops.getLoopsInPreorder()) {
    if (!loop->isInnermost()) continue;
    changed |= fold_trivial_phis(*loop);
    auto search = std::make_unique<SearchLoop>(*loop, evolution, costs);
    if (search->matches()) found.push_back(std::move(search));
  }
  const auto finishes_another = [&](const auto &search) { return std::ranges::any_of(found, [&](const auto &other) { return search->finishes(*other); }); };
  std::vector<bool> ends_soon;
  std::ranges::transform(found, std::back_inserter(ends_soon), finishes_another);
  // When nobody asks about the function any more.
  for (size_t i = 0; i < found.size(); ++i) {
    if (ends_soon[i]) continue;
    found[i]->rewrite();
    changed = true;
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace wasmc::codegen
