#include "codegen/unrolled.h"

#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "codegen/wide_vectors.h"

namespace wasmc::codegen {
namespace {

constexpr unsigned kMostCopies = 16;

/// Sums and the like, whose order does not matter for integers.
bool is_integer_reduction(const llvm::Instruction &instruction) {
  if (!instruction.getType()->isIntOrIntVectorTy()) return false;
  if (llvm::isa<llvm::MinMaxIntrinsic>(instruction)) return true;
  return instruction.isAssociative() && instruction.isCommutative() && llvm::isa<llvm::BinaryOperator>(instruction);
}

/// Tries one number of copies.
class CopyFinder {
 public:
  CopyFinder(const llvm::Loop &loop, llvm::ScalarEvolution &evolution, llvm::ArrayRef<SteppingAccess> accesses, unsigned times)
      : body_(*loop.getHeader()), loop_(loop), evolution_(evolution), accesses_(accesses), times_(times) {}

  std::optional<UnrolledLoop> find() {
    if (!index() || !pair_carried() || !pair_stores() || !leaves_only_carried() || !match_roots() || !keeps_order()) return std::nullopt;
    return result();
  }

 private:
  /// Nothing if something is done there that is no access of those given.
  bool index() {
    for (const SteppingAccess &access : accesses_) by_instruction_[access.instruction] = &access;
    size_t position = 0;
    for (llvm::Instruction &instruction : body_) {
      position_[&instruction] = position++;
      const SteppingAccess *access = access_of(&instruction);
      if (!access && instruction.mayHaveSideEffects()) return false;
      if (access && llvm::isa<llvm::LoadInst>(instruction)) loaded_[{access->group, access->offset}].push_back(&instruction);
    }
    for (llvm::PHINode &phi : body_.phis())
      if (const SteppingAccess *access = load_of(phi.getIncomingValueForBlock(&body_))) loaded_[{access->group, access->offset - access->step}].push_back(&phi);
    return true;
  }

  const SteppingAccess *access_of(const llvm::Value *value) const {
    const auto found = by_instruction_.find(value);
    return found == by_instruction_.end() ? nullptr : found->second;
  }
  const SteppingAccess *load_of(const llvm::Value *value) const { return llvm::isa<llvm::LoadInst>(value) ? access_of(value) : nullptr; }
  /// Bytes from a copy's access to the next copy's.
  int64_t stride(const SteppingAccess &access) const { return access.step / int64_t(times_); }

  // Roots: what the rest of the body is there for.

  bool pair_carried() {
    for (llvm::PHINode &phi : body_.phis()) {
      if (constant_step(&phi, loop_, evolution_)) continue;
      llvm::Value *next = phi.getIncomingValueForBlock(&body_);
      if (const SteppingAccess *access = load_of(next)) {
        if (!pair_loaded(phi, *access)) return false;
      } else if (!pair_reduction(phi, next)) {
        return false;
      }
    }
    return true;
  }

  /// `phi` is what the iteration before has loaded last.
  bool pair_loaded(llvm::PHINode &phi, const SteppingAccess &last) {
    std::vector<llvm::Value *> &after = carried_[&phi];
    for (unsigned copy = 0; copy + 1 < times_; ++copy) {
      const auto found = loaded_.find({last.group, last.offset - int64_t(times_ - 1 - copy) * stride(last)});
      if (found == loaded_.end() || found->second.size() != 1 || found->second[0]->getType() != phi.getType()) return false;
      after.push_back(found->second[0]);
    }
    after.push_back(last.instruction);
    return true;
  }

  /// `phi` goes through a chain of operations of one kind, as many for each copy.
  bool pair_reduction(llvm::PHINode &phi, llvm::Value *last) {
    std::vector<llvm::Value *> chain;
    for (llvm::Value *value = &phi; value != last;) {
      llvm::Instruction *user = only_user(*value);
      if (!user || !is_integer_reduction(*user) || user->getNumOperands() < 2) return false;
      if (!chain.empty() && !llvm::cast<llvm::Instruction>(chain.back())->isSameOperationAs(user)) return false;
      if (user->getOperand(0) == user->getOperand(1) || chain.size() > position_.size()) return false;
      chain.push_back(user);
      value = user;
    }
    if (chain.empty() || chain.size() % times_ != 0) return false;
    for (size_t i = chain.size() / times_; i <= chain.size(); i += chain.size() / times_) carried_[&phi].push_back(chain[i - 1]);
    return true;
  }

  llvm::Instruction *only_user(llvm::Value &value) const {
    if (!value.hasOneUser()) return nullptr;
    auto *user = llvm::dyn_cast<llvm::Instruction>(*value.user_begin());
    return user && user->getParent() == &body_ && !llvm::isa<llvm::PHINode>(user) ? user : nullptr;
  }

  bool pair_stores() {
    std::map<size_t, std::map<int64_t, const SteppingAccess *>> stores;
    for (const SteppingAccess &access : accesses_) {
      if (!llvm::isa<llvm::StoreInst>(access.instruction)) continue;
      if (!stores[access.group].emplace(access.offset, &access).second) return false;
    }
    for (auto &[group, left] : stores)
      while (!left.empty()) {
        const SteppingAccess *first = left.begin()->second->step > 0 ? left.begin()->second : left.rbegin()->second;
        std::vector<const SteppingAccess *> &row = stores_.emplace_back();
        for (unsigned copy = 0; copy < times_; ++copy) {
          const auto found = left.find(first->offset + int64_t(copy) * stride(*first));
          if (found == left.end()) return false;
          row.push_back(found->second);
          left.erase(found);
        }
      }
    return true;
  }

  /// What is used after the loop is known there: a counter, or what is carried to the next iteration.
  bool leaves_only_carried() const {
    for (const llvm::PHINode &phi : loop_.getExitBlock()->phis()) {
      llvm::Value *value = phi.getIncomingValueForBlock(&body_);
      const auto is_value = [&](const auto &carried) { return carried.second.back() == value; };
      if (!loop_.isLoopInvariant(value) && !constant_step(value, loop_, evolution_) && std::ranges::none_of(carried_, is_value)) return false;
    }
    return true;
  }

  bool match_roots() {
    if (stores_.empty() && carried_.empty()) return false;
    for (unsigned copy = 1; copy < times_; ++copy) {
      for (const auto &row : stores_)
        if (!match(row[0]->instruction, row[copy]->instruction, copy)) return false;
      for (const auto &[phi, after] : carried_)
        if (!match(after[0], after[copy], copy)) return false;
    }
    return true;
  }

  // Whether a value of a copy is what `first` is in the first copy.

  bool match(llvm::Value *first, llvm::Value *other, unsigned copy) {
    auto *a = llvm::dyn_cast<llvm::Instruction>(first);
    if (!a || a->getParent() != &body_) return first == other;
    if (matched_.contains({a, other, copy})) return true;
    if (first->getType() != other->getType()) return false;
    if (const auto step = constant_step(a, loop_, evolution_)) {
      if (!match_counters(a, other, *step, copy)) return false;
      counters_.insert(a);
      return true;
    }
    if (const auto found = carried_.find(a); found != carried_.end()) return other == found->second[copy - 1];
    auto *b = llvm::dyn_cast<llvm::Instruction>(other);
    if (!b || b->getParent() != &body_ || a == b || unlike_.contains({a, other, copy})) return false;
    const bool is_like = match_instructions(*a, *b, copy);
    (is_like ? matched_ : unlike_).insert({a, other, copy});
    return is_like;
  }

  bool match_counters(llvm::Value *first, llvm::Value *other, const llvm::APInt &step, unsigned copy) const {
    if (step.getSExtValue() % int64_t(times_) != 0) return false;
    const auto *apart = llvm::dyn_cast<llvm::SCEVConstant>(evolution_.getMinusSCEV(evolution_.getSCEV(other), evolution_.getSCEV(first)));
    return apart && apart->getAPInt().getSExtValue() == step.getSExtValue() / int64_t(times_) * int64_t(copy);
  }

  bool match_instructions(llvm::Instruction &a, llvm::Instruction &b, unsigned copy) {
    if (llvm::isa<llvm::PHINode>(a) || !a.isSameOperationAs(&b, llvm::Instruction::CompareIgnoringAlignment)) return false;
    if (const SteppingAccess *access = access_of(&a)) {
      const SteppingAccess *there = access_of(&b);
      if (!there || there->group != access->group || there->offset != access->offset + int64_t(copy) * stride(*access)) return false;
      return llvm::isa<llvm::LoadInst>(a) || match(a.getOperand(0), b.getOperand(0), copy);
    }
    if (a.mayReadOrWriteMemory() || a.mayHaveSideEffects() || a.isTerminator()) return false;
    if (match_operands(a, b, copy)) return true;
    return a.isCommutative() && match(a.getOperand(0), b.getOperand(1), copy) && match(a.getOperand(1), b.getOperand(0), copy) && match_operands(a, b, copy, 2);
  }

  /// The function of a call is one of them.
  bool match_operands(llvm::Instruction &a, llvm::Instruction &b, unsigned copy, unsigned from = 0) {
    for (unsigned i = from; i < a.getNumOperands(); ++i)
      if (!match(a.getOperand(i), b.getOperand(i), copy)) return false;
    return true;
  }

  // Order.

  struct Touch {
    const llvm::Instruction *instruction, *first;  ///< first: the first copy's
    unsigned copy;
  };

  /// Whether each access comes behind the same accesses as before, of those that it may overlap.
  bool keeps_order() const {
    std::vector<Touch> loads, stores;
    std::set<const llvm::Instruction *> firsts;
    for (const auto &[first, other, copy] : matched_) {
      if (!access_of(first)) continue;
      auto &list = llvm::isa<llvm::StoreInst>(first) ? stores : loads;
      list.push_back({llvm::cast<llvm::Instruction>(other), first, copy});
      if (firsts.insert(first).second) list.push_back({first, first, 0});
    }
    return std::ranges::all_of(stores, [&](const Touch &store) {
      const auto keeps = [&](const Touch &touch) { return is_before(store, touch) == was_before(store, touch) || !may_overlap(store, touch); };
      return std::ranges::all_of(stores, keeps) && std::ranges::all_of(loads, keeps);
    });
  }

  bool was_before(const Touch &a, const Touch &b) const { return position_.at(a.instruction) < position_.at(b.instruction); }
  bool is_before(const Touch &a, const Touch &b) const {
    return a.copy != b.copy ? a.copy < b.copy : position_.at(a.first) < position_.at(b.first);
  }

  bool may_overlap(const Touch &a, const Touch &b) const {
    const SteppingAccess &left = *access_of(a.instruction), &right = *access_of(b.instruction);
    if (left.group != right.group) return true;
    return left.offset < right.offset + size_of(*b.instruction) && right.offset < left.offset + size_of(*a.instruction);
  }

  int64_t size_of(const llvm::Instruction &access) const {
    return int64_t(body_.getDataLayout().getTypeStoreSize(llvm::getLoadStoreType(&access)).getFixedValue());
  }

  /// In the order of the body: what is made of it must not depend on where its instructions are in memory.
  UnrolledLoop result() const {
    UnrolledLoop out{.times = times_, .repeated = {}, .counters = {counters_.begin(), counters_.end()}, .carried = {}, .copies = {}};
    const auto position = [&](const llvm::Value *value) { return position_.at(value); };
    for (const auto &row : stores_)
      for (size_t copy = 1; copy < row.size(); ++copy) out.repeated.push_back(row[copy]->instruction);
    for (const auto &[phi, after] : carried_)
      out.carried.emplace_back(llvm::cast<llvm::PHINode>(const_cast<llvm::Value *>(phi)), after[0]);
    for (const auto &[first, other, copy] : matched_) out.copies.emplace_back(first, llvm::cast<llvm::Instruction>(other));
    std::ranges::sort(out.counters, {}, position);
    std::ranges::sort(out.carried, {}, [&](const auto &carried) { return position(carried.first); });
    std::ranges::sort(out.copies, {}, [&](const auto &pair) { return std::pair(position(pair.first), position(pair.second)); });
    return out;
  }

  llvm::BasicBlock &body_;
  const llvm::Loop &loop_;
  llvm::ScalarEvolution &evolution_;
  llvm::ArrayRef<SteppingAccess> accesses_;
  unsigned times_;
  std::map<const llvm::Value *, const SteppingAccess *> by_instruction_;
  std::map<const llvm::Value *, size_t> position_;
  std::map<std::pair<size_t, int64_t>, std::vector<llvm::Value *>> loaded_;          ///< by group and offset; what was loaded the iteration before too
  std::vector<std::vector<const SteppingAccess *>> stores_;                          ///< rows: what is the same in each copy
  std::map<const llvm::Value *, std::vector<llvm::Value *>> carried_;                ///< values of the header → what each is after each copy
  std::set<std::tuple<llvm::Instruction *, llvm::Value *, unsigned>> matched_, unlike_;  ///< the first copy's, another's, which
  std::set<llvm::Instruction *> counters_;
};

/// Neither atomic nor volatile.
bool is_plain(const llvm::Instruction &access) {
  const auto *load = llvm::dyn_cast<llvm::LoadInst>(&access);
  return load ? load->isSimple() : llvm::cast<llvm::StoreInst>(access).isSimple();
}

}  // namespace

std::optional<llvm::APInt> constant_step(llvm::Value *value, const llvm::Loop &loop, llvm::ScalarEvolution &evolution) {
  if (!value->getType()->isIntegerTy(32) && !value->getType()->isIntegerTy(64)) return std::nullopt;
  const auto *counter = llvm::dyn_cast<llvm::SCEVAddRecExpr>(evolution.getSCEV(value));
  if (!counter || counter->getLoop() != &loop || !counter->isAffine()) return std::nullopt;
  const auto *step = llvm::dyn_cast<llvm::SCEVConstant>(counter->getStepRecurrence(evolution));
  return step ? std::optional(step->getAPInt()) : std::nullopt;
}

std::optional<UnrolledLoop> find_unrolled(const llvm::Loop &loop, llvm::ScalarEvolution &evolution, llvm::ArrayRef<SteppingAccess> accesses, unsigned vector_bits) {
  const bool has_vectors = std::ranges::any_of(accesses, [](const SteppingAccess &access) { return llvm::getLoadStoreType(access.instruction)->isVectorTy(); }) ||
                           std::ranges::any_of(loop.getHeader()->phis(), [](const llvm::PHINode &phi) { return phi.getType()->isVectorTy(); });
  if (has_vectors && !widens_vectors(loop, vector_bits)) return std::nullopt;
  if (loop.getNumBlocks() != 1 || !std::ranges::all_of(accesses, [](const SteppingAccess &access) { return is_plain(*access.instruction); })) return std::nullopt;
  for (unsigned times = kMostCopies; times > 1; --times) {
    if (std::ranges::any_of(accesses, [&](const SteppingAccess &access) { return access.step % int64_t(times) != 0; })) continue;
    if (auto found = CopyFinder(loop, evolution, accesses, times).find()) return found;
  }
  return std::nullopt;
}

}  // namespace wasmc::codegen
