#include "codegen/affine_loops.h"

#include <llvm/Analysis/IVDescriptors.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "codegen/unrolled.h"
#include "codegen/wide_vectors.h"

namespace wasmc::codegen {
namespace {

constexpr size_t kMaxInstructions = 200;    ///< of a loop: it is there twice afterwards
constexpr uint64_t kMaxDistance = 1 << 20;  ///< bytes between addresses of one group
constexpr uint64_t kFewest = 8;             ///< iterations that pay for the check
constexpr unsigned kMaxCost = 40;           ///< of what the check computes, in LLVM's units
constexpr uint64_t kLastAddress = 0xffffffff;

/// A load or store at base + index + displacement.
struct Access {
  llvm::Instruction *instruction;
  llvm::Value *base;
  const llvm::SCEVAddRecExpr *index;  ///< i32, zero-extended in the address; or i64, where LLVM knows that nothing wraps
  uint64_t displacement;              ///< memarg's offset, as far as it is not in the index
};

/// Accesses whose indices differ by constants and step alike.
struct Group {
  llvm::Value *base;
  const llvm::SCEV *start;  ///< the least index of the first iteration, of the type of the indices
  const llvm::SCEV *step;   ///< the same in each iteration; taken as unsigned unless it is a constant
  int64_t width = 0;  ///< from the least to the largest index of an iteration
  struct Member {
    llvm::Instruction *instruction;
    int64_t distance;  ///< from the least index
    uint64_t displacement;
  };
  std::vector<Member> members;

  bool may_wrap() const { return start->getType()->isIntegerTy(32); }
};

/// How often a loop goes back to its header, and what has to hold for that to be so.
struct Count {
  const llvm::SCEV *exact = nullptr;  ///< known to LLVM
  // Else the exit is taken when `value`, which steps by `step`, meets `end`: (end - start) / step if the rest is zero.
  const llvm::SCEV *distance = nullptr;
  uint64_t step = 0;
};

/// The operand of a load or store that is its address; nothing for other instructions.
llvm::Use *address_of(llvm::Instruction &instruction) {
  if (llvm::isa<llvm::LoadInst>(instruction)) return &instruction.getOperandUse(llvm::LoadInst::getPointerOperandIndex());
  if (llvm::isa<llvm::StoreInst>(instruction)) return &instruction.getOperandUse(llvm::StoreInst::getPointerOperandIndex());
  return nullptr;
}

bool is_negative(const llvm::SCEV *step) {
  const auto *constant = llvm::dyn_cast<llvm::SCEVConstant>(step);
  return constant && constant->getAPInt().isNegative();
}
uint64_t magnitude(const llvm::SCEV *constant) { return llvm::cast<llvm::SCEVConstant>(constant)->getAPInt().abs().getZExtValue(); }

class LoopRewriter {
 public:
  LoopRewriter(llvm::Loop &loop, llvm::LoopInfo &loops, llvm::DominatorTree &dominators, llvm::ScalarEvolution &evolution,
               const llvm::TargetTransformInfo &costs, unsigned vector_bits)
      : loop_(loop), loops_(loops), dominators_(dominators), evolution_(evolution), costs_(costs), vector_bits_(vector_bits) {}

  bool run() {
    if (!has_simple_shape()) return false;
    collect();
    if (groups_.empty() || !find_count()) return false;
    unrolled_ = find_copies();
    if (unrolled_ && !can_compute()) unrolled_.reset();
    if (!can_compute()) return false;
    count_backedges();
    if (is_certain()) {
      compute_firsts();
    } else {
      split();
      make_check();
    }
    rewrite();
    return true;
  }

 private:
  bool has_simple_shape() const {
    llvm::BasicBlock *latch = loop_.getLoopLatch();
    if (!loop_.isLoopSimplifyForm() || !loop_.getExitBlock() || loop_.getExitingBlock() != latch) return false;
    if (!loop_.isLCSSAForm(dominators_)) return false;
    size_t instructions = 0;
    for (const llvm::BasicBlock *block : loop_.blocks())
      for (const llvm::Instruction &instruction : *block) {
        if (++instructions > kMaxInstructions) return false;
        if (const auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction); call && !llvm::isa<llvm::IntrinsicInst>(call)) return false;
      }
    return true;
  }

  // Addresses.

  void collect() {
    for (llvm::BasicBlock *block : loop_.blocks())
      for (llvm::Instruction &instruction : *block)
        if (const auto access = access_of(instruction)) add(*access);
  }

  /// Accesses whose address stays the same get an origin of their own too: a row's first element, a sum in memory.
  void freeze_fixed_addresses() {
    std::map<const llvm::Value *, llvm::Value *> frozen;
    for (llvm::BasicBlock *block : loop_.blocks())
      for (llvm::Instruction &instruction : *block) {
        llvm::Use *address = address_of(instruction);
        if (!address || !loop_.isLoopInvariant(address->get()) || !is_in_memory(llvm::getUnderlyingObject(address->get()))) continue;
        llvm::Value *&origin = frozen[address->get()];
        if (!origin) origin = builder_.CreateFreeze(address->get());
        address->set(origin);
      }
  }

  bool is_in_memory(const llvm::Value *object) const {
    return std::ranges::any_of(groups_, [&](const Group &group) { return group.base == object; });
  }

  /// If its address is base + index + displacement, where the index steps.
  std::optional<Access> access_of(llvm::Instruction &instruction) {
    const llvm::Use *address = address_of(instruction);
    if (!address || loop_.isLoopInvariant(address->get())) return std::nullopt;
    if (const auto *known = llvm::dyn_cast<llvm::SCEVAddRecExpr>(evolution_.getSCEV(address->get()))) return known_access(instruction, *known);
    const auto *sum = llvm::dyn_cast<llvm::SCEVAddExpr>(evolution_.getSCEV(address->get()));
    if (!sum) return std::nullopt;
    Access out{&instruction, nullptr, nullptr, 0};
    for (const llvm::SCEV *part : sum->operands()) {
      if (const auto *constant = llvm::dyn_cast<llvm::SCEVConstant>(part)) {
        out.displacement = constant->getAPInt().getZExtValue();
      } else if (const auto *extended = llvm::dyn_cast<llvm::SCEVZeroExtendExpr>(part)) {
        if (out.index) return std::nullopt;
        out.index = llvm::dyn_cast<llvm::SCEVAddRecExpr>(extended->getOperand());
        if (!out.index) return std::nullopt;
      } else if (const auto *unknown = llvm::dyn_cast<llvm::SCEVUnknown>(part)) {
        if (out.base || !loop_.isLoopInvariant(unknown->getValue())) return std::nullopt;
        out.base = unknown->getValue();
      } else {
        return std::nullopt;
      }
    }
    if (!out.base || !out.base->getType()->isPointerTy() || !out.index || !is_usable(*out.index)) return std::nullopt;
    return out;
  }

  /// Where LLVM knows that the index does not wrap: with bounds that are constants.
  std::optional<Access> known_access(llvm::Instruction &instruction, const llvm::SCEVAddRecExpr &address) {
    const auto *base = llvm::dyn_cast<llvm::SCEVUnknown>(evolution_.getPointerBase(&address));
    if (!base || !loop_.isLoopInvariant(base->getValue())) return std::nullopt;
    const auto *index = llvm::dyn_cast<llvm::SCEVAddRecExpr>(evolution_.removePointerBase(&address));
    if (!index || !steps(*index) || !llvm::isa<llvm::SCEVConstant>(index->getStepRecurrence(evolution_))) return std::nullopt;
    return Access{&instruction, base->getValue(), index, 0};
  }

  bool steps(const llvm::SCEVAddRecExpr &index) const { return index.getLoop() == &loop_ && index.isAffine(); }
  bool is_usable(const llvm::SCEVAddRecExpr &index) const { return steps(index) && index.getType()->isIntegerTy(32); }

  void add(const Access &access) {
    const llvm::SCEV *step = access.index->getStepRecurrence(evolution_);
    for (Group &group : groups_) {
      if (group.base != access.base || group.step != step) continue;
      const auto *apart = llvm::dyn_cast<llvm::SCEVConstant>(evolution_.getMinusSCEV(access.index->getStart(), group.start));
      if (!apart || apart->getAPInt().abs().ugt(kMaxDistance)) continue;
      const int64_t distance = apart->getAPInt().getSExtValue();
      if (distance < 0) {
        group.start = access.index->getStart();
        for (Group::Member &member : group.members) member.distance -= distance;
        group.width -= distance;
      }
      group.width = std::max(group.width, distance);
      group.members.push_back({access.instruction, std::max<int64_t>(distance, 0), access.displacement});
      return;
    }
    groups_.push_back({.base = access.base, .start = access.index->getStart(), .step = step, .members = {{access.instruction, 0, access.displacement}}});
  }

  // Copies.

  std::optional<UnrolledLoop> find_copies() {
    std::vector<SteppingAccess> accesses;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const auto *step = llvm::dyn_cast<llvm::SCEVConstant>(groups_[i].step);
      if (!step) return std::nullopt;
      for (const Group::Member &member : groups_[i].members)
        accesses.push_back({member.instruction, i, member.distance + int64_t(member.displacement), step->getAPInt().getSExtValue()});
    }
    return find_unrolled(loop_, evolution_, accesses, vector_bits_);
  }

  // Iterations.

  bool find_count() {
    const llvm::SCEV *exact = evolution_.getBackedgeTakenCount(&loop_);
    if (!llvm::isa<llvm::SCEVCouldNotCompute>(exact)) {
      count_.exact = exact;
      return exact->getType()->isIntegerTy() && exact->getType()->getIntegerBitWidth() <= 64;
    }
    return find_meeting();
  }

  /// `i += 8; if (i == end) leave`: LLVM must allow for an `end` that `i` misses.
  bool find_meeting() {
    const auto *branch = llvm::dyn_cast<llvm::BranchInst>(loop_.getLoopLatch()->getTerminator());
    const auto *compare = branch && branch->isConditional() ? llvm::dyn_cast<llvm::ICmpInst>(branch->getCondition()) : nullptr;
    if (!compare || !compare->isEquality()) return false;
    const bool leaves_if_true = !loop_.contains(branch->getSuccessor(0));
    if (leaves_if_true != (compare->getPredicate() == llvm::ICmpInst::ICMP_EQ)) return false;
    auto [left, right] = met_values(*compare);
    if (!left) return false;
    if (evolution_.isLoopInvariant(left, &loop_)) std::swap(left, right);
    const auto *value = llvm::dyn_cast<llvm::SCEVAddRecExpr>(left);
    if (!value || !is_usable(*value) || !evolution_.isLoopInvariant(right, &loop_)) return false;
    const llvm::SCEV *step = value->getStepRecurrence(evolution_);
    if (!llvm::isa<llvm::SCEVConstant>(step) || evolution_.getMinTrailingZeros(step) < ignored_bits_) return false;
    count_.step = magnitude(step);
    count_.distance = is_negative(step) ? evolution_.getMinusSCEV(value->getStart(), right) : evolution_.getMinusSCEV(right, value->getStart());
    return true;
  }

  /// Two 32-bit values, of which one meets the other; nothing if it is something else that is compared. Where LLVM has made `i` wide,
  /// `(i & 0xfffffff0) == 0` is left of the comparison: the low bits of `i` are 0, then, because its distance from 0 is a multiple of its
  /// step, which has to have them 0 as well.
  std::pair<const llvm::SCEV *, const llvm::SCEV *> met_values(const llvm::ICmpInst &compare) {
    using namespace llvm::PatternMatch;
    llvm::Value *wide;
    const llvm::APInt *mask;
    llvm::Type *i32 = builder_.getInt32Ty();
    if (match(&compare, m_c_ICmp(m_And(m_Value(wide), m_APInt(mask)), m_Zero())) && mask->getBitWidth() == 64 && mask->lshr(32).isZero() &&
        mask->trunc(32).isNegatedPowerOf2()) {
      ignored_bits_ = mask->countr_zero();
      return {evolution_.getTruncateExpr(evolution_.getSCEV(wide), i32), evolution_.getZero(i32)};
    }
    if (compare.getOperand(0)->getType() != i32) return {};
    return {evolution_.getSCEV(compare.getOperand(0)), evolution_.getSCEV(compare.getOperand(1))};
  }

  /// Whether all that the check needs can be had in front of the loop, at little cost.
  bool can_compute() {
    llvm::Instruction *there = loop_.getLoopPreheader()->getTerminator();
    llvm::SmallVector<const llvm::SCEV *, 4> needed{count_.exact ? count_.exact : count_.distance};
    for (const Group &group : groups_) needed.append({group.start, group.step});
    if (unrolled_)
      for (llvm::Value *counter : kept_counters()) needed.push_back(start_of(counter));
    return std::ranges::all_of(needed, [&](const llvm::SCEV *value) { return expander_.isSafeToExpandAt(value, there); }) &&
           !expander_.isHighCostExpansion(needed, &loop_, kMaxCost, &costs_, there);
  }

  // In front of the loop.

  /// Frozen if it may be poison: what an access under a condition uses need not be defined in front of the loop.
  llvm::Value *expand(const llvm::SCEV *value) {
    llvm::Value *expanded = expander_.expandCodeFor(value, value->getType(), builder_.GetInsertPoint());
    if (!llvm::isGuaranteedNotToBePoison(expanded)) expanded = builder_.CreateFreeze(expanded);
    return builder_.CreateZExt(expanded, builder_.getInt64Ty());
  }

  void count_backedges() {
    builder_.SetInsertPoint(loop_.getLoopPreheader()->getTerminator());
    way_ = expand(count_.exact ? count_.exact : count_.distance);
    backedges_ = count_.exact ? way_ : builder_.CreateUDiv(way_, builder_.getInt64(count_.step));
    last_ = backedges_;
    if (!unrolled_) return;
    llvm::Value *whole = builder_.CreateMul(backedges_, builder_.getInt64(unrolled_->times));
    last_ = builder_.CreateAdd(whole, builder_.getInt64(unrolled_->times - 1));
  }

  /// Nothing is left to check when the program runs.
  bool is_certain() const {
    const auto *count = llvm::dyn_cast<llvm::ConstantInt>(backedges_);
    return count && count->getValue().isIntN(32) && count_.exact && std::ranges::none_of(groups_, &Group::may_wrap);
  }

  /// before → (check →)? the loop as it was → exit
  ///        → check → this loop            → exit
  void split() {
    llvm::BasicBlock *before = loop_.getLoopPreheader(), *exit = loop_.getExitBlock();
    check_ = llvm::SplitBlock(before, before->getTerminator(), &dominators_, &loops_, nullptr, "affine.check");
    llvm::BasicBlock *preheader = llvm::SplitBlock(check_, check_->getTerminator(), &dominators_, &loops_, nullptr, "affine");
    llvm::ValueToValueMapTy clones;
    llvm::SmallVector<llvm::BasicBlock *, 8> blocks;
    llvm::Loop *plain = llvm::cloneLoopWithPreheader(preheader, before, &loop_, clones, ".wrapping", &loops_, &dominators_, blocks);
    llvm::remapInstructionsInBlocks(blocks, clones);
    plain_ = plain->getLoopPreheader();
    // It hardly ever runs long: neither vectorised nor unrolled.
    for (const char *done : {"llvm.loop.isvectorized", "llvm.loop.unroll.disable"}) llvm::addStringMetadataToLoop(plain, done, 1);
    builder_.SetInsertPoint(before->getTerminator());
    branch(builder_.CreateICmpULT(last_, builder_.getInt64(kFewest - 1)), check_);
    dominators_.changeImmediateDominator(exit, before);
    for (llvm::PHINode &phi : exit->phis()) {
      llvm::Value *value = phi.getIncomingValueForBlock(loop_.getLoopLatch());
      const auto clone = clones.find(value);
      evolution_.forgetLcssaPhiWithNewPredecessor(&loop_, &phi);
      phi.addIncoming(clone == clones.end() ? value : static_cast<llvm::Value *>(clone->second), plain->getLoopLatch());
    }
    llvm::formDedicatedExitBlocks(&loop_, &dominators_, &loops_, nullptr, true);
    llvm::formDedicatedExitBlocks(plain, &dominators_, &loops_, nullptr, true);
  }

  /// In place of the jump at the builder's place: to the loop as it was if the condition holds.
  void branch(llvm::Value *condition, llvm::BasicBlock *otherwise) {
    llvm::Instruction *jump = &*builder_.GetInsertPoint();
    builder_.CreateCondBr(condition, plain_, otherwise);
    jump->eraseFromParent();
  }

  void make_check() {
    builder_.SetInsertPoint(check_->getTerminator());
    llvm::Value *refused = check_count();
    compute_firsts();
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (groups_[i].may_wrap()) refused = builder_.CreateOr(refused, check_addresses(groups_[i], starts_[i], steps_[i]));
      // Frozen, a group's accesses have an origin of their own: of accesses of one origin the vectorisers want to know how far apart they are.
      firsts_[i] = builder_.CreateFreeze(firsts_[i]);
    }
    freeze_fixed_addresses();
    branch(refused, loop_.getLoopPreheader());
  }

  void compute_firsts() {
    for (const Group &group : groups_) {
      starts_.push_back(expand(group.start));
      const auto flags = llvm::GEPNoWrapFlags::inBounds() | llvm::GEPNoWrapFlags::noUnsignedWrap();
      firsts_.push_back(builder_.CreateGEP(builder_.getInt8Ty(), group.base, starts_.back(), "", flags));
      steps_.push_back(is_negative(group.step) ? builder_.getInt64(magnitude(group.step)) : expand(group.step));
    }
  }

  /// i1: the count of backedges is not right, or too large to multiply.
  llvm::Value *check_count() {
    if (!count_.exact) return builder_.CreateIsNotNull(builder_.CreateURem(way_, builder_.getInt64(count_.step)));
    if (count_.exact->getType()->getIntegerBitWidth() > 32) return builder_.CreateICmpUGT(backedges_, builder_.getInt64(kLastAddress));
    return builder_.getFalse();
  }

  /// i1: an address of the group wraps. Nonsense if the count is refused, so it must not be poison.
  llvm::Value *check_addresses(const Group &group, llvm::Value *start, llvm::Value *step) {
    llvm::Value *way = builder_.CreateMul(backedges_, step);
    llvm::Value *last = builder_.CreateAdd(start, builder_.getInt64(uint64_t(group.width))), *limit = builder_.getInt64(kLastAddress);
    if (!is_negative(group.step)) return builder_.CreateICmpUGT(builder_.CreateAdd(last, way), limit);  // the sum has room in 64 bits
    return builder_.CreateOr(builder_.CreateICmpULT(start, way), builder_.CreateICmpUGT(last, limit));
  }

  // In the loop.

  void rewrite() {
    llvm::BasicBlock *header = loop_.getHeader();
    llvm::PHINode *iteration = stepping(builder_.getInt64(0), builder_.getInt64(1), true, true);
    iteration->setName("iteration");
    if (unrolled_) leave_one_copy();
    if (unrolled_ || !count_.exact) leave_after_count(iteration);
    std::vector<llvm::Value *> ways;  // all before the first instruction goes that they might stand in front of
    for (size_t i = 0; i < groups_.size(); ++i) ways.push_back(way_of(i));
    for (size_t i = 0; i < groups_.size(); ++i)
      for (const Group::Member &member : groups_[i].members) give_address(member, firsts_[i], ways[i]);
    for (llvm::BasicBlock *block : llvm::reverse(loop_.blocks()))
      for (llvm::Instruction &instruction : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (llvm::isInstructionTriviallyDead(&instruction)) instruction.eraseFromParent();
    llvm::DeleteDeadPHIs(header);
    evolution_.forgetTopmostLoop(&loop_);
  }

  /// A value of the loop that begins with `start` and steps by `step`.
  llvm::PHINode *stepping(llvm::Value *start, llvm::Value *step, bool no_unsigned_wrap, bool no_signed_wrap) {
    builder_.SetInsertPoint(loop_.getHeader(), loop_.getHeader()->begin());
    llvm::PHINode *phi = builder_.CreatePHI(start->getType(), 2);
    builder_.SetInsertPoint(loop_.getLoopLatch()->getTerminator());
    phi->addIncoming(start, loop_.getLoopPreheader());
    phi->addIncoming(builder_.CreateAdd(phi, step, "", no_unsigned_wrap, no_signed_wrap), loop_.getLoopLatch());
    return phi;
  }

  /// Bytes from a group's first address to those of an iteration. Groups that step alike share it; it is no product, because the vectoriser would keep one in vectors.
  llvm::Value *way_of(size_t group) {
    builder_.SetInsertPoint(loop_.getLoopPreheader()->getTerminator());
    llvm::Value *step = unrolled_ ? builder_.CreateExactUDiv(steps_[group], builder_.getInt64(unrolled_->times)) : steps_[group];
    const bool is_backward = is_negative(groups_[group].step);
    llvm::PHINode *&way = ways_[{step, is_backward}];
    if (!way) way = stepping(builder_.getInt64(0), is_backward ? builder_.CreateNeg(step) : step, !is_backward, true);
    return way;
  }

  void leave_after_count(llvm::Value *counter) {
    auto *branch = llvm::cast<llvm::BranchInst>(loop_.getLoopLatch()->getTerminator());
    builder_.SetInsertPoint(branch);
    const bool leaves_if_true = !loop_.contains(branch->getSuccessor(0));
    branch->setCondition(builder_.CreateICmp(leaves_if_true ? llvm::ICmpInst::ICMP_EQ : llvm::ICmpInst::ICMP_NE, counter, last_));
  }

  // Copies, see unrolled.h.

  std::vector<llvm::Value *> kept_counters() const {
    std::vector<llvm::Value *> out{unrolled_->counters.begin(), unrolled_->counters.end()};
    for (const llvm::PHINode &phi : loop_.getExitBlock()->phis()) {
      llvm::Value *value = phi.getIncomingValueForBlock(loop_.getLoopLatch());
      if (constant_step(value, loop_, evolution_)) out.push_back(value);
    }
    return out;
  }
  const llvm::SCEV *start_of(llvm::Value *counter) { return llvm::cast<llvm::SCEVAddRecExpr>(evolution_.getSCEV(counter))->getStart(); }

  void leave_one_copy() {
    for (const auto &[first, copy] : unrolled_->copies) stands_for(*first, *copy);
    set_counters();
    std::map<const llvm::Value *, llvm::Value *> kept;  // each is replaced once: what stands for one may be another
    for (const auto &[phi, after] : unrolled_->carried) {
      kept[phi->getIncomingValueForBlock(loop_.getLoopLatch())] = after;
      phi->setIncomingValueForBlock(loop_.getLoopLatch(), after);
    }
    for (llvm::PHINode &exit : loop_.getExitBlock()->phis())
      if (const auto found = kept.find(exit.getIncomingValueForBlock(loop_.getLoopLatch())); found != kept.end())
        exit.setIncomingValueForBlock(loop_.getLoopLatch(), found->second);
    for (Group &group : groups_)
      std::erase_if(group.members, [&](const Group::Member &member) { return llvm::is_contained(unrolled_->repeated, member.instruction); });
    for (llvm::Instruction *store : unrolled_->repeated) store->eraseFromParent();
  }

  /// Of what LLVM knows about an instruction remains what it knows about the other too.
  static void stands_for(llvm::Instruction &first, llvm::Instruction &copy) {
    first.andIRFlags(&copy);
    llvm::combineMetadataForCSE(&first, &copy, true);
    if (auto *load = llvm::dyn_cast<llvm::LoadInst>(&first)) load->setAlignment(std::min(load->getAlign(), llvm::cast<llvm::LoadInst>(copy).getAlign()));
    if (auto *store = llvm::dyn_cast<llvm::StoreInst>(&first)) store->setAlignment(std::min(store->getAlign(), llvm::cast<llvm::StoreInst>(copy).getAlign()));
  }

  /// The same values as before, a copy at a time; after the loop, from how often the copies ran together.
  void set_counters() {
    llvm::Instruction *front = loop_.getLoopPreheader()->getTerminator();
    const auto start = [&](llvm::Value *counter) { return expander_.expandCodeFor(start_of(counter), counter->getType(), front); };
    const auto step = [&](llvm::Value *counter) { return constant_step(counter, loop_, evolution_)->getSExtValue(); };
    const auto constant = [](llvm::Type *type, int64_t value) { return llvm::ConstantInt::getSigned(type, value); };
    for (llvm::PHINode &phi : loop_.getExitBlock()->phis()) {
      llvm::Value *counter = phi.getIncomingValueForBlock(loop_.getLoopLatch());
      if (!constant_step(counter, loop_, evolution_)) continue;
      builder_.SetInsertPoint(front);
      llvm::Value *count = builder_.CreateZExtOrTrunc(backedges_, counter->getType());
      llvm::Value *last = builder_.CreateAdd(start(counter), builder_.CreateMul(count, constant(counter->getType(), step(counter))));
      phi.setIncomingValueForBlock(loop_.getLoopLatch(), last);
    }
    std::vector<std::pair<llvm::Instruction *, llvm::Value *>> replaced;  // only when all are known: one may be made of the other
    for (llvm::Instruction *counter : unrolled_->counters)
      replaced.emplace_back(counter, stepping(start(counter), constant(counter->getType(), step(counter) / int64_t(unrolled_->times)), false, false));
    for (const auto &[counter, value] : replaced) counter->replaceAllUsesWith(value);
  }

  void give_address(const Group::Member &member, llvm::Value *first, llvm::Value *way) {
    const auto flags = llvm::GEPNoWrapFlags::inBounds();
    llvm::IRBuilder<> builder(member.instruction);
    llvm::Value *address = builder.CreateGEP(builder.getInt8Ty(), first, way, "", flags);
    if (const uint64_t constant = uint64_t(member.distance) + member.displacement)
      address = builder.CreateGEP(builder.getInt8Ty(), address, builder.getInt64(constant), "", flags);
    address_of(*member.instruction)->set(address);
  }

  llvm::Loop &loop_;
  llvm::LoopInfo &loops_;
  llvm::DominatorTree &dominators_;
  llvm::ScalarEvolution &evolution_;
  const llvm::TargetTransformInfo &costs_;
  unsigned vector_bits_;
  llvm::SCEVExpander expander_{evolution_, "affine"};
  llvm::IRBuilder<> builder_{loop_.getHeader()->getContext()};
  std::vector<Group> groups_;
  Count count_;
  std::optional<UnrolledLoop> unrolled_;
  uint32_t ignored_bits_ = 0;  ///< low bits that the comparison of the loop's exit leaves out
  llvm::BasicBlock *check_ = nullptr, *plain_ = nullptr;
  llvm::Value *way_ = nullptr, *backedges_ = nullptr, *last_ = nullptr;  ///< i64; the last is the number of the last iteration, from 0, of the loop that is made
  // Per group: its least index in the first iteration, i64; the address of that; how far it goes with each, i64.
  std::vector<llvm::Value *> starts_{}, firsts_{}, steps_{};
  std::map<std::pair<llvm::Value *, bool>, llvm::PHINode *> ways_;  ///< by step and whether it goes backward
};

/// Whether a value of the last iteration is used after the loop that is neither a counter nor a reduction. LLVM 22's vectoriser reads
/// it from the wrong iteration, and reads what lies behind the arrays, where it makes adjacent accesses one (narrowInterleaveGroups).
bool leaves_value_behind(llvm::Loop &loop, llvm::ScalarEvolution &evolution) {
  llvm::SmallPtrSet<const llvm::Value *, 8> carried;
  for (llvm::PHINode &phi : loop.getHeader()->phis()) {
    llvm::RecurrenceDescriptor reduction;
    if (!llvm::RecurrenceDescriptor::isReductionPHI(&phi, &loop, reduction)) continue;
    carried.insert(reduction.getLoopExitInstr());
  }
  llvm::SmallVector<llvm::BasicBlock *, 4> exits;
  loop.getUniqueExitBlocks(exits);
  for (llvm::BasicBlock *exit : exits)
    for (llvm::PHINode &phi : exit->phis())
      for (llvm::Value *value : phi.incoming_values()) {
        if (loop.isLoopInvariant(value) || carried.contains(value)) continue;
        if (!evolution.isSCEVable(value->getType()) || !llvm::isa<llvm::SCEVAddRecExpr>(evolution.getSCEV(value))) return true;
      }
  return false;
}

}  // namespace

llvm::PreservedAnalyses AffineLoops::run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
  auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
  if (loops.empty()) return llvm::PreservedAnalyses::all();
  auto &dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  const auto &costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  auto &evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  const unsigned bits = widest_vectors(costs, vector_bits_);
  std::vector<llvm::Loop *> inner;
  for (llvm::Loop *loop : loops.getLoopsInPreorder())
    if (loop->isInnermost()) inner.push_back(loop);
  bool changed = false;
  for (llvm::Loop *loop : inner) {
    if (widens_vectors(*loop, bits)) {
      changed |= shrink_loads(*loop);
    } else if (leaves_value_behind(*loop, evolution)) {
      llvm::addStringMetadataToLoop(loop, "llvm.loop.isvectorized", 1);
      continue;
    }
    changed |= LoopRewriter(*loop, loops, dominators, evolution, costs, bits).run();
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace wasmc::codegen
