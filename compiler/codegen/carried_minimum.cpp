// Two ways to wait for less. "Minimum" stands for maximum too, where one is subtracted instead of added.
//
// min(min(carried, a), b) is min(carried, min(a, b)).
//
// min(other, min(carried, beside) + 1) is min(carried, min(beside, other - 1)) + 1 if neither sum wraps, that is,
// unless `beside` is the largest number or `other` the least. That is asked, by branches that are foreseen; then it is
// computed as it was.
#include "codegen/carried_minimum.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Local.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "codegen/carried_values.h"

namespace wasmc::codegen {
namespace {

using llvm::MinMaxIntrinsic;

constexpr size_t kMostLeaves = 16;

/// Of the types that Wasm has.
MinMaxIntrinsic *scalar_minimum(llvm::Value *value) {
  auto *minimum = llvm::dyn_cast<MinMaxIntrinsic>(value);
  return minimum && (minimum->getType()->isIntegerTy(32) || minimum->getType()->isIntegerTy(64)) ? minimum : nullptr;
}

/// A minimum that is of use for nothing but another one of its kind.
MinMaxIntrinsic *inner_minimum(llvm::Value *value, const MinMaxIntrinsic &outer) {
  MinMaxIntrinsic *inner = scalar_minimum(value);
  return inner && inner->hasOneUse() && inner->getIntrinsicID() == outer.getIntrinsicID() ? inner : nullptr;
}

/// The minimum of several values, one of which is carried.
class Chain {
 public:
  explicit Chain(MinMaxIntrinsic &root) : root_(root) { collect(root); }

  /// Whether the carried one goes through more than one of the minima.
  bool is_long(const CarriedValues &carried) const {
    if (leaves_.size() < 3 || leaves_.size() > kMostLeaves) return false;
    const auto is_carried = [&](const llvm::Value *leaf) { return carried.contains(leaf); };
    return std::ranges::count_if(leaves_, is_carried) == 1 &&
           std::ranges::none_of(root_.args(), [&](const llvm::Use &leaf) {
             return is_carried(leaf) && llvm::is_contained(leaves_, leaf);
           });
  }

  /// The new minimum is carried as the old one was: it may be part of the next chain.
  void put_last(CarriedValues &carried) {
    llvm::IRBuilder<> builder(&root_);
    llvm::Value *rest = nullptr, *last = nullptr;
    for (llvm::Value *leaf : leaves_) {
      if (carried.contains(leaf))
        last = leaf;
      else
        rest = rest ? builder.CreateBinaryIntrinsic(root_.getIntrinsicID(), rest, leaf) : leaf;
    }
    llvm::Value *minimum = builder.CreateBinaryIntrinsic(root_.getIntrinsicID(), rest, last);
    carried.insert(minimum);
    root_.replaceAllUsesWith(minimum);
  }

 private:
  void collect(MinMaxIntrinsic &minimum) {
    for (llvm::Value *operand : minimum.args()) {
      MinMaxIntrinsic *inner = leaves_.size() > kMostLeaves ? nullptr : inner_minimum(operand, minimum);
      inner ? collect(*inner) : leaves_.push_back(operand);
    }
  }

  MinMaxIntrinsic &root_;
  std::vector<llvm::Value *> leaves_;
};

/// min(other, min(carried, beside) + 1).
struct Link {
  MinMaxIntrinsic *outer, *inner;
  llvm::Instruction *sum;
  llvm::Value *other, *beside;
};

bool is_min(const MinMaxIntrinsic &minimum) { return llvm::ICmpInst::isLT(minimum.getPredicate()); }

std::optional<Link> link_of(MinMaxIntrinsic &outer, const CarriedValues &carried) {
  using namespace llvm::PatternMatch;
  for (const unsigned operand : {0u, 1u}) {
    llvm::Value *sum = outer.getArgOperand(operand), *other = outer.getArgOperand(1 - operand), *stepped;
    const bool steps = is_min(outer) ? match(sum, m_OneUse(m_Add(m_Value(stepped), m_One())))
                                     : match(sum, m_OneUse(m_Add(m_Value(stepped), m_AllOnes())));
    MinMaxIntrinsic *inner = steps ? inner_minimum(stepped, outer) : nullptr;
    if (!inner || !carried.contains(inner) || carried.contains(other)) continue;
    const bool is_left = carried.contains(inner->getLHS());
    if (is_left == carried.contains(inner->getRHS())) continue;
    return Link{&outer, inner, llvm::cast<llvm::Instruction>(sum), other, is_left ? inner->getRHS() : inner->getLHS()};
  }
  return std::nullopt;
}

void shorten(const Link &link) {
  MinMaxIntrinsic &outer = *link.outer;
  const llvm::Intrinsic::ID kind = outer.getIntrinsicID();
  llvm::Type *type = outer.getType();
  const auto extreme = [&](llvm::Intrinsic::ID id) {
    return llvm::ConstantInt::get(type, MinMaxIntrinsic::getSaturationPoint(id, type->getIntegerBitWidth()));
  };
  llvm::Constant *step = llvm::ConstantInt::getSigned(type, is_min(outer) ? 1 : -1);
  llvm::Value *carried = link.inner->getLHS() == link.beside ? link.inner->getRHS() : link.inner->getLHS();

  llvm::IRBuilder<> builder(&outer);
  // A branch must not depend on poison, which a minimum may.
  llvm::Value *other = builder.CreateFreeze(link.other), *beside = builder.CreateFreeze(link.beside);
  llvm::Value *wraps = builder.CreateOr(builder.CreateICmpEQ(other, extreme(kind)),
                                        builder.CreateICmpEQ(beside, extreme(llvm::getInverseMinMaxIntrinsic(kind))));

  llvm::Instruction *slow, *fast;
  llvm::SplitBlockAndInsertIfThenElse(wraps, &outer, &slow, &fast,
                                      llvm::MDBuilder(type->getContext()).createUnlikelyBranchWeights());
  llvm::PHINode *result = llvm::PHINode::Create(type, 2, "", outer.getParent()->begin());
  outer.replaceAllUsesWith(result);
  for (llvm::Instruction *instruction :
       {static_cast<llvm::Instruction *>(link.inner), link.sum, static_cast<llvm::Instruction *>(&outer)})
    instruction->moveBefore(slow->getIterator());
  result->addIncoming(&outer, slow->getParent());

  builder.SetInsertPoint(fast);
  llvm::Value *limit = builder.CreateBinaryIntrinsic(kind, beside, builder.CreateSub(other, step));
  result->addIncoming(builder.CreateAdd(builder.CreateBinaryIntrinsic(kind, limit, carried), step), fast->getParent());
}

std::vector<MinMaxIntrinsic *> minimums(const llvm::Loop &loop) {
  std::vector<MinMaxIntrinsic *> out;
  for (llvm::BasicBlock *block : loop.blocks())
    for (llvm::Instruction &instruction : *block)
      if (MinMaxIntrinsic *minimum = scalar_minimum(&instruction)) out.push_back(minimum);
  return out;
}

bool put_carried_last(const llvm::Loop &loop) {
  std::vector<MinMaxIntrinsic *> roots = minimums(loop);
  if (roots.size() < 2) return false;
  CarriedValues carried = carried_values(loop);
  std::erase_if(roots,
                [&](MinMaxIntrinsic *root) { return !carried.contains(root) || !Chain(*root).is_long(carried); });
  // Of a chain in a chain the larger one is enough.
  std::erase_if(
      roots, [&](MinMaxIntrinsic *root) { return root->hasOneUse() && llvm::is_contained(roots, root->user_back()); });
  for (MinMaxIntrinsic *root : roots) Chain(*root).put_last(carried);
  for (MinMaxIntrinsic *root : roots) llvm::RecursivelyDeleteTriviallyDeadInstructions(root);
  return !roots.empty();
}

bool shorten_links(const llvm::Loop &loop) {
  const std::vector<MinMaxIntrinsic *> roots = minimums(loop);
  if (roots.size() < 2) return false;
  const CarriedValues carried = carried_values(loop);
  std::vector<Link> links;
  llvm::SmallPtrSet<const MinMaxIntrinsic *, 8> taken;  // a minimum belongs to one link: shortening moves it
  for (MinMaxIntrinsic *root : roots) {
    const auto link = carried.contains(root) ? link_of(*root, carried) : std::nullopt;
    if (!link || taken.contains(link->outer) || taken.contains(link->inner)) continue;
    taken.insert(link->outer);
    taken.insert(link->inner);
    links.push_back(*link);
  }
  for (const Link &link : links) shorten(link);
  return !links.empty();
}

}  // namespace

llvm::PreservedAnalyses CarriedMinimums::run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
  if (std::ranges::none_of(llvm::instructions(function),
                           [](llvm::Instruction &instruction) { return scalar_minimum(&instruction); }))
    return llvm::PreservedAnalyses::all();
  bool changed = false;
  const std::vector<llvm::Loop *> loops = short_inner_loops(analyses.getResult<llvm::LoopAnalysis>(function));
  for (llvm::Loop *loop : loops) changed |= put_carried_last(*loop);
  for (llvm::Loop *loop : loops) changed |= shorten_links(*loop);
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace wasmc::codegen
