// Vector instructions (spec 4.3.5, 4.4.3 Vector Instructions; relaxed ones 4.3.6). On the value stack a v128 is <2 x i64>, whatever
// lanes it has: LLVM sees through the bit casts. Where an operation has one machine instruction that generic IR is not sure to
// be turned into, its intrinsic stands here, beside what serves without that instruction.
#include <llvm/Analysis/ConstantFolding.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/IntrinsicsAArch64.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <array>

#include "lower/function.h"

namespace wasmc::lower {
namespace {

using wasm::Arg;
using wasm::Shape;
namespace Intrinsic = llvm::Intrinsic;

bool is_float(Shape shape) { return shape == Shape::F32x4 || shape == Shape::F64x2; }

std::vector<int> run_of_lanes(unsigned first, unsigned count, unsigned step = 1) {
  std::vector<int> out;
  for (unsigned i = 0; i < count; ++i) out.push_back(int(first + i * step));
  return out;
}

bool is_one_of(Arg arg, std::initializer_list<Arg> list) { return std::ranges::find(list, arg) != list.end(); }

/// What a widening takes: which half, and how it fills the upper bits.
bool takes_high_half(Arg arg) { return is_one_of(arg, {Arg::ExtendHighS, Arg::ExtendHighU, Arg::ExtmulHighS, Arg::ExtmulHighU}); }
bool widens_signed(Arg arg) {
  return is_one_of(arg, {Arg::ExtendLowS, Arg::ExtendHighS, Arg::ExtmulLowS, Arg::ExtmulHighS, Arg::ExtaddPairwiseS});
}

}  // namespace

// Lanes.

llvm::FixedVectorType *FunctionLowering::lanes_type(Shape shape) {
  switch (shape) {
    case Shape::I8x16: return llvm::FixedVectorType::get(builder_.getInt8Ty(), 16);
    case Shape::I16x8: return llvm::FixedVectorType::get(builder_.getInt16Ty(), 8);
    case Shape::I32x4: return llvm::FixedVectorType::get(builder_.getInt32Ty(), 4);
    case Shape::I64x2:
    case Shape::V128: return llvm::FixedVectorType::get(builder_.getInt64Ty(), 2);
    case Shape::F32x4: return llvm::FixedVectorType::get(builder_.getFloatTy(), 4);
    case Shape::F64x2: return llvm::FixedVectorType::get(builder_.getDoubleTy(), 2);
  }
  llvm_unreachable("no such shape");
}

llvm::Value *FunctionLowering::pop_lanes(Shape shape) {
  llvm::Value *value = pop();
  llvm::Type *type = lanes_type(shape);
  // What was cast a moment ago is taken as it was, and a constant is cast here and now, so that patterns are seen (see quiet).
  if (auto *constant = llvm::dyn_cast<llvm::Constant>(value))
    return llvm::ConstantFoldCastOperand(llvm::Instruction::BitCast, constant, type, shared_.module().getDataLayout());
  if (auto *cast = llvm::dyn_cast<llvm::BitCastInst>(value); cast && cast->getSrcTy() == type) return cast->getOperand(0);
  return builder_.CreateBitCast(value, type);
}

void FunctionLowering::push_lanes(llvm::Value *value) { push(builder_.CreateBitCast(value, lanes_type(Shape::V128))); }

llvm::Value *FunctionLowering::splat(llvm::Type *lanes, int64_t value) {
  return llvm::ConstantInt::getSigned(lanes, value);
}

/// Half of the lanes of a vector.
llvm::Value *FunctionLowering::half(llvm::Value *value, bool high) {
  const unsigned count = llvm::cast<llvm::FixedVectorType>(value->getType())->getNumElements() / 2;
  return builder_.CreateShuffleVector(value, run_of_lanes(high ? count : 0, count));
}

/// As many lanes as the vector has, after it; zeros if there is no other vector.
llvm::Value *FunctionLowering::join(llvm::Value *low, llvm::Value *high) {
  if (!high) high = llvm::Constant::getNullValue(low->getType());
  const unsigned count = llvm::cast<llvm::FixedVectorType>(low->getType())->getNumElements();
  return builder_.CreateShuffleVector(low, high, run_of_lanes(0, 2 * count));
}

llvm::Value *FunctionLowering::widen_lanes(llvm::Value *value, bool is_signed) {
  llvm::Type *type = llvm::cast<llvm::VectorType>(value->getType())->getExtendedElementVectorType(llvm::cast<llvm::VectorType>(value->getType()));
  return is_signed ? builder_.CreateSExt(value, type) : builder_.CreateZExt(value, type);
}

// Loads and stores.

void FunctionLowering::v128_load(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::Value *index = pop();
  const auto load = [&](llvm::Type *type) { return guest_load(type, imm, index); };
  const auto integer = [&] { return builder_.getIntNTy(8u << wasm::access_size_log2(op.arg)); };
  const auto extended = [&](llvm::Type *lane, unsigned count, bool is_signed) {
    push_lanes(widen_lanes(load(llvm::FixedVectorType::get(lane, count)), is_signed));
  };
  switch (op.arg) {
    case Arg::S8x8: return extended(builder_.getInt8Ty(), 8, true);
    case Arg::U8x8: return extended(builder_.getInt8Ty(), 8, false);
    case Arg::S16x4: return extended(builder_.getInt16Ty(), 4, true);
    case Arg::U16x4: return extended(builder_.getInt16Ty(), 4, false);
    case Arg::S32x2: return extended(builder_.getInt32Ty(), 2, true);
    case Arg::U32x2: return extended(builder_.getInt32Ty(), 2, false);
    case Arg::Splat8:
    case Arg::Splat16:
    case Arg::Splat32:
    case Arg::Splat64: return push_lanes(builder_.CreateVectorSplat(16u >> wasm::access_size_log2(op.arg), load(integer())));
    case Arg::Zero32:
    case Arg::Zero64: {
      llvm::Type *lanes = lanes_type(op.arg == Arg::Zero32 ? Shape::I32x4 : Shape::I64x2);
      return push_lanes(builder_.CreateInsertElement(llvm::Constant::getNullValue(lanes), load(integer()), uint64_t{0}));
    }
    default: return push(load(lanes_type(Shape::V128)));
  }
}

void FunctionLowering::v128_store(const wasm::OpInfo &, const wasm::MemArg &imm) {
  llvm::Value *value = pop(), *index = pop();
  guest_store(value, imm, index);
}

namespace {

Shape lanes_of_access(Arg arg) { return Shape(wasm::access_size_log2(arg)); }
static_assert(Shape(0) == Shape::I8x16 && Shape(3) == Shape::I64x2);

}  // namespace

void FunctionLowering::v128_load_lane(const wasm::OpInfo &op, const wasm::MemArgLaneImm &imm) {
  llvm::Value *lanes = pop_lanes(lanes_of_access(op.arg)), *index = pop();
  llvm::Type *lane = llvm::cast<llvm::VectorType>(lanes->getType())->getElementType();
  push_lanes(builder_.CreateInsertElement(lanes, guest_load(lane, imm.memarg, index), uint64_t{imm.lane}));
}

void FunctionLowering::v128_store_lane(const wasm::OpInfo &op, const wasm::MemArgLaneImm &imm) {
  llvm::Value *lanes = pop_lanes(lanes_of_access(op.arg)), *index = pop();
  guest_store(builder_.CreateExtractElement(lanes, uint64_t{imm.lane}), imm.memarg, index);
}

// Making vectors and taking them apart.

void FunctionLowering::v128_constant(const wasm::OpInfo &, const wasm::V128Imm &imm) {
  push(llvm::ConstantDataVector::get(shared_.llvm(), llvm::ArrayRef<uint64_t>{imm.low, imm.high}));
}

void FunctionLowering::v128_shuffle(const wasm::OpInfo &, const wasm::ShuffleImm &imm) {
  llvm::Value *second = pop_lanes(Shape::I8x16), *first = pop_lanes(Shape::I8x16);
  push_lanes(builder_.CreateShuffleVector(first, second, std::vector<int>(imm.lanes.begin(), imm.lanes.end())));
}

void FunctionLowering::v128_splat(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::FixedVectorType *lanes = lanes_type(wasm::shape_of(op.text));
  llvm::Value *value = pop();
  if (lanes->getElementType()->isIntegerTy()) value = builder_.CreateTrunc(value, lanes->getElementType());
  push_lanes(builder_.CreateVectorSplat(lanes->getNumElements(), value));
}

void FunctionLowering::v128_extract(const wasm::OpInfo &op, const wasm::LaneImm &imm) {
  llvm::Value *lane = builder_.CreateExtractElement(pop_lanes(wasm::shape_of(op.text)), uint64_t{imm.lane});
  if (op.arg == Arg::ExtendS) lane = builder_.CreateSExt(lane, builder_.getInt32Ty());
  if (op.arg == Arg::ExtendU) lane = builder_.CreateZExt(lane, builder_.getInt32Ty());
  push(lane);
}

void FunctionLowering::v128_replace(const wasm::OpInfo &op, const wasm::LaneImm &imm) {
  llvm::Value *lane = pop(), *lanes = pop_lanes(wasm::shape_of(op.text));
  llvm::Type *type = llvm::cast<llvm::VectorType>(lanes->getType())->getElementType();
  if (type->isIntegerTy()) lane = builder_.CreateTrunc(lane, type);
  push_lanes(builder_.CreateInsertElement(lanes, lane, uint64_t{imm.lane}));
}

// Tests, comparisons, shifts.

void FunctionLowering::v128_test(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *lanes = pop_lanes(wasm::shape_of(op.text));
  llvm::Constant *zero = llvm::Constant::getNullValue(lanes->getType());
  switch (op.arg) {
    case Arg::AnyTrue: {
      llvm::Value *whole = builder_.CreateBitCast(lanes, builder_.getInt128Ty());
      return push(from_bool(builder_.CreateICmpNE(whole, llvm::Constant::getNullValue(whole->getType()))));
    }
    case Arg::AllTrue: return push(from_bool(builder_.CreateAndReduce(builder_.CreateICmpNE(lanes, zero))));
    default: {
      llvm::Value *signs = builder_.CreateICmpSLT(lanes, zero);
      llvm::Value *mask = builder_.CreateBitCast(signs, builder_.getIntNTy(wasm::lane_count(wasm::shape_of(op.text))));
      return push(builder_.CreateZExt(mask, builder_.getInt32Ty()));
    }
  }
}

void FunctionLowering::v128_compare(const wasm::OpInfo &op, const wasm::NoImm &) {
  const Shape shape = wasm::shape_of(op.text);
  llvm::Value *right = pop_lanes(shape), *left = pop_lanes(shape);
  llvm::Value *holds = builder_.CreateCmp(predicate_of(op.arg, is_float(shape)), left, right);
  const Shape mask = shape == Shape::F32x4 ? Shape::I32x4 : shape == Shape::F64x2 ? Shape::I64x2 : shape;
  push_lanes(builder_.CreateSExt(holds, lanes_type(mask)));
}

void FunctionLowering::v128_shift(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *count = pop(), *lanes = pop_lanes(wasm::shape_of(op.text));
  auto *type = llvm::cast<llvm::FixedVectorType>(lanes->getType());
  count = builder_.CreateAnd(count, i32(type->getScalarSizeInBits() - 1));  // a shift by the width or more is poison
  count = builder_.CreateVectorSplat(type->getNumElements(), builder_.CreateZExtOrTrunc(count, type->getElementType()));
  switch (op.arg) {
    case Arg::Shl: return push_lanes(builder_.CreateShl(lanes, count));
    case Arg::ShrS: return push_lanes(builder_.CreateAShr(lanes, count));
    default: return push_lanes(builder_.CreateLShr(lanes, count));
  }
}

// One operand.

/// `from` lanes of half the width, those of one half widened.
static Shape narrower(Shape shape) { return Shape(uint8_t(shape) - 1); }

void FunctionLowering::v128_unary(const wasm::OpInfo &op, const wasm::NoImm &) {
  const Shape shape = wasm::shape_of(op.text);
  switch (op.arg) {
    case Arg::Not: return push(builder_.CreateNot(pop()));
    case Arg::Popcnt: return push_lanes(intrinsic(Intrinsic::ctpop, {pop_lanes(shape)}));
    case Arg::Sqrt: return push_lanes(intrinsic(Intrinsic::sqrt, {pop_lanes(shape)}));
    case Arg::Abs: {
      llvm::Value *value = pop_lanes(shape);
      return push_lanes(is_float(shape) ? intrinsic(Intrinsic::fabs, {value}) : intrinsic(Intrinsic::abs, {value, builder_.getFalse()}));
    }
    case Arg::Neg: {
      llvm::Value *value = pop_lanes(shape);
      return push_lanes(is_float(shape) ? builder_.CreateFNeg(value) : builder_.CreateNeg(value));
    }
    case Arg::Ceil:
    case Arg::Floor:
    case Arg::Trunc:
    case Arg::Nearest: return push_lanes(round(op.arg, pop_lanes(shape)));
    case Arg::ExtendLowS:
    case Arg::ExtendHighS:
    case Arg::ExtendLowU:
    case Arg::ExtendHighU: return push_lanes(widen_lanes(half(pop_lanes(narrower(shape)), takes_high_half(op.arg)), widens_signed(op.arg)));
    case Arg::ExtaddPairwiseS:
    case Arg::ExtaddPairwiseU: return push_lanes(add_pairs(pop_lanes(narrower(shape)), widens_signed(op.arg)));
    default: return push_lanes(convert_lanes(op.arg));
  }
}

/// Each pair of neighbours, widened and added.
llvm::Value *FunctionLowering::add_pairs(llvm::Value *lanes, bool is_signed) {
  auto *from = llvm::cast<llvm::FixedVectorType>(lanes->getType());
  const unsigned bits = from->getScalarSizeInBits();
  auto *to = llvm::FixedVectorType::get(builder_.getIntNTy(2 * bits), from->getNumElements() / 2);
  if (!isa().x86)
    return builder_.CreateIntrinsic(is_signed ? Intrinsic::aarch64_neon_saddlp : Intrinsic::aarch64_neon_uaddlp, {to, from}, {lanes});
  if (bits == 16 && is_signed) return builder_.CreateIntrinsic(Intrinsic::x86_sse2_pmadd_wd, {lanes, splat(from, 1)});
  if (bits == 8 && isa().has_ssse3) {  // unsigned times signed
    llvm::Value *ones = splat(from, 1);
    return builder_.CreateIntrinsic(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {is_signed ? ones : lanes, is_signed ? lanes : ones});
  }
  llvm::Value *pairs = builder_.CreateBitCast(lanes, to), *width = splat(to, bits);
  const auto shifted = [&](llvm::Value *value) { return is_signed ? builder_.CreateAShr(value, width) : builder_.CreateLShr(value, width); };
  return builder_.CreateAdd(shifted(builder_.CreateShl(pairs, width)), shifted(pairs));
}

/// Between integers and floats, and between floats.
llvm::Value *FunctionLowering::convert_lanes(Arg arg) {
  llvm::Type *f32x2 = llvm::FixedVectorType::get(builder_.getFloatTy(), 2), *f64x2 = lanes_type(Shape::F64x2);
  llvm::Type *i32x2 = llvm::FixedVectorType::get(builder_.getInt32Ty(), 2), *i32x4 = lanes_type(Shape::I32x4), *f32x4 = lanes_type(Shape::F32x4);
  const bool is_fast = isa().x86 && is_relaxed();
  switch (arg) {
    case Arg::Demote: {
      llvm::Value *value = pop_lanes(Shape::F64x2);
      // demote(promote(x)) folds to x; see folds_to_other_operand.
      if (auto *promoted = llvm::dyn_cast<llvm::FPExtInst>(value)) return join(quiet(promoted->getOperand(0)), nullptr);
      return join(builder_.CreateFPTrunc(value, f32x2), nullptr);
    }
    case Arg::PromoteLow: return builder_.CreateFPExt(half(pop_lanes(Shape::F32x4), false), f64x2);
    case Arg::ConvertS: return builder_.CreateSIToFP(pop_lanes(Shape::I32x4), f32x4);
    case Arg::ConvertU: return builder_.CreateUIToFP(pop_lanes(Shape::I32x4), f32x4);
    case Arg::ConvertLowS: return builder_.CreateSIToFP(half(pop_lanes(Shape::I32x4), false), f64x2);
    case Arg::ConvertLowU: return builder_.CreateUIToFP(half(pop_lanes(Shape::I32x4), false), f64x2);
    case Arg::RelaxedTruncS:
      if (is_fast) return builder_.CreateIntrinsic(Intrinsic::x86_sse2_cvttps2dq, {pop_lanes(Shape::F32x4)});
      [[fallthrough]];
    case Arg::TruncSatS: return truncate_saturating(i32x4, pop_lanes(Shape::F32x4), true);
    case Arg::RelaxedTruncU:
    case Arg::TruncSatU: return truncate_saturating(i32x4, pop_lanes(Shape::F32x4), false);
    case Arg::RelaxedTruncZeroS:
      if (is_fast) return builder_.CreateIntrinsic(Intrinsic::x86_sse2_cvttpd2dq, {pop_lanes(Shape::F64x2)});
      [[fallthrough]];
    case Arg::TruncSatZeroS: return join(truncate_saturating(i32x2, pop_lanes(Shape::F64x2), true), nullptr);
    case Arg::RelaxedTruncZeroU:
    case Arg::TruncSatZeroU: return join(truncate_saturating(i32x2, pop_lanes(Shape::F64x2), false), nullptr);
    default: llvm_unreachable("not a conversion");
  }
}

// Two operands.

void FunctionLowering::v128_binary(const wasm::OpInfo &op, const wasm::NoImm &) {
  const Shape shape = wasm::shape_of(op.text);
  // Operations whose operands have narrower or wider lanes than the result.
  if (is_one_of(op.arg, {Arg::ExtmulLowS, Arg::ExtmulHighS, Arg::ExtmulLowU, Arg::ExtmulHighU})) {
    const auto operand = [&] { return widen_lanes(half(pop_lanes(narrower(shape)), takes_high_half(op.arg)), widens_signed(op.arg)); };
    llvm::Value *right = operand(), *left = operand();
    return push_lanes(builder_.CreateMul(left, right));
  }
  if (op.arg == Arg::NarrowS || op.arg == Arg::NarrowU) {
    const Shape wide = Shape(uint8_t(shape) + 1);
    llvm::Value *right = pop_lanes(wide), *left = pop_lanes(wide);
    return push_lanes(narrow_lanes(join(left, right), op.arg == Arg::NarrowS));
  }
  if (op.arg == Arg::DotS || op.arg == Arg::RelaxedDotS) {
    llvm::Value *right = pop_lanes(narrower(shape)), *left = pop_lanes(narrower(shape));
    return push_lanes(op.arg == Arg::DotS ? dot(left, right) : relaxed_dot(left, right));
  }
  llvm::Value *right = pop_lanes(shape), *left = pop_lanes(shape);
  push_lanes(is_float(shape) ? float_lanes(op.arg, left, right) : integer_lanes(op.arg, left, right));
}

/// Clamped to the range of lanes of half the width; the operand's are signed either way.
llvm::Value *FunctionLowering::narrow_lanes(llvm::Value *lanes, bool is_signed) {
  auto *type = llvm::cast<llvm::FixedVectorType>(lanes->getType());
  const unsigned bits = type->getScalarSizeInBits() / 2;
  const int64_t low = is_signed ? -(int64_t{1} << (bits - 1)) : 0, high = (int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  llvm::Value *clamped = intrinsic(Intrinsic::smin, {intrinsic(Intrinsic::smax, {lanes, splat(type, low)}), splat(type, high)});
  return builder_.CreateTrunc(clamped, llvm::FixedVectorType::get(builder_.getIntNTy(bits), type->getNumElements()));
}

/// The products of neighbours in i16x8, added.
llvm::Value *FunctionLowering::dot(llvm::Value *left, llvm::Value *right) {
  if (isa().x86) return builder_.CreateIntrinsic(Intrinsic::x86_sse2_pmadd_wd, {left, right});
  llvm::Value *products = builder_.CreateMul(widen_lanes(left, true), widen_lanes(right, true));
  return builder_.CreateAdd(builder_.CreateShuffleVector(products, run_of_lanes(0, 4, 2)),
                            builder_.CreateShuffleVector(products, run_of_lanes(1, 4, 2)));
}

/// The products of neighbours in i8x16, added. The right lanes are meant to have 7 bits; with 8, x86-64 takes them as unsigned.
llvm::Value *FunctionLowering::relaxed_dot(llvm::Value *left, llvm::Value *right) {
  if (isa().has_ssse3 && is_relaxed())
    return builder_.CreateIntrinsic(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {right, left});
  llvm::Value *products = builder_.CreateMul(widen_lanes(left, true), widen_lanes(right, true));
  return builder_.CreateAdd(builder_.CreateShuffleVector(products, run_of_lanes(0, 8, 2)),
                            builder_.CreateShuffleVector(products, run_of_lanes(1, 8, 2)));
}

llvm::Value *FunctionLowering::float_lanes(Arg arg, llvm::Value *left, llvm::Value *right) {
  const bool is_fast = isa().x86 && is_relaxed();
  switch (arg) {
    case Arg::Pmin: return builder_.CreateSelect(builder_.CreateFCmpOLT(right, left), right, left);
    case Arg::Pmax: return builder_.CreateSelect(builder_.CreateFCmpOLT(left, right), right, left);
    case Arg::RelaxedMin:
      if (is_fast) return builder_.CreateSelect(builder_.CreateFCmpOLT(left, right), left, right);
      return float_min_max(true, left, right);
    case Arg::RelaxedMax:
      if (is_fast) return builder_.CreateSelect(builder_.CreateFCmpOGT(left, right), left, right);
      return float_min_max(false, left, right);
    default: return float_binary(arg, left, right);
  }
}

llvm::Value *FunctionLowering::integer_lanes(Arg arg, llvm::Value *left, llvm::Value *right) {
  switch (arg) {
    case Arg::AndNot: return builder_.CreateAnd(left, builder_.CreateNot(right));
    case Arg::AddSatS: return intrinsic(Intrinsic::sadd_sat, {left, right});
    case Arg::AddSatU: return intrinsic(Intrinsic::uadd_sat, {left, right});
    case Arg::SubSatS: return intrinsic(Intrinsic::ssub_sat, {left, right});
    case Arg::SubSatU: return intrinsic(Intrinsic::usub_sat, {left, right});
    case Arg::MinS: return intrinsic(Intrinsic::smin, {left, right});
    case Arg::MinU: return intrinsic(Intrinsic::umin, {left, right});
    case Arg::MaxS: return intrinsic(Intrinsic::smax, {left, right});
    case Arg::MaxU: return intrinsic(Intrinsic::umax, {left, right});
    case Arg::AvgrU: {
      llvm::Value *sum = builder_.CreateAdd(widen_lanes(left, false), widen_lanes(right, false));
      llvm::Value *rounded = builder_.CreateAdd(sum, splat(sum->getType(), 1));
      return builder_.CreateTrunc(builder_.CreateLShr(rounded, splat(sum->getType(), 1)), left->getType());
    }
    case Arg::Q15MulrSatS: return multiply_q15(left, right, true);
    case Arg::RelaxedQ15MulrS: return multiply_q15(left, right, !is_relaxed());
    case Arg::Swizzle: return swizzle(left, right, true);
    case Arg::RelaxedSwizzle: return swizzle(left, right, !is_relaxed());
    default: return integer_binary(arg, left, right);
  }
}

/// Fixed-point products, rounded. `exact`: -1 times -1 saturates; pmulhrsw gives -1.
llvm::Value *FunctionLowering::multiply_q15(llvm::Value *left, llvm::Value *right, bool exact) {
  llvm::Type *type = left->getType();
  if (!isa().x86) return intrinsic(Intrinsic::aarch64_neon_sqrdmulh, {left, right});
  if (isa().has_ssse3) {
    llvm::Value *product = builder_.CreateIntrinsic(Intrinsic::x86_ssse3_pmul_hr_sw_128, {left, right});
    if (!exact) return product;
    llvm::Value *overflow = builder_.CreateSExt(builder_.CreateICmpEQ(product, splat(type, INT16_MIN)), type);
    return builder_.CreateXor(product, overflow);
  }
  llvm::Value *product = builder_.CreateMul(widen_lanes(left, true), widen_lanes(right, true));
  llvm::Type *wide = product->getType();
  llvm::Value *rounded = builder_.CreateAShr(builder_.CreateAdd(product, splat(wide, 0x4000)), splat(wide, 15));
  return builder_.CreateTrunc(intrinsic(Intrinsic::smin, {rounded, splat(wide, INT16_MAX)}), type);
}

/// Bytes of `bytes` at `indices`. `exact`: an index beyond 15 gives 0; pshufb looks at the top bit only.
llvm::Value *FunctionLowering::swizzle(llvm::Value *bytes, llvm::Value *indices, bool exact) {
  llvm::Type *type = bytes->getType();
  if (!isa().x86) return builder_.CreateIntrinsic(Intrinsic::aarch64_neon_tbl1, {type}, {bytes, indices});
  if (isa().has_ssse3) {
    if (exact) indices = intrinsic(Intrinsic::uadd_sat, {indices, splat(type, 0x70)});
    return builder_.CreateIntrinsic(Intrinsic::x86_ssse3_pshuf_b_128, {bytes, indices});
  }
  llvm::Value *out = llvm::Constant::getNullValue(type);
  for (uint64_t lane = 0; lane < 16; ++lane) {
    llvm::Value *index = builder_.CreateExtractElement(indices, lane);
    llvm::Value *byte = builder_.CreateExtractElement(bytes, builder_.CreateAnd(index, builder_.getInt8(15)));
    llvm::Value *inside = builder_.CreateICmpULT(index, builder_.getInt8(16));
    out = builder_.CreateInsertElement(out, builder_.CreateSelect(inside, byte, builder_.getInt8(0)), lane);
  }
  return out;
}

// Three operands.

void FunctionLowering::v128_ternary(const wasm::OpInfo &op, const wasm::NoImm &) {
  const Shape shape = wasm::shape_of(op.text);
  if (op.arg == Arg::RelaxedDotAddS) {
    llvm::Value *sum = pop_lanes(Shape::I32x4), *right = pop_lanes(Shape::I8x16), *left = pop_lanes(Shape::I8x16);
    if (isa().has_dotprod && is_relaxed())
      return push_lanes(builder_.CreateIntrinsic(Intrinsic::aarch64_neon_sdot, {sum->getType(), left->getType()}, {sum, left, right}));
    return push_lanes(builder_.CreateAdd(add_pairs(relaxed_dot(left, right), true), sum));
  }
  llvm::Value *third = pop_lanes(shape), *second = pop_lanes(shape), *first = pop_lanes(shape);
  switch (op.arg) {
    case Arg::RelaxedMadd: return push_lanes(multiply_add(first, second, third));
    case Arg::RelaxedNmadd: return push_lanes(multiply_add(builder_.CreateFNeg(first), second, third));
    case Arg::RelaxedLaneselect:
      // blendv looks at each lane's top bit; there is none for lanes of 16 bits.
      if (isa().x86 && isa().has_rounding && shape != Shape::I16x8 && is_relaxed())
        return push_lanes(builder_.CreateSelect(builder_.CreateICmpSLT(third, llvm::Constant::getNullValue(third->getType())), first, second));
      [[fallthrough]];
    default: {
      llvm::Value *otherwise = builder_.CreateAnd(second, builder_.CreateNot(third));
      return push_lanes(builder_.CreateOr(builder_.CreateAnd(first, third), otherwise));
    }
  }
}

/// Fused where that is an instruction; LLVM would call libm otherwise.
llvm::Value *FunctionLowering::multiply_add(llvm::Value *left, llvm::Value *right, llvm::Value *sum) {
  if (isa().has_fma && is_relaxed()) return intrinsic(Intrinsic::fma, {left, right, sum});
  return float_binary(Arg::Add, float_binary(Arg::Mul, left, right), sum);
}

// Wide arithmetic: a number of 128 bits is two i64, the low half below.

llvm::Value *FunctionLowering::pop_wide() {
  llvm::Type *wide = builder_.getInt128Ty();
  llvm::Value *high = builder_.CreateZExt(pop(), wide), *low = builder_.CreateZExt(pop(), wide);
  return builder_.CreateOr(builder_.CreateShl(high, 64), low);
}

void FunctionLowering::push_wide(llvm::Value *value) {
  push(builder_.CreateTrunc(value, builder_.getInt64Ty()));
  push(builder_.CreateTrunc(builder_.CreateLShr(value, 64), builder_.getInt64Ty()));
}

void FunctionLowering::wide_add(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *right = pop_wide(), *left = pop_wide();
  push_wide(op.arg == Arg::Add ? builder_.CreateAdd(left, right) : builder_.CreateSub(left, right));
}

void FunctionLowering::wide_multiply(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Type *wide = builder_.getInt128Ty();
  const auto operand = [&] { return op.arg == Arg::ExtendS ? builder_.CreateSExt(pop(), wide) : builder_.CreateZExt(pop(), wide); };
  llvm::Value *right = operand(), *left = operand();
  push_wide(builder_.CreateMul(left, right));
}

}  // namespace wasmc::lower
