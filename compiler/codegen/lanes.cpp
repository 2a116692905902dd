#include "codegen/lanes.h"

#include <llvm/Analysis/ValueTracking.h>

#include <algorithm>

namespace wasmc::codegen {
namespace {

bool is_constant_below(const llvm::Value *value, unsigned limit) {
  const auto *constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  return constant && constant->getValue().ult(limit);
}

/// An iteration behind the one that leaves may use what the loop never does.
llvm::Value *frozen(llvm::Value *invariant, llvm::IRBuilder<> &builder) {
  return llvm::isGuaranteedNotToBeUndefOrPoison(invariant) ? invariant : builder.CreateFreeze(invariant);
}

}  // namespace

bool Lanes::is_of_loop(const llvm::Value *value) const {
  const auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
  return instruction && loop_.contains(instruction);
}

bool Lanes::has_type(const llvm::Type *type) const {
  if (type->isIntegerTy()) return type->isIntegerTy(1) || type->getIntegerBitWidth() >= bits();
  return type->isFloatingPointTy() && type->getScalarSizeInBits() == bits();
}

bool Lanes::can_widen(llvm::Value *value) const {
  if (!has_type(value->getType())) return false;
  if (!is_of_loop(value) || llvm::isa<llvm::LoadInst>(value)) return true;
  if (auto *phi = llvm::dyn_cast<llvm::PHINode>(value))
    return llvm::is_contained(carried_, phi) && can_widen(phi->getIncomingValueForBlock(latch_));
  auto *instruction = llvm::cast<llvm::Instruction>(value);
  return can_widen_operation(*instruction) && std::ranges::all_of(instruction->operands(), [&](llvm::Use &use) { return can_widen(use.get()); });
}

bool Lanes::can_widen_operation(const llvm::Instruction &instruction) const {
  const llvm::Type *type = instruction.getType();
  const bool is_narrow = type->getScalarSizeInBits() == bits();
  switch (instruction.getOpcode()) {
    case llvm::Instruction::ICmp: return can_compare(llvm::cast<llvm::ICmpInst>(instruction));
    case llvm::Instruction::Shl: return is_constant_below(instruction.getOperand(1), bits());
    case llvm::Instruction::LShr:
    case llvm::Instruction::AShr: return is_narrow && is_constant_below(instruction.getOperand(1), bits());
    case llvm::Instruction::ZExt:
    case llvm::Instruction::SExt: return instruction.getOperand(0)->getType()->getScalarSizeInBits() == bits();
    case llvm::Instruction::Trunc: return !type->isIntegerTy(1);
    case llvm::Instruction::BitCast: return is_narrow;
    case llvm::Instruction::Add:
    case llvm::Instruction::Sub:
    case llvm::Instruction::Mul:
    case llvm::Instruction::And:
    case llvm::Instruction::Or:
    case llvm::Instruction::Xor:
    case llvm::Instruction::Select:
    case llvm::Instruction::Freeze:
    case llvm::Instruction::FCmp:
    case llvm::Instruction::FNeg:
    case llvm::Instruction::FAdd:
    case llvm::Instruction::FSub:
    case llvm::Instruction::FMul:
    case llvm::Instruction::FDiv: return true;
    default: return false;
  }
}

bool Lanes::is_zero_extension(const llvm::Value *value) const {
  return llvm::computeKnownBits(value, loop_.getHeader()->getDataLayout()).countMaxActiveBits() <= bits();
}

bool Lanes::is_sign_extension(const llvm::Value *value) const {
  return llvm::ComputeNumSignBits(value, loop_.getHeader()->getDataLayout()) > value->getType()->getIntegerBitWidth() - bits();
}

/// Also, for equality, if one side stays the same: whether that can be equal at all is asked once.
bool Lanes::can_compare(const llvm::ICmpInst &compare) const {
  const llvm::Value *left = compare.getOperand(0), *right = compare.getOperand(1);
  if (!left->getType()->isIntegerTy()) return false;
  if (left->getType()->getIntegerBitWidth() <= bits()) return true;
  if (loop_.isLoopInvariant(left)) std::swap(left, right);
  if (is_zero_extension(left) && is_zero_extension(right)) return true;
  if (is_sign_extension(left) && is_sign_extension(right) && !compare.isUnsigned()) return true;
  return compare.isEquality() && loop_.isLoopInvariant(right) && (is_zero_extension(left) || is_sign_extension(left));
}

llvm::Value *Lanes::widen(llvm::Value *value, Values &values, llvm::IRBuilder<> &builder) const {
  if (const auto known = values.find(value); known != values.end()) return known->second;
  llvm::Value *made = is_of_loop(value) ? widen_operation(*llvm::cast<llvm::Instruction>(value), values, builder) : repeat(value, builder);
  return values[value] = made;
}

llvm::Value *Lanes::repeat(llvm::Value *invariant, llvm::IRBuilder<> &builder) const {
  return builder.CreateVectorSplat(count_, low_bits(frozen(invariant, builder), builder));
}

llvm::Value *Lanes::low_bits(llvm::Value *scalar, llvm::IRBuilder<> &builder) const {
  const bool is_wide = scalar->getType()->isIntegerTy() && scalar->getType()->getIntegerBitWidth() > bits();
  return is_wide ? builder.CreateTrunc(scalar, builder.getIntNTy(bits())) : scalar;
}

/// Without what is known of the scalar one only because the loop has come to it.
llvm::Value *Lanes::widen_operation(llvm::Instruction &instruction, Values &values, llvm::IRBuilder<> &builder) const {
  llvm::SmallVector<llvm::Value *, 3> operands;
  for (llvm::Use &use : instruction.operands()) operands.push_back(widen(use.get(), values, builder));
  if (auto *compare = llvm::dyn_cast<llvm::ICmpInst>(&instruction)) return widen_comparison(*compare, operands[0], operands[1], builder);
  if (auto *compare = llvm::dyn_cast<llvm::FCmpInst>(&instruction)) return builder.CreateFCmp(compare->getPredicate(), operands[0], operands[1]);
  if (auto *binary = llvm::dyn_cast<llvm::BinaryOperator>(&instruction)) return builder.CreateBinOp(binary->getOpcode(), operands[0], operands[1]);
  if (llvm::isa<llvm::BitCastInst>(instruction)) return builder.CreateBitCast(operands[0], llvm::FixedVectorType::get(instruction.getType(), count_));
  if (llvm::isa<llvm::UnaryOperator>(instruction)) return builder.CreateFNeg(operands[0]);
  if (llvm::isa<llvm::SelectInst>(instruction)) return builder.CreateSelect(operands[0], operands[1], operands[2]);
  return operands[0];  // extended, truncated or frozen: the same low bits, and never poison
}

llvm::Value *Lanes::widen_comparison(const llvm::ICmpInst &compare, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const {
  llvm::Value *scalar = compare.getOperand(0), *other = compare.getOperand(1);
  if (loop_.isLoopInvariant(scalar)) std::swap(scalar, other);
  const bool is_wide = scalar->getType()->getIntegerBitWidth() > bits();
  if (is_wide && is_zero_extension(scalar) && is_zero_extension(other)) return builder.CreateICmp(compare.getUnsignedPredicate(), left, right);
  llvm::Value *out = builder.CreateICmp(compare.getPredicate(), left, right);
  if (!is_wide || (is_sign_extension(scalar) && is_sign_extension(other))) return out;
  llvm::Value *all = frozen(other, builder), *low = low_bits(all, builder);
  llvm::Value *extended = is_zero_extension(scalar) ? builder.CreateZExt(low, all->getType()) : builder.CreateSExt(low, all->getType());
  llvm::Value *by_others = builder.CreateVectorSplat(count_, builder.CreateICmp(compare.getPredicate(), extended, all));
  return compare.getPredicate() == llvm::CmpInst::ICMP_EQ ? builder.CreateAnd(out, by_others) : builder.CreateOr(out, by_others);
}

}  // namespace wasmc::codegen
