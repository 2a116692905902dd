// With a = a1 * 2^32 + a0, b likewise, the upper half of a * b is computed in one of two ways:
//   t = a1 * b0 + (a0 * b0 >> 32), u = a0 * b1 + low(t): a1 * b1 + (t >> 32) + (u >> 32)
//   u = (a0 * b0 >> 32) + low(a0 * b1) + low(a1 * b0): a1 * b1 + (a0 * b1 >> 32) + (a1 * b0 >> 32) + (u >> 32)
// No sum wraps. The lower half is low(a0 * b0) | u << 32.
#include "codegen/wide_multiplication.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/PatternMatch.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace wasmc::codegen {
namespace {

using namespace llvm::PatternMatch;

constexpr size_t kMostSummands = 8;
constexpr uint64_t kLowHalf = 0xFFFFFFFF;

bool is_low_half(llvm::Value *value, llvm::Value *&whole) { return match(value, m_And(m_Value(whole), m_SpecificInt(kLowHalf))); }
bool is_high_half(llvm::Value *value, llvm::Value *&whole) { return match(value, m_LShr(m_Value(whole), m_SpecificInt(32))); }

/// Summands of a sum, none if there are too many; inner sums that something else uses too are summands.
std::vector<llvm::Value *> summands(llvm::Instruction &sum) {
  std::vector<llvm::Value *> out, work{sum.getOperand(1), sum.getOperand(0)};
  while (!work.empty()) {
    if (out.size() + work.size() > kMostSummands) return {};
    llvm::Value *value = work.back(), *left, *right;
    work.pop_back();
    if (match(value, m_OneUse(m_Add(m_Value(left), m_Value(right))))) work.insert(work.end(), {right, left});
    else out.push_back(value);
  }
  return out;
}

/// Takes a summand out that is like this; false if there is none.
template <typename Predicate>
bool take(std::vector<llvm::Value *> &from, Predicate predicate) {
  const auto found = std::ranges::find_if(from, predicate);
  if (found == from.end()) return false;
  from.erase(found);
  return true;
}

/// The product of halves, of a (first) and b.
struct HalfProduct {
  llvm::Value *a = nullptr, *b = nullptr;
  bool is_high_a = false, is_high_b = false;
};

std::optional<HalfProduct> half_product(llvm::Value *value) {
  llvm::Value *left, *right;
  if (!match(value, m_Mul(m_Value(left), m_Value(right)))) return std::nullopt;
  HalfProduct out;
  out.is_high_a = is_high_half(left, out.a);
  if (!out.is_high_a && !is_low_half(left, out.a)) return std::nullopt;
  out.is_high_b = is_high_half(right, out.b);
  if (!out.is_high_b && !is_low_half(right, out.b)) return std::nullopt;
  return out;
}

struct Product {
  llvm::Value *a, *b;
  llvm::Value *low;                  ///< a0 * b0
  llvm::Value *middle;               ///< u
  std::vector<llvm::Value *> others;  ///< that are added to the upper half
};

/// Which half of a and of b a product has, told apart by a0 * b0.
bool is_product(llvm::Value *value, const HalfProduct &low, bool is_high_a, bool is_high_b) {
  const auto of = half_product(value);
  if (!of) return false;
  const bool straight = of->a == low.a && of->b == low.b && of->is_high_a == is_high_a && of->is_high_b == is_high_b;
  const bool crossed = of->a == low.b && of->b == low.a && of->is_high_a == is_high_b && of->is_high_b == is_high_a;
  return straight || crossed;
}

/// a0 * b1 and a1 * b0, or the other way round.
bool are_crossed(const HalfProduct &low, llvm::Value *one, llvm::Value *two) {
  return (is_product(one, low, true, false) && is_product(two, low, false, true)) || (is_product(one, low, false, true) && is_product(two, low, true, false));
}

bool take_high_half(std::vector<llvm::Value *> &from, llvm::Value *of) {
  return take(from, [&](llvm::Value *value) {
    llvm::Value *whole;
    return is_high_half(value, whole) && whole == of;
  });
}

/// The product with this a0 * b0 and these cross products, if the upper half has, besides u >> 32, a1 * b1 and the upper halves of `carried`.
std::optional<Product> product_of(llvm::Value *low, llvm::Value *one, llvm::Value *two, llvm::ArrayRef<llvm::Value *> carried, llvm::Value *middle, std::vector<llvm::Value *> others) {
  const auto halves = half_product(low);
  if (!halves || halves->is_high_a || halves->is_high_b || !are_crossed(*halves, one, two)) return std::nullopt;
  if (!take(others, [&](llvm::Value *value) { return is_product(value, *halves, true, true); })) return std::nullopt;
  for (llvm::Value *value : carried)
    if (!take_high_half(others, value)) return std::nullopt;
  return Product{halves->a, halves->b, low, middle, std::move(others)};
}

/// The first way; `others` are the summands of the upper half but for u >> 32.
std::optional<Product> by_carries(llvm::Instruction &middle, const std::vector<llvm::Value *> &others) {
  for (const unsigned i : {0u, 1u}) {
    llvm::Value *first, *left, *right, *low;
    if (!is_low_half(middle.getOperand(i), first) || !match(first, m_Add(m_Value(left), m_Value(right)))) continue;
    for (const auto &[cross, shifted] : {std::pair(left, right), std::pair(right, left)}) {
      if (!is_high_half(shifted, low)) continue;
      if (auto product = product_of(low, cross, middle.getOperand(1 - i), {first}, &middle, others)) return product;
    }
  }
  return std::nullopt;
}

/// The second way.
std::optional<Product> by_columns(llvm::Instruction &middle, const std::vector<llvm::Value *> &others) {
  const std::vector<llvm::Value *> columns = summands(middle);
  if (columns.size() != 3) return std::nullopt;
  for (const size_t i : {0u, 1u, 2u}) {
    llvm::Value *low, *one, *two;
    if (!is_high_half(columns[i], low) || !is_low_half(columns[(i + 1) % 3], one) || !is_low_half(columns[(i + 2) % 3], two)) continue;
    if (auto product = product_of(low, one, two, {one, two}, &middle, others)) return product;
  }
  return std::nullopt;
}

std::optional<Product> product_in(llvm::Instruction &sum) {
  const std::vector<llvm::Value *> all = summands(sum);
  if (all.size() < 3) return std::nullopt;
  for (size_t i = 0; i < all.size(); ++i) {
    llvm::Value *middle;
    if (!is_high_half(all[i], middle) || !match(middle, m_Add(m_Value(), m_Value()))) continue;
    std::vector<llvm::Value *> others = all;
    others.erase(others.begin() + ptrdiff_t(i));
    auto &sum_of_middle = *llvm::cast<llvm::Instruction>(middle);
    if (auto product = by_carries(sum_of_middle, others)) return product;
    if (auto product = by_columns(sum_of_middle, others)) return product;
  }
  return std::nullopt;
}

/// low(a0 * b0) | u << 32, or their sum.
std::vector<llvm::Instruction *> lower_halves(const Product &product) {
  std::vector<llvm::Instruction *> out;
  for (llvm::User *shift : product.middle->users()) {
    if (!match(shift, m_Shl(m_Specific(product.middle), m_SpecificInt(32)))) continue;
    for (llvm::User *user : shift->users()) {
      const auto low = m_And(m_Specific(product.low), m_SpecificInt(kLowHalf));
      if (match(user, m_CombineOr(m_c_Or(m_Specific(shift), low), m_c_Add(m_Specific(shift), low)))) out.push_back(llvm::cast<llvm::Instruction>(user));
    }
  }
  return out;
}

/// Where both factors are there: they are in front of the product of their lower halves.
void replace(llvm::Instruction &sum, const Product &product) {
  auto *low = llvm::cast<llvm::Instruction>(product.low);
  llvm::IRBuilder<> builder(low);
  llvm::Type *wide = builder.getInt128Ty(), *narrow = sum.getType();
  llvm::Value *whole = builder.CreateMul(builder.CreateZExt(product.a, wide), builder.CreateZExt(product.b, wide), "", /*HasNUW=*/true);
  llvm::Value *lower = builder.CreateTrunc(whole, narrow);
  for (llvm::Instruction *half : lower_halves(product)) half->replaceAllUsesWith(lower);
  builder.SetInsertPoint(&sum);
  llvm::Value *upper = builder.CreateTrunc(builder.CreateLShr(whole, 64), narrow);
  for (llvm::Value *other : product.others) upper = builder.CreateAdd(upper, other);
  sum.replaceAllUsesWith(upper);
}

}  // namespace

llvm::PreservedAnalyses WideMultiplications::run(llvm::Function &function, llvm::FunctionAnalysisManager &) {
  std::vector<llvm::Instruction *> sums;
  for (llvm::Instruction &instruction : llvm::instructions(function))
    if (instruction.getOpcode() == llvm::Instruction::Add && instruction.getType()->isIntegerTy(64)) sums.push_back(&instruction);
  bool changed = false;
  for (llvm::Instruction *sum : sums) {
    // A part of a larger sum is looked at with that.
    if (sum->hasOneUse() && sum->user_back()->getOpcode() == llvm::Instruction::Add) continue;
    const auto product = product_in(*sum);
    if (!product) continue;
    replace(*sum, *product);
    changed = true;
  }
  if (!changed) return llvm::PreservedAnalyses::all();
  llvm::PreservedAnalyses preserved;
  preserved.preserveSet<llvm::CFGAnalyses>();
  return preserved;
}

}  // namespace wasmc::codegen
