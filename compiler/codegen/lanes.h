// Values of a loop for several iterations at once.
#pragma once
#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/IRBuilder.h>

namespace wasmc::codegen {

/// What stands for values of a loop elsewhere.
using Values = llvm::DenseMap<llvm::Value *, llvm::Value *>;

/// A lane is an iteration. It has a condition, or as many bits as an element that the loop loads. Of a wider value, such as a byte that C has made an int, it has the
/// low bits, which is enough for all but comparisons and shifts to the right.
class Lanes {
 public:
  /// `carried`: phis of the header that have what the iteration before has computed from its elements.
  Lanes(const llvm::Loop &loop, llvm::Type *element, unsigned count, llvm::ArrayRef<llvm::PHINode *> carried)
      : loop_(loop), latch_(loop.getLoopLatch()), element_(element), count_(count), carried_(carried) {}

  unsigned count() const { return count_; }
  unsigned bits() const { return element_->getScalarSizeInBits(); }  ///< of an element
  uint64_t bytes() const { return uint64_t{bits()} / 8 * count_; }   ///< of a vector of elements
  llvm::Type *type() const { return llvm::FixedVectorType::get(element_, count_); }

  /// Whether a value is made of what is loaded and carried, and of what stays the same, by operations that cannot fail.
  bool can_widen(llvm::Value *value) const;
  /// Its vector, computed from those of the loads and phis that `values` has. Lanes behind the iteration that leaves the loop are not poison, and otherwise anything.
  llvm::Value *widen(llvm::Value *value, Values &values, llvm::IRBuilder<> &builder) const;
  /// Whether the low bits tell all of an integer.
  bool is_zero_extension(const llvm::Value *value) const;

 private:
  bool is_of_loop(const llvm::Value *value) const;
  bool has_type(const llvm::Type *type) const;
  bool can_widen_operation(const llvm::Instruction &instruction) const;
  bool can_compare(const llvm::ICmpInst &compare) const;
  bool is_sign_extension(const llvm::Value *value) const;

  llvm::Value *repeat(llvm::Value *invariant, llvm::IRBuilder<> &builder) const;
  llvm::Value *low_bits(llvm::Value *scalar, llvm::IRBuilder<> &builder) const;
  llvm::Value *widen_operation(llvm::Instruction &instruction, Values &values, llvm::IRBuilder<> &builder) const;
  llvm::Value *widen_comparison(const llvm::ICmpInst &compare, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const;

  const llvm::Loop &loop_;
  const llvm::BasicBlock *latch_;  ///< as it was when there was one
  llvm::Type *element_;
  unsigned count_;
  llvm::ArrayRef<llvm::PHINode *> carried_;
};

}  // namespace wasmc::codegen
