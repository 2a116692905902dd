// Numeric instructions (spec 4.3 Numerics). Where LLVM's operation is undefined or poison for operands that Wasm defines, the check
// or mask stands here; so does what keeps LLVM from folding away the quieting of a signalling NaN.
#include <llvm/IR/Intrinsics.h>

#include <cmath>

#include "lower/function.h"

namespace wasmc::lower {
namespace {

using abi::TrapKind;
using wasm::Arg;
namespace Intrinsic = llvm::Intrinsic;

/// LLVM folds x*1, x/1, x-0 and x+(-0) to x, and x*-1, x/-1 and -0-x to its negation: a signalling NaN would come through unquieted.
bool folds_to_other_operand(Arg arg, llvm::Value *constant) {
  if (const auto *lanes = llvm::dyn_cast<llvm::ConstantDataVector>(constant)) {
    for (unsigned i = 0; i < lanes->getNumElements(); ++i)
      if (folds_to_other_operand(arg, lanes->getElementAsConstant(i))) return true;
    return false;
  }
  if (constant->getType()->isVectorTy() && llvm::isa<llvm::ConstantAggregateZero>(constant)) return arg == Arg::Add || arg == Arg::Sub;
  const auto *literal = llvm::dyn_cast<llvm::ConstantFP>(constant);
  if (!literal) return false;
  if (arg == Arg::Mul || arg == Arg::Div) return literal->isExactlyValue(1.0) || literal->isExactlyValue(-1.0);
  return (arg == Arg::Add || arg == Arg::Sub) && literal->isZero();
}

struct Interval {
  double low, high;  ///< both exclusive; exact in the source type
};

/// The floats that truncate into an integer type lie strictly between these.
Interval truncatable(bool to_64, bool is_signed, bool from_f32) {
  if (!is_signed) return {-1.0, to_64 ? 0x1p64 : 0x1p32};
  if (to_64) return {from_f32 ? -0x1.000002p63 : -0x1.0000000000001p63, 0x1p63};
  return {from_f32 ? -0x1.000002p31 : -0x1.00000002p31, 0x1p31};
}

}  // namespace

llvm::CmpInst::Predicate FunctionLowering::predicate_of(Arg arg, bool is_float) {
  using P = llvm::CmpInst;
  switch (arg) {
    case Arg::Eq: return is_float ? P::FCMP_OEQ : P::ICMP_EQ;
    case Arg::Ne: return is_float ? P::FCMP_UNE : P::ICMP_NE;
    case Arg::LtS: return P::ICMP_SLT;
    case Arg::LtU: return P::ICMP_ULT;
    case Arg::GtS: return P::ICMP_SGT;
    case Arg::GtU: return P::ICMP_UGT;
    case Arg::LeS: return P::ICMP_SLE;
    case Arg::LeU: return P::ICMP_ULE;
    case Arg::GeS: return P::ICMP_SGE;
    case Arg::GeU: return P::ICMP_UGE;
    case Arg::Lt: return P::FCMP_OLT;
    case Arg::Gt: return P::FCMP_OGT;
    case Arg::Le: return P::FCMP_OLE;
    case Arg::Ge: return P::FCMP_OGE;
    default: llvm_unreachable("not a comparison");
  }
}

llvm::Value *FunctionLowering::intrinsic(Intrinsic::ID id, std::initializer_list<llvm::Value *> arguments) {
  return builder_.CreateIntrinsic(id, {(*arguments.begin())->getType()}, arguments);
}

void FunctionLowering::test(const wasm::OpInfo &, const wasm::NoImm &) {
  llvm::Value *value = pop();
  // `eqz` of a comparison is the comparison negated.
  if (auto *widened = llvm::dyn_cast<llvm::ZExtInst>(value); widened && widened->getSrcTy()->isIntegerTy(1))
    return push(from_bool(builder_.CreateNot(widened->getOperand(0))));
  push(from_bool(builder_.CreateICmpEQ(value, llvm::Constant::getNullValue(value->getType()))));
}

void FunctionLowering::compare(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *right = pop(), *left = pop();
  const auto predicate = predicate_of(op.arg, left->getType()->isFloatingPointTy());
  push(from_bool(builder_.CreateCmp(predicate, left, right)));
}

void FunctionLowering::unary(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *value = pop();
  switch (op.arg) {
    case Arg::Clz: return push(intrinsic(Intrinsic::ctlz, {value, builder_.getFalse()}));
    case Arg::Ctz: return push(intrinsic(Intrinsic::cttz, {value, builder_.getFalse()}));
    case Arg::Popcnt: return push(intrinsic(Intrinsic::ctpop, {value}));
    case Arg::Abs: return push(intrinsic(Intrinsic::fabs, {value}));
    case Arg::Neg: return push(builder_.CreateFNeg(value));
    case Arg::Sqrt: return push(intrinsic(Intrinsic::sqrt, {value}));
    default: return push(round(op.arg, value));
  }
}

llvm::Value *FunctionLowering::round(Arg arg, llvm::Value *value) {
  if (isa().has_rounding) {
    const Intrinsic::ID id = arg == Arg::Ceil    ? Intrinsic::ceil
                             : arg == Arg::Floor ? Intrinsic::floor
                             : arg == Arg::Trunc ? Intrinsic::trunc
                                                 : Intrinsic::roundeven;
    return intrinsic(id, {value});
  }
  // Without an instruction for it LLVM would call libm. Adding and subtracting 2^52 (2^23) rounds a smaller magnitude to the nearest
  // integer, ties to even; the other modes correct that by one. Larger magnitudes are integers already, and the sign
  // of a zero result is the operand's.
  llvm::Type *type = value->getType();
  const auto number = [&](double n) { return llvm::ConstantFP::get(type, n); };
  llvm::Value *big = number(type->getScalarType()->isFloatTy() ? 0x1p23 : 0x1p52);
  llvm::Value *magnitude = intrinsic(Intrinsic::fabs, {value});
  llvm::Value *nearest = builder_.CreateFSub(builder_.CreateFAdd(magnitude, big), big);
  llvm::Value *rounded = nullptr;
  if (arg == Arg::Nearest) {
    rounded = nearest;
  } else if (arg == Arg::Trunc) {
    llvm::Value *over = builder_.CreateSelect(builder_.CreateFCmpOGT(nearest, magnitude), number(1), number(0));
    rounded = builder_.CreateFSub(nearest, over);
  } else {
    llvm::Value *with_sign = intrinsic(Intrinsic::copysign, {nearest, value});
    const bool floor = arg == Arg::Floor;
    llvm::Value *wrong = floor ? builder_.CreateFCmpOGT(with_sign, value) : builder_.CreateFCmpOLT(with_sign, value);
    rounded = builder_.CreateFAdd(with_sign, builder_.CreateSelect(wrong, number(floor ? -1 : 1), number(0)));
  }
  rounded = intrinsic(Intrinsic::copysign, {rounded, value});
  // The comparison is false for a NaN too.
  return builder_.CreateSelect(builder_.CreateFCmpOLT(magnitude, big), rounded, quiet(value));
}

void FunctionLowering::binary(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *right = pop(), *left = pop();
  push(left->getType()->isFloatingPointTy() ? float_binary(op.arg, left, right) : integer_binary(op.arg, left, right));
}

llvm::Value *FunctionLowering::integer_binary(Arg arg, llvm::Value *left, llvm::Value *right) {
  const auto masked = [&] {  // a shift by the width or more is poison
    return builder_.CreateAnd(right, llvm::ConstantInt::get(right->getType(), right->getType()->getIntegerBitWidth() - 1));
  };
  switch (arg) {
    case Arg::Add: return builder_.CreateAdd(left, right);
    case Arg::Sub: return builder_.CreateSub(left, right);
    case Arg::Mul: return builder_.CreateMul(left, right);
    case Arg::And: return builder_.CreateAnd(left, right);
    case Arg::Or: return builder_.CreateOr(left, right);
    case Arg::Xor: return builder_.CreateXor(left, right);
    case Arg::Shl: return builder_.CreateShl(left, masked());
    case Arg::ShrS: return builder_.CreateAShr(left, masked());
    case Arg::ShrU: return builder_.CreateLShr(left, masked());
    case Arg::Rotl: return intrinsic(Intrinsic::fshl, {left, left, right});
    case Arg::Rotr: return intrinsic(Intrinsic::fshr, {left, left, right});
    default: return divide(arg, left, right);
  }
}

llvm::Value *FunctionLowering::divide(Arg arg, llvm::Value *left, llvm::Value *right) {
  auto *type = llvm::cast<llvm::IntegerType>(left->getType());
  llvm::Constant *zero = llvm::ConstantInt::get(type, 0), *minus_one = llvm::ConstantInt::getSigned(type, -1);
  trap_if(builder_.CreateICmpEQ(right, zero), TrapKind::IntegerDivideByZero);
  switch (arg) {
    case Arg::DivU: return builder_.CreateUDiv(left, right);
    case Arg::RemU: return builder_.CreateURem(left, right);
    case Arg::DivS: {
      llvm::Constant *minimum = llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getBitWidth()));
      llvm::Value *overflows =
          builder_.CreateAnd(builder_.CreateICmpEQ(left, minimum), builder_.CreateICmpEQ(right, minus_one));
      trap_if(overflows, TrapKind::IntegerOverflow);
      return builder_.CreateSDiv(left, right);
    }
    default: {
      // minimum rem -1 is 0 in Wasm but undefined in LLVM; any x rem -1 is x rem 1.
      llvm::Value *divisor = builder_.CreateSelect(builder_.CreateICmpEQ(right, minus_one), llvm::ConstantInt::get(type, 1), right);
      return builder_.CreateSRem(left, divisor);
    }
  }
}

llvm::Value *FunctionLowering::quiet(llvm::Value *value) {
  // A multiplication by a one that LLVM cannot see. llvm.canonicalize would say it, but x86-64 cannot select its vectors of
  // two f32, which the vectorisers make.
  llvm::Type *type = value->getType();
  llvm::Module &module = shared_.module();
  std::string name = type->getScalarType()->isFloatTy() ? "wasmc.one.f32" : "wasmc.one.f64";
  if (auto *lanes = llvm::dyn_cast<llvm::FixedVectorType>(type)) name += 'x' + std::to_string(lanes->getNumElements());
  llvm::GlobalVariable *one = module.getNamedGlobal(name);
  if (!one) {
    one = new llvm::GlobalVariable(module, type, true, llvm::GlobalValue::PrivateLinkage, llvm::ConstantFP::get(type, 1.0), name);
    one->setExternallyInitialized(true);
  }
  return builder_.CreateFMul(value, builder_.CreateLoad(type, one));
}

llvm::Value *FunctionLowering::float_binary(Arg arg, llvm::Value *left, llvm::Value *right) {
  if (folds_to_other_operand(arg, right)) left = quiet(left);
  if (folds_to_other_operand(arg, left)) right = quiet(right);
  switch (arg) {
    case Arg::Add: return builder_.CreateFAdd(left, right);
    case Arg::Sub: return builder_.CreateFSub(left, right);
    case Arg::Mul: return builder_.CreateFMul(left, right);
    case Arg::Div: return builder_.CreateFDiv(left, right);
    case Arg::Copysign: return intrinsic(Intrinsic::copysign, {left, right});
    default: return float_min_max(arg == Arg::Min, left, right);
  }
}

llvm::Value *FunctionLowering::float_min_max(bool is_min, llvm::Value *left, llvm::Value *right) {
  if (!isa().x86) return intrinsic(is_min ? Intrinsic::minimum : Intrinsic::maximum, {left, right});
  // LLVM 22 lowers llvm.minimum on x86-64 with data-dependent branches for scalars, and lets signalling NaNs through for vectors. Two selects, each one minsd (maxsd), differ only
  // for zeros of either sign and for NaNs: or-ing (and-ing) the bits decides the first as Wasm does.
  llvm::Type *type = left->getType();
  llvm::Type *bits = type->getWithNewType(builder_.getIntNTy(type->getScalarSizeInBits()));
  const auto pick = [&](llvm::Value *a, llvm::Value *b) {
    llvm::Value *first = is_min ? builder_.CreateFCmpOLT(a, b) : builder_.CreateFCmpOGT(a, b);
    return builder_.CreateBitCast(builder_.CreateSelect(first, a, b), bits);
  };
  llvm::Value *one = pick(left, right), *other = pick(right, left);
  llvm::Value *merged = builder_.CreateBitCast(is_min ? builder_.CreateOr(one, other) : builder_.CreateAnd(one, other), type);
  return builder_.CreateSelect(builder_.CreateFCmpUNO(left, right), builder_.CreateFAdd(left, right), merged);
}

llvm::Value *FunctionLowering::truncate(const wasm::OpInfo &op, llvm::Value *value) {
  llvm::Type *type = shared_.type(wasm::type_of_letter(op.signature.results[0]));
  const bool is_signed = op.arg == Arg::TruncS || op.arg == Arg::TruncSatS;
  if (op.arg == Arg::TruncSatS || op.arg == Arg::TruncSatU) return truncate_saturating(type, value, is_signed);

  // One range check, false for NaN; the cold path finds out which trap it is.
  const Interval range = truncatable(type->isIntegerTy(64), is_signed, value->getType()->isFloatTy());
  llvm::Value *inside = builder_.CreateAnd(builder_.CreateFCmpOGT(value, llvm::ConstantFP::get(value->getType(), range.low)),
                                           builder_.CreateFCmpOLT(value, llvm::ConstantFP::get(value->getType(), range.high)));
  llvm::BasicBlock *trap = new_block("trap"), *next = new_block("");
  builder_.CreateCondBr(inside, next, trap, shared_.likely());
  builder_.SetInsertPoint(trap);
  emit_trap(builder_.CreateSelect(builder_.CreateFCmpUNO(value, value), i32(uint32_t(TrapKind::InvalidConversion)),
                                  i32(uint32_t(TrapKind::IntegerOverflow))));
  builder_.SetInsertPoint(next);
  return is_signed ? builder_.CreateFPToSI(value, type) : builder_.CreateFPToUI(value, type);
}

llvm::Value *FunctionLowering::truncate_saturating(llvm::Type *to, llvm::Value *value, bool is_signed) {
  llvm::Type *from = value->getType();
  const unsigned bits = to->getScalarSizeInBits();
  if (!isa().x86 || bits == 64) return builder_.CreateIntrinsic(is_signed ? Intrinsic::fptosi_sat : Intrinsic::fptoui_sat, {to, from}, {value});
  // LLVM 22 takes vectors of llvm.fptosi.sat apart on x86-64, so it vectorises no loop with one. Scalars cost the same so; f32 to s32 one maxss more.
  const llvm::APInt least = is_signed ? llvm::APInt::getSignedMinValue(bits) : llvm::APInt::getZero(bits);
  const llvm::APInt greatest = is_signed ? llvm::APInt::getSignedMaxValue(bits) : llvm::APInt::getMaxValue(bits);
  const auto constant = [&](double limit) { return llvm::ConstantFP::get(from, limit); };
  const auto converted = [&](llvm::Value *x) { return is_signed ? builder_.CreateFPToSI(x, to) : builder_.CreateFPToUI(x, to); };
  llvm::Value *low = constant(least.roundToDouble(is_signed)), *bounded = builder_.CreateSelect(builder_.CreateFCmpOGT(value, low), value, low);  // NaN too
  llvm::Value *result;
  if (from->getScalarType()->isDoubleTy()) {
    llvm::Value *high = constant(greatest.roundToDouble(is_signed));
    result = converted(builder_.CreateSelect(builder_.CreateFCmpOLT(bounded, high), bounded, high));
  } else {  // which has no float for the greatest integer: what is above it is poison, and replaced
    llvm::Value *beyond = builder_.CreateFCmpOGE(bounded, constant(greatest.roundToDouble(is_signed) + 1));
    result = builder_.CreateSelect(beyond, llvm::ConstantInt::get(to, greatest), builder_.CreateFreeze(converted(bounded)));
  }
  if (!is_signed) return result;
  return builder_.CreateSelect(builder_.CreateFCmpUNO(value, value), llvm::Constant::getNullValue(to), result);
}

void FunctionLowering::convert(const wasm::OpInfo &op, const wasm::NoImm &) {
  llvm::Value *value = pop();
  llvm::Type *type = shared_.type(wasm::type_of_letter(op.signature.results[0]));
  const auto extend_low = [&](unsigned bits) {
    return builder_.CreateSExt(builder_.CreateTrunc(value, builder_.getIntNTy(bits)), type);
  };
  switch (op.arg) {
    case Arg::Wrap: return push(builder_.CreateTrunc(value, type));
    case Arg::ExtendS: return push(builder_.CreateSExt(value, type));
    case Arg::ExtendU: return push(builder_.CreateZExt(value, type));
    case Arg::Extend8S: return push(extend_low(8));
    case Arg::Extend16S: return push(extend_low(16));
    case Arg::Extend32S: return push(extend_low(32));
    case Arg::ConvertS: return push(builder_.CreateSIToFP(value, type));
    case Arg::ConvertU: return push(builder_.CreateUIToFP(value, type));
    case Arg::Demote:
      // demote(promote(x)) folds to x; see folds_to_other_operand.
      if (auto *promoted = llvm::dyn_cast<llvm::FPExtInst>(value))
        return push(quiet(promoted->getOperand(0)));
      return push(builder_.CreateFPTrunc(value, type));
    case Arg::Promote: return push(builder_.CreateFPExt(value, type));
    case Arg::Reinterpret: return push(builder_.CreateBitCast(value, type));
    default: return push(truncate(op, value));
  }
}

}  // namespace wasmc::lower
