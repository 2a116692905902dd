// Values of a loop for several iterations at once, where the loop's own values are vectors already.
#pragma once
#include <llvm/ADT/ArrayRef.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

namespace wasmc::codegen {

/// A block is the value of one iteration: a vector, or a scalar, which counts as a vector of one lane. The blocks of `count` iterations are one vector, the first
/// iteration's lanes first. What an operation does in each block stays in it, as in AVX-512's vectors of 128 bits, so shuffles are no obstacle.
class Blocks {
 public:
  explicit Blocks(unsigned count) : count_(count) {}

  unsigned count() const { return count_; }
  static bool has_type(const llvm::Type *type);  ///< of integers or floats; or an i128, which is what a vector may be on its way from one type to another
  llvm::FixedVectorType *type(llvm::Type *block) const;

  /// Whether an instruction that touches no memory can be done in all blocks at once, given its operands.
  bool can_operate(const llvm::Instruction &instruction) const;
  /// An operand that is the same in all blocks and stays a block, as the power of llvm.powi.
  static bool stays_single(const llvm::Instruction &instruction, unsigned operand);
  /// `operands`: all blocks of each; those that stay single as they are.
  llvm::Value *operate(llvm::Instruction &instruction, llvm::ArrayRef<llvm::Value *> operands, llvm::IRBuilder<> &builder) const;

  /// Whether it makes twice as wide what it takes out of one or two vectors, half a vector's lanes, and should do so within its blocks, where several blocks' lanes need
  /// not be brought together in between.
  static bool extends_half(const llvm::Instruction &instruction);
  /// `left`, `right`: all blocks of the vectors that the lanes are taken from.
  llvm::Value *extend_half(llvm::Instruction &instruction, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const;

  llvm::Value *repeat(llvm::Value *block, llvm::IRBuilder<> &builder) const;
  llvm::Value *join(llvm::ArrayRef<llvm::Value *> blocks, llvm::IRBuilder<> &builder) const;
  llvm::Value *extract(llvm::Value *blocks, llvm::Type *block, unsigned number, llvm::IRBuilder<> &builder) const;
  /// The last block of `before`, then all but the last of `blocks`.
  llvm::Value *delay(llvm::Value *before, llvm::Value *blocks, llvm::IRBuilder<> &builder) const;
  /// The last block first.
  llvm::Value *reverse(llvm::Value *blocks, llvm::IRBuilder<> &builder) const;

 private:
  llvm::Value *shuffle(const llvm::ShuffleVectorInst &instruction, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const;
  llvm::Value *insert(llvm::Value *blocks, llvm::Value *lanes, unsigned lane, llvm::IRBuilder<> &builder) const;
  llvm::Value *call(const llvm::IntrinsicInst &call, llvm::ArrayRef<llvm::Value *> operands, llvm::IRBuilder<> &builder) const;

  unsigned count_;
};

}  // namespace wasmc::codegen
