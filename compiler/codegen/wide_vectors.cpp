#include "codegen/wide_vectors.h"

#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopAccessAnalysis.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <vector>

#include "codegen/blocks.h"

namespace wasmc::codegen {
namespace {

constexpr unsigned kBlockBits = 128;  ///< of the vectors that Wasm has
constexpr unsigned kMaxChecks = 12;  ///< of pairs of arrays that might overlap
constexpr size_t kMostInstructions = 4096;  ///< of a loop: values are followed by recursion, and accesses compared with each other
constexpr uint64_t kFewest = 2;      ///< iterations of the wide loop that pay for it

/// Whether there is anything to widen.
unsigned widest_access(const llvm::Loop &loop) {
  llvm::TypeSize::ScalarTy widest = 0;
  for (const llvm::Instruction &instruction : *loop.getHeader())
    if (llvm::isa<llvm::LoadInst, llvm::StoreInst>(instruction))
      widest = std::max(widest, loop.getHeader()->getDataLayout().getTypeSizeInBits(llvm::getLoadStoreType(&instruction)).getKnownMinValue());
  return unsigned(widest);
}

/// How many iterations' widest vectors a vector has room for.
unsigned blocks_in(unsigned bits, const llvm::Loop &loop) { return std::bit_floor(bits / widest_access(loop)); }

/// Of a vector of which only the first lanes are used, a half or less, how many; else 0.
unsigned lanes_needed(const llvm::LoadInst &load) {
  const auto *type = llvm::dyn_cast<llvm::FixedVectorType>(load.getType());
  if (!type || load.use_empty()) return 0;
  int last = 0;
  for (const llvm::User *user : load.users()) {
    const auto *shuffle = llvm::dyn_cast<llvm::ShuffleVectorInst>(user);
    if (!shuffle || shuffle->getOperand(0) != &load || !llvm::isa<llvm::UndefValue>(shuffle->getOperand(1))) return 0;
    for (const int lane : shuffle->getShuffleMask()) last = std::max(last, lane);
  }
  const unsigned needed = std::bit_ceil(unsigned(last) + 1);
  return 2 * needed <= type->getNumElements() && needed > 1 ? needed : 0;
}

/// What the function's analyses say.
struct Facts {
  llvm::LoopInfo &loops;
  llvm::DominatorTree &dominators;
  llvm::ScalarEvolution &evolution;
  llvm::AAResults &aliases;
  llvm::AssumptionCache &assumptions;
  const llvm::TargetLibraryInfo &library;
  const llvm::TargetTransformInfo &costs;
};

class LoopWidener {
 public:
  LoopWidener(llvm::Loop &loop, Facts &facts, unsigned count)
      : loop_(loop), body_(*loop.getHeader()), facts_(facts), evolution_(facts.evolution), blocks_(count), builder_(body_.getContext()) {}

  bool run() {
    if (!has_simple_shape() || !find_accesses() || !find_carried() || !can_widen_all() || !keeps_order()) return false;
    split();
    fill();
    hand_over();
    return true;
  }

 private:
  /// A value of the header that is no counter.
  struct Carried {
    enum Kind {
      Reduction,  ///< a sum or the like of integers, in whatever order
      Steps,      ///< a vector to which the same is added each time
      Previous    ///< what the iteration before has computed
    } kind;
    llvm::PHINode *phi;
    llvm::Value *next;                         ///< it is in the next iteration
    llvm::Instruction *operation = nullptr;    ///< the first of the reduction; the addition
    llvm::Value *step = nullptr;               ///< what is added
    llvm::PHINode *wide = nullptr;
  };
  struct Access {
    llvm::Instruction *instruction;
    const llvm::SCEV *start;  ///< the first iteration's address
    int64_t step;             ///< 0: the same address each time
  };

  bool has_simple_shape() const {
    if (loop_.getNumBlocks() != 1 || body_.size() > kMostInstructions || !loop_.isLoopSimplifyForm() || !loop_.getExitBlock() || !loop_.isLCSSAForm(facts_.dominators)) return false;
    const llvm::SCEV *count = evolution_.getBackedgeTakenCount(&loop_);
    if (llvm::isa<llvm::SCEVCouldNotCompute>(count) || count->getType()->getIntegerBitWidth() > 64) return false;
    const auto *constant = llvm::dyn_cast<llvm::SCEVConstant>(count);
    if (constant && constant->getAPInt().ult(kFewest * blocks_.count() - 1)) return false;
    return expander_.isSafeToExpandAt(count, loop_.getLoopPreheader()->getTerminator());
  }

  // What the loop does.

  bool is_in_loop(const llvm::Value *value) const {
    const auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
    return instruction && instruction->getParent() == &body_;
  }

  /// All that touches memory; nothing else may have effects.
  bool find_accesses() {
    size_t position = 0;
    for (llvm::Instruction &instruction : body_) {
      position_[&instruction] = position++;
      if (!instruction.mayReadOrWriteMemory() && !instruction.mayHaveSideEffects()) continue;
      if (!add_access(instruction)) return false;
    }
    return !accesses_.empty();
  }

  bool add_access(llvm::Instruction &instruction) {
    const auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
    const auto *store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (load ? !load->isSimple() : !store || !store->isSimple()) return false;
    llvm::Type *type = llvm::getLoadStoreType(&instruction);
    const llvm::TypeSize size = body_.getDataLayout().getTypeSizeInBits(type);
    if (!Blocks::has_type(type) || type->getScalarSizeInBits() % 8 != 0 || type->isIntegerTy(128) || size != body_.getDataLayout().getTypeAllocSizeInBits(type)) return false;
    const llvm::SCEV *address = evolution_.getSCEV(const_cast<llvm::Value *>(llvm::getLoadStorePointerOperand(&instruction)));
    const auto *stepping = llvm::dyn_cast<llvm::SCEVAddRecExpr>(address);
    if (!stepping) {
      if (!load || !evolution_.isLoopInvariant(address, &loop_)) return false;
      if (!expander_.isSafeToExpandAt(address, loop_.getLoopPreheader()->getTerminator())) return false;
      accesses_.push_back({&instruction, address, 0});
      return true;
    }
    if (stepping->getLoop() != &loop_ || !stepping->isAffine()) return false;
    const auto *step = llvm::dyn_cast<llvm::SCEVConstant>(stepping->getStepRecurrence(evolution_));
    if (!step || step->getAPInt().abs() != size.getFixedValue() / 8) return false;
    if (!expander_.isSafeToExpandAt(stepping->getStart(), loop_.getLoopPreheader()->getTerminator())) return false;
    accesses_.push_back({&instruction, stepping->getStart(), step->getAPInt().getSExtValue()});
    return true;
  }

  const llvm::SCEVAddRecExpr *counter(llvm::Value *value) const {
    if (!evolution_.isSCEVable(value->getType())) return nullptr;
    const auto *recurrence = llvm::dyn_cast<llvm::SCEVAddRecExpr>(evolution_.getSCEV(value));
    return recurrence && recurrence->getLoop() == &loop_ && recurrence->isAffine() ? recurrence : nullptr;
  }

  bool is_expandable(const llvm::SCEVAddRecExpr &stepping) const {
    llvm::Instruction *there = loop_.getLoopPreheader()->getTerminator();
    return expander_.isSafeToExpandAt(stepping.getStart(), there) && expander_.isSafeToExpandAt(stepping.getStepRecurrence(evolution_), there);
  }

  // What is carried from one iteration to the next.

  bool find_carried() {
    for (llvm::PHINode &phi : body_.phis()) {
      if (const auto *stepping = counter(&phi)) {
        if (!is_expandable(*stepping)) return false;
        continue;
      }
      if (!Blocks::has_type(phi.getType())) return false;
      Carried carried{Carried::Previous, &phi, phi.getIncomingValueForBlock(&body_)};
      if (!find_reduction(carried)) find_addition(carried);
      carried_.push_back(carried);
    }
    return true;
  }

  /// The value, or what it is only another type of.
  static llvm::Value *without_casts(llvm::Value *value) {
    while (auto *cast = llvm::dyn_cast<llvm::BitCastInst>(value)) value = cast->getOperand(0);
    return value;
  }

  /// If it goes through a chain of operations of one kind whose order does not matter, and nothing else sees what is between.
  bool find_reduction(Carried &carried) {
    llvm::Instruction *first = nullptr;
    llvm::SmallVector<llvm::Instruction *, 8> chain;
    for (llvm::Value *value = carried.phi; value != carried.next;) {
      auto *user = value->hasOneUse() ? llvm::dyn_cast<llvm::Instruction>(value->user_back()) : nullptr;
      if (!user || user->getParent() != &body_ || llvm::isa<llvm::PHINode>(user)) return false;
      if (!llvm::isa<llvm::BitCastInst>(user)) {
        if (!identity_of(*user) || (first && !is_alike(*user, *first))) return false;
        if (!first) first = user;
      }
      chain.push_back(user);
      value = user;
    }
    const auto is_inside = [&](const llvm::User *user) { return user != carried.phi && is_in_loop(user); };
    if (!first || std::ranges::any_of(carried.next->users(), is_inside)) return false;
    reducing_.insert(chain.begin(), chain.end());
    carried.kind = Carried::Reduction;
    carried.operation = first;
    return true;
  }

  static bool is_alike(const llvm::Instruction &a, const llvm::Instruction &b) {
    const auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&a), *other = llvm::dyn_cast<llvm::IntrinsicInst>(&b);
    if (call && other && call->getIntrinsicID() != other->getIntrinsicID()) return false;
    return a.getOpcode() == b.getOpcode() && a.getType() == b.getType();
  }

  /// What the operation leaves as it is, if the operation is one of those on integers whose order does not matter.
  static llvm::Constant *identity_of(llvm::Instruction &instruction) {
    if (!instruction.getType()->isIntOrIntVectorTy() || !instruction.isAssociative() || !instruction.isCommutative()) return nullptr;
    return llvm::ConstantExpr::getIdentity(&instruction, instruction.getType());
  }

  /// If the same is added to it each time.
  void find_addition(Carried &carried) const {
    auto *sum = llvm::dyn_cast<llvm::BinaryOperator>(without_casts(carried.next));
    if (!sum || sum->getOpcode() != llvm::Instruction::Add) return;
    const bool is_left = without_casts(sum->getOperand(0)) == carried.phi;
    if ((!is_left && without_casts(sum->getOperand(1)) != carried.phi) || !loop_.isLoopInvariant(sum->getOperand(is_left ? 1 : 0))) return;
    carried.kind = Carried::Steps;
    carried.operation = sum;
    carried.step = sum->getOperand(is_left ? 1 : 0);
  }

  const Carried *carried(const llvm::Value *phi) const {
    const auto found = std::ranges::find(carried_, phi, &Carried::phi);
    return found == carried_.end() ? nullptr : &*found;
  }

  // Whether all of it can be done in wide vectors.

  bool can_widen_all() {
    for (const Access &access : accesses_) {
      if (!llvm::isa<llvm::StoreInst>(access.instruction)) continue;
      const auto load = latest_load(access.instruction->getOperand(0));
      if (!load || *load > position_.at(access.instruction)) return false;
    }
    if (!std::ranges::all_of(carried_, [&](const Carried &carried) { return latest_load(carried.next).has_value(); })) return false;
    return std::ranges::all_of(loop_.getExitBlock()->phis(), [&](llvm::PHINode &phi) {
      llvm::Value *value = phi.getIncomingValueForBlock(&body_);
      if (const auto *stepping = counter(value)) return is_expandable(*stepping);
      return loop_.isLoopInvariant(value) || latest_load(value).has_value();
    });
  }

  /// Nothing if a value cannot be had; else the position of the last of the loads that it needs, or 0.
  std::optional<size_t> latest_load(llvm::Value *value) {
    if (!Blocks::has_type(value->getType())) return std::nullopt;
    if (!is_in_loop(value)) return 0;
    if (const auto *stepping = counter(value)) return value->getType()->isIntegerTy() && is_expandable(*stepping) ? std::optional<size_t>(0) : std::nullopt;
    const auto [known, is_new] = latest_.try_emplace(value);  // nothing while it is being found: what depends on itself cannot be had
    if (!is_new) return known->second;
    const auto found = latest_load_of(*llvm::cast<llvm::Instruction>(value));
    return latest_[value] = found;
  }

  std::optional<size_t> latest_load_of(llvm::Instruction &instruction) {
    if (llvm::isa<llvm::LoadInst>(instruction)) return position_.at(&instruction);
    if (const Carried *known = carried(&instruction)) return known->kind == Carried::Previous ? latest_load(known->next) : 0;
    if (!blocks_.can_operate(instruction)) return std::nullopt;
    size_t latest = 0;
    for (unsigned i = 0; i < instruction.getNumOperands(); ++i) {
      if (Blocks::stays_single(instruction, i)) {
        if (is_in_loop(instruction.getOperand(i))) return std::nullopt;
        continue;
      }
      const auto found = latest_load(instruction.getOperand(i));
      if (!found) return std::nullopt;
      latest = std::max(latest, *found);
    }
    return latest;
  }

  /// Whether blocks of consecutive iterations may be accessed at once, maybe after a check that arrays do not overlap. All of an access comes where its first was.
  bool keeps_order() {
    accessed_.emplace(&loop_, &evolution_, &facts_.costs, &facts_.library, &facts_.aliases, &facts_.dominators, &facts_.loops, &facts_.assumptions);
    if (!accessed_->canVectorizeMemory() || !accessed_->getPSE().getPredicate().isAlwaysTrue()) return false;
    if (accessed_->hasLoadStoreDependenceInvolvingLoopInvariantAddress() || accessed_->hasStoreStoreDependenceInvolvingLoopInvariantAddress()) return false;
    if (accessed_->getNumRuntimePointerChecks() > kMaxChecks) return false;
    return accessed_->getDepChecker().getMaxSafeVectorWidthInBits() >= uint64_t{widest_access(loop_)} * blocks_.count();
  }

  // before (→ check)? → enter → wide → middle → exit
  //        → rest                            → rest → this loop → exit

  void split() {
    llvm::LLVMContext &context = body_.getContext();
    llvm::BasicBlock *exit = loop_.getExitBlock();
    llvm::Function *function = body_.getParent();
    before_ = loop_.getLoopPreheader();
    rest_ = llvm::SplitBlock(before_, before_->getTerminator(), &facts_.dominators, &facts_.loops, nullptr, "wide.rest");
    const auto block = [&](const char *name) { return llvm::BasicBlock::Create(context, name, function, rest_); };
    if (accessed_->getNumRuntimePointerChecks() > 0) check_ = block("wide.check");
    enter_ = block("wide.enter"), wide_ = block("wide"), middle_ = block("wide.left");
    llvm::Value *open = llvm::PoisonValue::get(builder_.getInt1Ty());  // conditions that follow
    llvm::BasicBlock *next = check_ ? check_ : enter_;
    before_->getTerminator()->eraseFromParent();
    llvm::BranchInst::Create(rest_, next, open, before_);
    if (check_) llvm::BranchInst::Create(rest_, enter_, open, check_);
    llvm::BranchInst::Create(wide_, enter_);
    llvm::BranchInst::Create(middle_, wide_, open, wide_);
    llvm::BranchInst::Create(exit, rest_, open, middle_);
    using Tree = llvm::DominatorTree;
    llvm::SmallVector<Tree::UpdateType, 8> edges{{Tree::Insert, before_, next}, {Tree::Insert, enter_, wide_}, {Tree::Insert, wide_, middle_},
                                                 {Tree::Insert, middle_, exit}, {Tree::Insert, middle_, rest_}};
    if (check_) edges.append({{Tree::Insert, check_, enter_}, {Tree::Insert, check_, rest_}});
    facts_.dominators.applyUpdates(edges);
    add_to_loops();
  }

  void add_to_loops() {
    llvm::Loop *outer = loop_.getParentLoop(), *made = facts_.loops.AllocateLoop();
    if (outer) outer->addChildLoop(made);
    else facts_.loops.addTopLevelLoop(made);
    made->addBasicBlockToLoop(wide_, facts_.loops);
    for (llvm::BasicBlock *block : {check_, enter_, middle_})
      if (block && outer) outer->addBasicBlockToLoop(block, facts_.loops);
    llvm::addStringMetadataToLoop(made, "llvm.loop.isvectorized", 1);
    llvm::addStringMetadataToLoop(&loop_, "llvm.loop.isvectorized", 1);
    llvm::addStringMetadataToLoop(&loop_, check_ ? "llvm.loop.unroll.runtime.disable" : "llvm.loop.unroll.disable", 1);
  }

  // In front of the wide loop.

  void enter() {
    builder_.SetInsertPoint(before_->getTerminator());
    const llvm::SCEV *backedges = evolution_.getBackedgeTakenCount(&loop_);
    count_ = builder_.CreateAdd(builder_.CreateZExt(expand(backedges), builder_.getInt64Ty()), builder_.getInt64(1));
    done_ = builder_.CreateAnd(count_, builder_.getInt64(-uint64_t{blocks_.count()}));
    set_condition(before_, builder_.CreateICmpULT(count_, builder_.getInt64(kFewest * blocks_.count())));
    if (check_) {
      llvm::Value *overlap = llvm::addRuntimeChecks(check_->getTerminator(), &loop_, accessed_->getRuntimePointerChecking()->getChecks(), expander_,
                                                    llvm::VectorizerParams::HoistRuntimeChecks);
      set_condition(check_, overlap);
    }
  }

  static void set_condition(llvm::BasicBlock *block, llvm::Value *condition) { llvm::cast<llvm::BranchInst>(block->getTerminator())->setCondition(condition); }
  llvm::Value *expand(const llvm::SCEV *value) { return expander_.expandCodeFor(value, value->getType(), builder_.GetInsertPoint()); }
  void go_to(llvm::BasicBlock *block) { builder_.SetInsertPoint(block->getTerminator()); builder_.SetCurrentDebugLocation({}); }

  llvm::Value *start_of(const Carried &carried) const { return carried.phi->getIncomingValueForBlock(rest_); }

  llvm::Value *wide_start_of(const Carried &carried) {
    llvm::Value *start = start_of(carried);
    llvm::SmallVector<llvm::Value *, 8> blocks{start};
    if (carried.kind == Carried::Previous) return blocks_.repeat(start, builder_);
    llvm::Type *type = carried.operation->getType();
    while (blocks.size() < blocks_.count())
      if (carried.kind == Carried::Reduction) blocks.push_back(builder_.CreateBitCast(identity_of(*carried.operation), start->getType()));
      else blocks.push_back(builder_.CreateBitCast(builder_.CreateAdd(builder_.CreateBitCast(blocks.back(), type), carried.step), start->getType()));
    return blocks_.join(blocks, builder_);
  }

  /// A value of the wide loop that begins with `start` and steps by `step`.
  llvm::PHINode *stepping(llvm::Value *start, llvm::Value *step) {
    llvm::IRBuilder<>::InsertPointGuard guard(builder_);
    builder_.SetInsertPoint(wide_, wide_->begin());
    llvm::PHINode *phi = builder_.CreatePHI(start->getType(), 2);
    go_to(wide_);
    phi->addIncoming(start, enter_);
    phi->addIncoming(builder_.CreateAdd(phi, step), wide_);
    return phi;
  }

  // The wide loop.

  void fill() {
    enter();
    llvm::PHINode *iteration = stepping(builder_.getInt64(0), builder_.getInt64(blocks_.count()));
    auto *next = llvm::cast<llvm::BinaryOperator>(iteration->getIncomingValueForBlock(wide_));
    next->setHasNoUnsignedWrap();
    next->setHasNoSignedWrap();
    for (Carried &carried : carried_) {
      go_to(enter_);
      llvm::Value *start = wide_start_of(carried);
      builder_.SetInsertPoint(wide_, wide_->begin());
      carried.wide = builder_.CreatePHI(start->getType(), 2);
      carried.wide->addIncoming(start, enter_);
    }
    for (const Access &access : accesses_) {
      if (llvm::isa<llvm::LoadInst>(access.instruction)) widened_[access.instruction] = load(access);
      else store(access);
    }
    for (Carried &carried : carried_) carried.wide->addIncoming(next_of(carried), wide_);
    go_to(wide_);
    set_condition(wide_, builder_.CreateICmpEQ(next, done_));
    next->moveBefore(wide_->getTerminator()->getPrevNode()->getIterator());
  }

  llvm::Value *next_of(const Carried &carried) {
    if (carried.kind != Carried::Steps) return widen(carried.next);
    go_to(enter_);
    llvm::Value *all = blocks_.repeat(carried.step, builder_);
    llvm::Value *step = builder_.CreateMul(all, llvm::ConstantInt::get(all->getType(), blocks_.count()));
    go_to(wide_);
    return builder_.CreateBitCast(builder_.CreateAdd(builder_.CreateBitCast(carried.wide, step->getType()), step), carried.wide->getType());
  }

  /// Accesses whose addresses are constants apart share one that steps.
  llvm::Value *address(const Access &access) {
    int64_t apart = access.step < 0 ? access.step * int64_t(blocks_.count() - 1) : 0;  // the last block is the lowest
    llvm::Value *first = nullptr;
    for (const auto &[known, value] : firsts_) {
      if (known.step != access.step) continue;
      const auto *distance = llvm::dyn_cast<llvm::SCEVConstant>(evolution_.getMinusSCEV(access.start, known.start));
      if (!distance) continue;
      apart += distance->getAPInt().getSExtValue();
      first = value;
      break;
    }
    if (!first) {
      go_to(enter_);
      first = expand(access.start);
      firsts_.emplace_back(access, first);
    }
    if (access.step != 0) {
      llvm::PHINode *&way = ways_[access.step];
      if (!way) way = stepping(builder_.getInt64(0), builder_.getInt64(uint64_t(access.step) * blocks_.count()));
    }
    go_to(wide_);
    builder_.SetCurrentDebugLocation(access.instruction->getDebugLoc());
    if (access.step != 0) first = builder_.CreateGEP(builder_.getInt8Ty(), first, ways_[access.step], "", llvm::GEPNoWrapFlags::inBounds());
    return apart == 0 ? first : builder_.CreateGEP(builder_.getInt8Ty(), first, builder_.getInt64(uint64_t(apart)), "", llvm::GEPNoWrapFlags::inBounds());
  }

  llvm::Value *load(const Access &access) {
    auto *narrow = llvm::cast<llvm::LoadInst>(access.instruction);
    llvm::Value *from = address(access);
    llvm::Type *type = access.step == 0 ? narrow->getType() : blocks_.type(narrow->getType());
    llvm::LoadInst *out = builder_.CreateAlignedLoad(type, from, narrow->getAlign());
    out->copyMetadata(*narrow, {llvm::LLVMContext::MD_tbaa});
    if (access.step == 0) return blocks_.repeat(out, builder_);
    return access.step < 0 ? blocks_.reverse(out, builder_) : out;
  }

  void store(const Access &access) {
    auto *narrow = llvm::cast<llvm::StoreInst>(access.instruction);
    llvm::Value *value = widen(narrow->getValueOperand()), *to = address(access);
    if (access.step < 0) value = blocks_.reverse(value, builder_);
    builder_.CreateAlignedStore(value, to, narrow->getAlign())->copyMetadata(*narrow, {llvm::LLVMContext::MD_tbaa});
  }

  llvm::Value *widen(llvm::Value *value) {
    if (const auto known = widened_.find(value); known != widened_.end()) return known->second;
    llvm::Value *made = make(value);
    return widened_[value] = made;
  }

  llvm::Value *make(llvm::Value *value) {
    if (!is_in_loop(value)) {
      go_to(enter_);
      return blocks_.repeat(value, builder_);
    }
    if (const auto *recurrence = counter(value)) return widen_counter(*recurrence);
    if (const Carried *known = carried(value)) {
      llvm::Value *blocks = known->kind == Carried::Previous ? widen(known->next) : nullptr;
      go_to(wide_);
      return blocks ? blocks_.delay(known->wide, blocks, builder_) : known->wide;
    }
    auto &instruction = llvm::cast<llvm::Instruction>(*value);
    if (Blocks::extends_half(instruction) && is_in_loop(instruction.getOperand(0))) {
      const auto &taken = llvm::cast<llvm::Instruction>(*instruction.getOperand(0));
      llvm::Value *left = widen(taken.getOperand(0)), *right = widen(taken.getOperand(1));
      go_to(wide_);
      return blocks_.extend_half(instruction, left, right, builder_);
    }
    llvm::SmallVector<llvm::Value *, 4> operands;
    for (unsigned i = 0; i < instruction.getNumOperands(); ++i)
      operands.push_back(Blocks::stays_single(instruction, i) ? instruction.getOperand(i) : widen(instruction.getOperand(i)));
    go_to(wide_);
    builder_.SetCurrentDebugLocation(instruction.getDebugLoc());
    llvm::Value *out = blocks_.operate(instruction, operands, builder_);
    // In another order it may wrap.
    if (auto *made = llvm::dyn_cast<llvm::Instruction>(out); made && reducing_.contains(&instruction)) made->dropPoisonGeneratingFlags();
    return out;
  }

  llvm::Value *widen_counter(const llvm::SCEVAddRecExpr &recurrence) {
    go_to(enter_);
    llvm::Value *start = expand(recurrence.getStart()), *step = expand(recurrence.getStepRecurrence(evolution_));
    llvm::SmallVector<llvm::Constant *, 8> numbers;
    for (unsigned i = 0; i < blocks_.count(); ++i) numbers.push_back(llvm::ConstantInt::get(start->getType(), i));
    llvm::Value *ahead = builder_.CreateMul(blocks_.repeat(step, builder_), llvm::ConstantVector::get(numbers));
    llvm::PHINode *first = stepping(start, builder_.CreateMul(step, llvm::ConstantInt::get(start->getType(), blocks_.count())));
    go_to(wide_);
    return builder_.CreateAdd(blocks_.repeat(first, builder_), ahead);
  }

  // Behind it.

  void hand_over() {
    go_to(middle_);
    set_condition(middle_, builder_.CreateICmpEQ(count_, done_));
    for (llvm::PHINode &phi : body_.phis()) {
      go_to(middle_);
      const Carried *known = carried(&phi);
      llvm::Value *start = phi.getIncomingValueForBlock(rest_), *after = known ? after_wide(*known) : counter_after(*counter(&phi), done_);
      builder_.SetInsertPoint(rest_, rest_->begin());
      llvm::PHINode *merged = builder_.CreatePHI(phi.getType(), 3);
      for (llvm::BasicBlock *block : {before_, check_})
        if (block) merged->addIncoming(start, block);
      merged->addIncoming(after, middle_);
      phi.setIncomingValueForBlock(rest_, merged);
    }
    for (llvm::PHINode &phi : loop_.getExitBlock()->phis()) {
      llvm::Value *after = last(phi.getIncomingValueForBlock(&body_));
      evolution_.forgetLcssaPhiWithNewPredecessor(&loop_, &phi);
      phi.addIncoming(after, middle_);
    }
    llvm::formDedicatedExitBlocks(&loop_, &facts_.dominators, &facts_.loops, nullptr, true);
    evolution_.forgetTopmostLoop(&loop_);
  }

  /// What the value of the header is when `loop_` goes on.
  llvm::Value *after_wide(const Carried &carried) {
    llvm::Type *type = carried.phi->getType();
    llvm::Value *all = carried.wide->getIncomingValueForBlock(wide_);
    if (carried.kind == Carried::Steps) return blocks_.extract(all, type, 0, builder_);
    if (carried.kind == Carried::Previous) return blocks_.extract(all, type, blocks_.count() - 1, builder_);
    llvm::Value *out = nullptr;
    for (unsigned i = 0; i < blocks_.count(); ++i) {
      llvm::Value *block = builder_.CreateBitCast(blocks_.extract(all, type, i, builder_), carried.operation->getType());
      out = out ? combine(*carried.operation, out, block) : block;
    }
    return builder_.CreateBitCast(out, type);
  }

  llvm::Value *combine(llvm::Instruction &operation, llvm::Value *left, llvm::Value *right) {
    if (const auto *extreme = llvm::dyn_cast<llvm::MinMaxIntrinsic>(&operation)) return builder_.CreateBinaryIntrinsic(extreme->getIntrinsicID(), left, right);
    return builder_.CreateBinOp(llvm::cast<llvm::BinaryOperator>(operation).getOpcode(), left, right);
  }

  /// What a value that steps is in an iteration.
  llvm::Value *counter_after(const llvm::SCEVAddRecExpr &recurrence, llvm::Value *iteration) {
    llvm::Value *start = expand(recurrence.getStart()), *step = expand(recurrence.getStepRecurrence(evolution_));
    llvm::Value *way = builder_.CreateMul(builder_.CreateZExtOrTrunc(iteration, step->getType()), step);
    return start->getType()->isPointerTy() ? builder_.CreatePtrAdd(start, way) : builder_.CreateAdd(start, way);
  }

  /// What a value is after the last iteration, if the wide loop has done that.
  llvm::Value *last(llvm::Value *value) {
    if (loop_.isLoopInvariant(value)) return value;
    for (const Carried &carried : carried_)
      if (carried.kind == Carried::Reduction && carried.next == value) {
        go_to(middle_);
        return after_wide(carried);
      }
    if (const auto *recurrence = counter(value)) {
      go_to(middle_);
      return counter_after(*recurrence, builder_.CreateSub(done_, builder_.getInt64(1)));
    }
    llvm::Value *all = widen(value);
    go_to(middle_);
    return blocks_.extract(all, value->getType(), blocks_.count() - 1, builder_);
  }

  llvm::Loop &loop_;
  llvm::BasicBlock &body_;
  Facts &facts_;
  llvm::ScalarEvolution &evolution_;
  llvm::SCEVExpander expander_{evolution_, "wide"};
  Blocks blocks_;
  llvm::IRBuilder<> builder_;
  std::vector<Access> accesses_;
  std::vector<Carried> carried_;
  llvm::SmallPtrSet<const llvm::Instruction *, 8> reducing_;
  llvm::DenseMap<const llvm::Value *, size_t> position_;
  llvm::DenseMap<llvm::Value *, std::optional<size_t>> latest_;
  std::optional<llvm::LoopAccessInfo> accessed_;
  llvm::BasicBlock *before_ = nullptr, *check_ = nullptr, *enter_ = nullptr, *wide_ = nullptr, *middle_ = nullptr, *rest_ = nullptr;
  llvm::Value *count_ = nullptr, *done_ = nullptr;           ///< i64: iterations; those that the wide loop does
  std::vector<std::pair<Access, llvm::Value *>> firsts_;     ///< of the addresses that constants lead to from others
  std::map<int64_t, llvm::PHINode *> ways_;                  ///< by step: bytes from the first address
  llvm::DenseMap<llvm::Value *, llvm::Value *> widened_;
};

}  // namespace

unsigned widest_vectors(const llvm::TargetTransformInfo &costs, unsigned bits) {
  return std::min(bits, unsigned(costs.getRegisterBitWidth(llvm::TargetTransformInfo::RGK_FixedWidthVector).getFixedValue()));
}

bool widens_vectors(const llvm::Loop &loop, unsigned vector_bits) {
  if (vector_bits < 2 * kBlockBits || loop.getNumBlocks() != 1) return false;
  const unsigned widest = widest_access(loop);
  if (widest < kBlockBits || vector_bits < 2 * widest) return false;
  const Blocks blocks(blocks_in(vector_bits, loop));
  return std::ranges::all_of(*loop.getHeader(), [&](const llvm::Instruction &instruction) {
    const bool is_vector = instruction.getType()->isVectorTy();
    return !is_vector || llvm::isa<llvm::LoadInst, llvm::PHINode>(instruction) || blocks.can_operate(instruction);
  });
}

bool shrink_loads(llvm::Loop &loop) {
  std::vector<std::pair<llvm::LoadInst *, unsigned>> found;
  for (llvm::BasicBlock *block : loop.blocks())
    for (llvm::Instruction &instruction : *block)
      if (auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction); load && load->isSimple())
        if (const unsigned lanes = lanes_needed(*load)) found.emplace_back(load, lanes);
  for (const auto &[load, lanes] : found) {
    llvm::IRBuilder<> builder(load);
    auto *type = llvm::FixedVectorType::get(load->getType()->getScalarType(), lanes);
    llvm::LoadInst *less = builder.CreateAlignedLoad(type, load->getPointerOperand(), load->getAlign());
    less->copyMetadata(*load, {llvm::LLVMContext::MD_tbaa});
    const llvm::SmallVector<llvm::User *, 4> users(load->users());
    for (llvm::User *user : users) {
      auto *shuffle = llvm::cast<llvm::ShuffleVectorInst>(user);
      builder.SetInsertPoint(shuffle);
      const bool is_all = shuffle->getType() == type && llvm::ShuffleVectorInst::isIdentityMask(shuffle->getShuffleMask(), int(lanes));
      shuffle->replaceAllUsesWith(is_all ? less : builder.CreateShuffleVector(less, shuffle->getShuffleMask()));
      shuffle->eraseFromParent();
    }
    load->eraseFromParent();
  }
  return !found.empty();
}

llvm::PreservedAnalyses WideVectors::run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
  const auto &costs = analyses.getResult<llvm::TargetIRAnalysis>(function);
  const unsigned bits = widest_vectors(costs, bits_);
  if (bits < 2 * kBlockBits) return llvm::PreservedAnalyses::all();
  auto &loops = analyses.getResult<llvm::LoopAnalysis>(function);
  std::vector<std::pair<llvm::Loop *, unsigned>> found;
  for (llvm::Loop *loop : loops.getLoopsInPreorder())
    if (loop->isInnermost() && !llvm::getBooleanLoopAttribute(loop, "llvm.loop.isvectorized") && widens_vectors(*loop, bits))
      found.emplace_back(loop, blocks_in(bits, *loop));
  if (found.empty()) return llvm::PreservedAnalyses::all();
  Facts facts{loops, analyses.getResult<llvm::DominatorTreeAnalysis>(function), analyses.getResult<llvm::ScalarEvolutionAnalysis>(function),
              analyses.getResult<llvm::AAManager>(function), analyses.getResult<llvm::AssumptionAnalysis>(function),
              analyses.getResult<llvm::TargetLibraryAnalysis>(function), costs};
  bool changed = false;
  for (const auto &[loop, count] : found) changed |= LoopWidener(*loop, facts, count).run();
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace wasmc::codegen
