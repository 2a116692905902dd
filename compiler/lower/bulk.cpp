// memory.copy, memory.fill and what initialises memory (spec 4.4.7 Memory Instructions). Most copies of real programs are a few bytes long,
// so short ones are done in compiled code; long ones, and those out of bounds, are the builtin's.
//
// `width` to `2 * width` bytes are covered by accesses of the first and of the last `width` bytes, which may overlap; all loads come before
// any store, so source and destination may overlap as well.
#include <bit>

#include "lower/function.h"

namespace wasmc::lower {
namespace {

using abi::BuiltinId;

constexpr uint64_t kLongestShort = 128, kWidestAccess = 16;

/// Loads and stores that cover so many bytes.
class Pieces {
 public:
  Pieces(ModuleLowering &shared, llvm::IRBuilderBase &builder, uint64_t width, llvm::Value *count) : shared_(shared), builder_(builder) {
    const uint64_t unit = std::min(width, kWidestAccess);
    type_ = unit == kWidestAccess ? static_cast<llvm::Type *>(llvm::FixedVectorType::get(builder.getInt8Ty(), unit)) : builder.getIntNTy(unsigned(8 * unit));
    llvm::Value *last = builder.CreateSub(count, builder.getInt64(width));
    for (uint64_t at = 0; at < width; at += unit) offsets_.push_back(builder.getInt64(at));
    for (uint64_t at = 0; at < width; at += unit) offsets_.push_back(builder.CreateAdd(last, builder.getInt64(at)));
  }

  void copy(llvm::Value *to, llvm::Value *from) {
    std::vector<llvm::Value *> values;
    for (llvm::Value *offset : offsets_)
      values.push_back(shared_.tag(builder_.CreateAlignedLoad(type_, at(from, offset), llvm::Align(1)), Storage::Memory));
    for (size_t i = 0; i < offsets_.size(); ++i) store(values[i], at(to, offsets_[i]));
  }

  /// `byte` is an i8.
  void fill(llvm::Value *to, llvm::Value *byte) {
    llvm::Value *bytes = builder_.CreateVectorSplat(unsigned(type_->getPrimitiveSizeInBits() / 8), byte);
    llvm::Value *value = builder_.CreateBitCast(bytes, type_);
    for (llvm::Value *offset : offsets_) store(value, at(to, offset));
  }

 private:
  llvm::Value *at(llvm::Value *base, llvm::Value *offset) { return builder_.CreateInBoundsGEP(builder_.getInt8Ty(), base, offset); }
  void store(llvm::Value *value, llvm::Value *to) { shared_.tag(builder_.CreateAlignedStore(value, to, llvm::Align(1)), Storage::Memory); }

  ModuleLowering &shared_;
  llvm::IRBuilderBase &builder_;
  llvm::Type *type_;
  std::vector<llvm::Value *> offsets_;
};

using EmitPieces = llvm::function_ref<void(Pieces &)>;

/// Any count up to kLongestShort: a compare for each width, then straight code.
void emit_by_width(ModuleLowering &shared, llvm::IRBuilder<> &builder, llvm::Function *function, llvm::Value *count, EmitPieces emit) {
  for (uint64_t width = kLongestShort / 2; width > 0; width /= 2) {
    auto *wide = llvm::BasicBlock::Create(shared.llvm(), "", function), *narrow = llvm::BasicBlock::Create(shared.llvm(), "", function);
    builder.CreateCondBr(builder.CreateICmpUGE(count, builder.getInt64(width)), wide, narrow);
    builder.SetInsertPoint(wide);
    Pieces pieces(shared, builder, width, count);
    emit(pieces);
    builder.CreateRetVoid();
    builder.SetInsertPoint(narrow);
  }
  builder.CreateRetVoid();
}

}  // namespace

llvm::Function *ModuleLowering::short_copy() {
  if (short_copy_) return short_copy_;
  llvm::IRBuilder<> builder(llvm());
  llvm::Type *pointer = builder.getPtrTy();
  short_copy_ = define_helper("wasmc.copy", {pointer, pointer, builder.getInt64Ty()}, builder);
  emit_by_width(*this, builder, short_copy_, short_copy_->getArg(2),
                [&](Pieces &pieces) { pieces.copy(short_copy_->getArg(0), short_copy_->getArg(1)); });
  return short_copy_;
}

llvm::Function *ModuleLowering::short_fill() {
  if (short_fill_) return short_fill_;
  llvm::IRBuilder<> builder(llvm());
  short_fill_ = define_helper("wasmc.fill", {builder.getPtrTy(), builder.getInt8Ty(), builder.getInt64Ty()}, builder);
  emit_by_width(*this, builder, short_fill_, short_fill_->getArg(2),
                [&](Pieces &pieces) { pieces.fill(short_fill_->getArg(0), short_fill_->getArg(1)); });
  return short_fill_;
}

llvm::Value *FunctionLowering::is_inside(wasm::MemoryIndex memory, llvm::Value *first, llvm::Value *count) {
  llvm::Value *length = memory_length(memory);
  if (!memory_type(memory).limits.is_64) return builder_.CreateICmpULE(builder_.CreateAdd(first, count, "", true, true), length);
  // The sum may wrap; the difference counts only if it has not.
  return builder_.CreateAnd(builder_.CreateICmpULE(count, length), builder_.CreateICmpULE(first, builder_.CreateSub(length, count)));
}

/// Does `in_place` if that is allowed, the count is short and everything inside, else to a call of the builtin, which copes with the rest.
void FunctionLowering::short_or_builtin(llvm::Value *count, bool may_be_short, llvm::Value *inside, llvm::function_ref<void()> in_place, llvm::function_ref<void()> builtin) {
  const auto *literal = llvm::dyn_cast<llvm::ConstantInt>(count);
  // LLVM may delete a store in place that a later one overwrites, but not a call.
  if (!may_be_short || (literal && literal->getZExtValue() > kLongestShort)) return builtin();
  llvm::BasicBlock *check = new_block("check"), *short_block = new_block("short"), *long_block = new_block("long"), *next = new_block("");
  // Two branches: a long count should not wait for the memory's length.
  builder_.CreateCondBr(builder_.CreateICmpULE(count, i64(kLongestShort)), check, long_block);
  builder_.SetInsertPoint(check);
  builder_.CreateCondBr(inside, short_block, long_block, literal ? shared_.likely() : nullptr);
  builder_.SetInsertPoint(short_block);
  in_place();
  builder_.CreateBr(next);
  builder_.SetInsertPoint(long_block);
  builtin();
  builder_.CreateBr(next);
  builder_.SetInsertPoint(next);
}

void FunctionLowering::memory_copy(const wasm::OpInfo &, const wasm::MemoryCopyImm &imm) {
  llvm::Value *count = widen(pop()), *source = widen(pop()), *destination = widen(pop());
  llvm::Value *inside = builder_.CreateAnd(is_inside(imm.destination, destination, count), is_inside(imm.source, source, count));
  const auto in_place = [&] {
    llvm::Value *to = builder_.CreateGEP(builder_.getInt8Ty(), memory_base(imm.destination), destination);
    llvm::Value *from = builder_.CreateGEP(builder_.getInt8Ty(), memory_base(imm.source), source);
    const auto *literal = llvm::dyn_cast<llvm::ConstantInt>(count);
    if (!literal) return void(at_site(builder_.CreateCall(shared_.short_copy(), {to, from, count})));
    if (!literal->isZero()) Pieces(shared_, builder_, std::min(std::bit_floor(literal->getZExtValue()), kLongestShort / 2), count).copy(to, from);
  };
  const bool may_be_short = !is_volatile(imm.destination) && !is_volatile(imm.source);
  short_or_builtin(count, may_be_short, inside, in_place, [&] {
    call_builtin(BuiltinId::memory_copy, {i32(raw(imm.destination)), i32(raw(imm.source)), destination, source, count});
  });
}

void FunctionLowering::memory_fill(const wasm::OpInfo &, const wasm::MemoryImm &imm) {
  llvm::Value *count = widen(pop()), *value = pop(), *destination = widen(pop());
  const auto in_place = [&] {
    llvm::Value *to = builder_.CreateGEP(builder_.getInt8Ty(), memory_base(imm.memory), destination);
    llvm::Value *byte = builder_.CreateTrunc(value, builder_.getInt8Ty());
    const auto *literal = llvm::dyn_cast<llvm::ConstantInt>(count);
    if (!literal) return void(at_site(builder_.CreateCall(shared_.short_fill(), {to, byte, count})));
    if (!literal->isZero()) Pieces(shared_, builder_, std::min(std::bit_floor(literal->getZExtValue()), kLongestShort / 2), count).fill(to, byte);
  };
  short_or_builtin(count, !is_volatile(imm.memory), is_inside(imm.memory, destination, count), in_place,
                   [&] { call_builtin(BuiltinId::memory_fill, {i32(raw(imm.memory)), destination, value, count}); });
}

void FunctionLowering::memory_init(const wasm::OpInfo &, const wasm::MemoryInitImm &imm) {
  llvm::Value *count = widen(pop()), *source = widen(pop()), *destination = widen(pop());
  call_builtin(BuiltinId::memory_init, {i32(raw(imm.memory)), i32(raw(imm.data)), destination, source, count});
}

void FunctionLowering::data_drop(const wasm::OpInfo &, const wasm::DataImm &imm) {
  call_builtin(BuiltinId::data_drop, {i32(raw(imm.data))});
}

}  // namespace wasmc::lower
