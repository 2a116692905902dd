#include "codegen/blocks.h"

#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <algorithm>
#include <array>
#include <optional>

namespace wasmc::codegen {
namespace {

using llvm::Intrinsic::ID;

/// Instructions of x86 that LLVM's IR has no operation for: with one, two and four blocks. All stay in their blocks.
constexpr std::array<std::array<ID, 3>, 4> kOfTarget{{
    {llvm::Intrinsic::x86_sse2_pmadd_wd, llvm::Intrinsic::x86_avx2_pmadd_wd, llvm::Intrinsic::x86_avx512_pmaddw_d_512},
    {llvm::Intrinsic::x86_ssse3_pmadd_ub_sw_128, llvm::Intrinsic::x86_avx2_pmadd_ub_sw, llvm::Intrinsic::x86_avx512_pmaddubs_w_512},
    {llvm::Intrinsic::x86_ssse3_pmul_hr_sw_128, llvm::Intrinsic::x86_avx2_pmul_hr_sw, llvm::Intrinsic::x86_avx512_pmul_hr_sw_512},
    {llvm::Intrinsic::x86_ssse3_pshuf_b_128, llvm::Intrinsic::x86_avx2_pshuf_b, llvm::Intrinsic::x86_avx512_pshuf_b_512},
}};

ID wider(ID intrinsic, unsigned blocks) {
  const auto *row = std::ranges::find(kOfTarget, intrinsic, [](const auto &row) { return row[0]; });
  if (row == kOfTarget.end() || (blocks != 2 && blocks != 4)) return llvm::Intrinsic::not_intrinsic;
  return (*row)[blocks / 2];
}

unsigned lanes_of(const llvm::Type *type) {
  const auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector ? vector->getNumElements() : 1;
}

bool is_constant_lane(const llvm::Value *index, const llvm::Type *vector) {
  const auto *constant = llvm::dyn_cast<llvm::ConstantInt>(index);
  return constant && constant->getValue().ult(lanes_of(vector));
}

std::optional<unsigned> inserted_lane(const llvm::Instruction &instruction) {
  return unsigned(llvm::cast<llvm::ConstantInt>(instruction.getOperand(instruction.getNumOperands() - 1))->getZExtValue());
}

}  // namespace

bool Blocks::has_type(const llvm::Type *type) {
  const llvm::Type *lane = type->getScalarType();
  return !llvm::isa<llvm::ScalableVectorType>(type) && ((lane->isIntegerTy() && lane->getIntegerBitWidth() <= 128) || lane->isFloatTy() || lane->isDoubleTy());
}

llvm::FixedVectorType *Blocks::type(llvm::Type *block) const { return llvm::FixedVectorType::get(block->getScalarType(), lanes_of(block) * count_); }

bool Blocks::stays_single(const llvm::Instruction &instruction, unsigned operand) {
  if (const auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
    return operand == call->arg_size() || llvm::isVectorIntrinsicWithScalarOpAtArg(call->getIntrinsicID(), operand, nullptr);
  if (llvm::isa<llvm::InsertElementInst>(instruction)) return operand == 2;
  return llvm::isa<llvm::ExtractElementInst>(instruction) && operand == 1;
}

bool Blocks::can_operate(const llvm::Instruction &instruction) const {
  if (!has_type(instruction.getType()) || instruction.mayReadOrWriteMemory() || instruction.mayHaveSideEffects()) return false;
  if (instruction.getType()->isIntegerTy(128)) return llvm::isa<llvm::BitCastInst>(instruction);  // a vector on its way to another type
  if (const auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) {
    const ID intrinsic = call->getIntrinsicID();
    return !call->hasOperandBundles() && (llvm::isTriviallyVectorizable(intrinsic) || wider(intrinsic, count_) != llvm::Intrinsic::not_intrinsic);
  }
  switch (instruction.getOpcode()) {
    case llvm::Instruction::InsertElement: return is_constant_lane(instruction.getOperand(2), instruction.getType());
    case llvm::Instruction::ExtractElement: return is_constant_lane(instruction.getOperand(1), instruction.getOperand(0)->getType());
    case llvm::Instruction::UDiv:  // traps of the machine: as often as before, but an undefined one would be moved
    case llvm::Instruction::SDiv:
    case llvm::Instruction::URem:
    case llvm::Instruction::SRem: return false;
    case llvm::Instruction::ShuffleVector:
    case llvm::Instruction::Select:
    case llvm::Instruction::Freeze:
    case llvm::Instruction::ICmp:
    case llvm::Instruction::FCmp: return true;
    default: return instruction.isBinaryOp() || instruction.isUnaryOp() || instruction.isCast();
  }
}

llvm::Value *Blocks::operate(llvm::Instruction &instruction, llvm::ArrayRef<llvm::Value *> operands, llvm::IRBuilder<> &builder) const {
  if (const auto *call_ = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) return call(*call_, operands, builder);
  llvm::Instruction *out = nullptr;
  if (const auto *shuffle_ = llvm::dyn_cast<llvm::ShuffleVectorInst>(&instruction)) return shuffle(*shuffle_, operands[0], operands[1], builder);
  if (llvm::isa<llvm::InsertElementInst>(instruction)) return insert(operands[0], operands[1], *inserted_lane(instruction), builder);
  if (llvm::isa<llvm::ExtractElementInst>(instruction)) {
    llvm::SmallVector<int, 64> mask;
    const unsigned lanes = lanes_of(instruction.getOperand(0)->getType());
    for (unsigned block = 0; block < count_; ++block) mask.push_back(int(block * lanes + *inserted_lane(instruction)));
    return builder.CreateShuffleVector(operands[0], mask);
  }
  if (auto *binary = llvm::dyn_cast<llvm::BinaryOperator>(&instruction)) out = llvm::BinaryOperator::Create(binary->getOpcode(), operands[0], operands[1]);
  if (auto *unary = llvm::dyn_cast<llvm::UnaryOperator>(&instruction)) out = llvm::UnaryOperator::Create(unary->getOpcode(), operands[0]);
  if (auto *cast = llvm::dyn_cast<llvm::CastInst>(&instruction)) out = llvm::CastInst::Create(cast->getOpcode(), operands[0], type(cast->getType()));
  if (auto *compare = llvm::dyn_cast<llvm::CmpInst>(&instruction)) out = llvm::CmpInst::Create(compare->getOpcode(), compare->getPredicate(), operands[0], operands[1]);
  if (llvm::isa<llvm::FreezeInst>(instruction)) out = new llvm::FreezeInst(operands[0]);
  if (auto *select = llvm::dyn_cast<llvm::SelectInst>(&instruction)) {
    llvm::Value *condition = operands[0];
    const unsigned lanes = lanes_of(select->getType());
    if (!select->getCondition()->getType()->isVectorTy() && lanes > 1) {
      llvm::SmallVector<int, 64> mask;
      for (unsigned lane = 0; lane < lanes * count_; ++lane) mask.push_back(int(lane / lanes));
      condition = builder.CreateShuffleVector(condition, mask);
    }
    out = llvm::SelectInst::Create(condition, operands[1], operands[2]);
  }
  out->copyIRFlags(&instruction);
  return builder.Insert(out);
}

llvm::Value *Blocks::shuffle(const llvm::ShuffleVectorInst &instruction, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const {
  const unsigned lanes = lanes_of(instruction.getOperand(0)->getType());
  llvm::SmallVector<int, 64> mask;
  for (unsigned block = 0; block < count_; ++block)
    for (const int lane : instruction.getShuffleMask()) {
      if (lane < 0) mask.push_back(lane);
      else if (unsigned(lane) < lanes) mask.push_back(int(block * lanes) + lane);
      else mask.push_back(int((count_ - 1 + block) * lanes) + lane);
    }
  return builder.CreateShuffleVector(left, right, mask);
}

llvm::Value *Blocks::insert(llvm::Value *blocks, llvm::Value *lanes, unsigned lane, llvm::IRBuilder<> &builder) const {
  const unsigned all = lanes_of(blocks->getType()), each = all / count_;
  if (each == 1) return lanes;
  llvm::SmallVector<int, 64> spread(all, llvm::PoisonMaskElem), mask;
  for (unsigned i = 0; i < all; ++i) {
    const bool is_new = i % each == lane;
    if (is_new) spread[i] = int(i / each);
    mask.push_back(int(is_new ? all + i : i));
  }
  return builder.CreateShuffleVector(blocks, builder.CreateShuffleVector(lanes, spread), mask);
}

llvm::Value *Blocks::call(const llvm::IntrinsicInst &call, llvm::ArrayRef<llvm::Value *> operands, llvm::IRBuilder<> &builder) const {
  const ID intrinsic = call.getIntrinsicID();
  llvm::SmallVector<llvm::Type *, 4> types;
  ID made = wider(intrinsic, count_);
  if (made == llvm::Intrinsic::not_intrinsic) {
    made = intrinsic;
    if (llvm::isVectorIntrinsicWithOverloadTypeAtArg(intrinsic, -1, nullptr)) types.push_back(type(call.getType()));
    for (unsigned i = 0; i < call.arg_size(); ++i)
      if (llvm::isVectorIntrinsicWithOverloadTypeAtArg(intrinsic, int(i), nullptr)) types.push_back(operands[i]->getType());
  }
  llvm::Function *function = llvm::Intrinsic::getOrInsertDeclaration(builder.GetInsertBlock()->getModule(), made, types);
  llvm::CallInst *out = builder.CreateCall(function, operands.take_front(call.arg_size()));
  out->copyIRFlags(&call);
  return out;
}

bool Blocks::extends_half(const llvm::Instruction &instruction) {
  const auto *shuffle = llvm::isa<llvm::ZExtInst>(instruction) ? llvm::dyn_cast<llvm::ShuffleVectorInst>(instruction.getOperand(0)) : nullptr;
  return shuffle && instruction.getType()->getPrimitiveSizeInBits() == shuffle->getOperand(0)->getType()->getPrimitiveSizeInBits() &&
         instruction.getType()->getScalarSizeInBits() == 2 * shuffle->getType()->getScalarSizeInBits();
}

/// Each lane in front of one of zeros.
llvm::Value *Blocks::extend_half(llvm::Instruction &instruction, llvm::Value *left, llvm::Value *right, llvm::IRBuilder<> &builder) const {
  const auto &taken = llvm::cast<llvm::ShuffleVectorInst>(*instruction.getOperand(0));
  const unsigned all = lanes_of(left->getType()), each = all / count_;
  llvm::SmallVector<int, 16> lanes(taken.getShuffleMask());
  if (std::ranges::any_of(lanes, [&](int lane) { return lane >= int(each); })) {
    llvm::SmallVector<int, 64> mask;
    for (unsigned block = 0; block < count_; ++block)
      for (unsigned i = 0; i < each; ++i) {
        const int lane = i < lanes.size() ? lanes[i] : llvm::PoisonMaskElem;
        mask.push_back(lane < 0 ? lane : int(unsigned(lane) < each ? block * each : (count_ - 1 + block) * each) + lane);
      }
    left = builder.CreateShuffleVector(left, right, mask);
    for (unsigned i = 0; i < lanes.size(); ++i) lanes[i] = int(i);
  }
  llvm::SmallVector<int, 64> mask;
  for (unsigned block = 0; block < count_; ++block)
    for (const int lane : lanes) {
      mask.push_back(lane < 0 ? lane : int(block * each) + lane);
      mask.push_back(int(all));
    }
  return builder.CreateBitCast(builder.CreateShuffleVector(left, llvm::Constant::getNullValue(left->getType()), mask), type(instruction.getType()));
}

llvm::Value *Blocks::repeat(llvm::Value *block, llvm::IRBuilder<> &builder) const {
  if (!block->getType()->isVectorTy()) return builder.CreateVectorSplat(count_, block);
  llvm::SmallVector<int, 64> mask;
  const unsigned lanes = lanes_of(block->getType());
  for (unsigned lane = 0; lane < lanes * count_; ++lane) mask.push_back(int(lane % lanes));
  return builder.CreateShuffleVector(block, mask);
}

llvm::Value *Blocks::join(llvm::ArrayRef<llvm::Value *> blocks, llvm::IRBuilder<> &builder) const {
  if (blocks[0]->getType()->isVectorTy()) return llvm::concatenateVectors(builder, blocks);
  llvm::Value *out = llvm::PoisonValue::get(type(blocks[0]->getType()));
  for (unsigned i = 0; i < blocks.size(); ++i) out = builder.CreateInsertElement(out, blocks[i], uint64_t{i});
  return out;
}

llvm::Value *Blocks::extract(llvm::Value *blocks, llvm::Type *block, unsigned number, llvm::IRBuilder<> &builder) const {
  if (!block->isVectorTy()) return builder.CreateExtractElement(blocks, uint64_t{number});
  llvm::SmallVector<int, 64> mask;
  const unsigned lanes = lanes_of(block);
  for (unsigned lane = 0; lane < lanes; ++lane) mask.push_back(int(number * lanes + lane));
  return builder.CreateShuffleVector(blocks, mask);
}

llvm::Value *Blocks::delay(llvm::Value *before, llvm::Value *blocks, llvm::IRBuilder<> &builder) const {
  const unsigned all = lanes_of(blocks->getType()), each = all / count_;
  llvm::SmallVector<int, 64> mask;
  for (unsigned lane = 0; lane < all; ++lane) mask.push_back(int(all - each + lane));
  return builder.CreateShuffleVector(before, blocks, mask);
}

llvm::Value *Blocks::reverse(llvm::Value *blocks, llvm::IRBuilder<> &builder) const {
  const unsigned all = lanes_of(blocks->getType()), each = all / count_;
  llvm::SmallVector<int, 64> mask;
  for (unsigned lane = 0; lane < all; ++lane) mask.push_back(int((count_ - 1 - lane / each) * each + lane % each));
  return builder.CreateShuffleVector(blocks, mask);
}

}  // namespace wasmc::codegen
