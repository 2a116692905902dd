// Linear memory (spec 4.4.7 Memory Instructions) but for copying and filling (bulk.cpp). All that keeps an access inside the sandbox is in `address`.
#include "lower/function.h"

namespace wasmc::lower {
namespace {

using abi::BuiltinId;
using abi::TrapKind;
using wasm::Arg;

struct Access {
  unsigned bits;
  bool is_signed;
};
Access access_of(Arg arg) {
  switch (arg) {
    case Arg::S8: return {8, true};
    case Arg::U8: return {8, false};
    case Arg::S16: return {16, true};
    case Arg::U16: return {16, false};
    case Arg::S32: return {32, true};
    case Arg::U32: return {32, false};
    default: return {64, false};
  }
}

/// The largest size that every instance's memory has at all times: its declared minimum.
uint64_t least_length(const wasm::MemoryType &memory) {
  return std::min(memory.limits.min, abi::kMaxMemory64 >> memory.page_size_log2) << memory.page_size_log2;
}

}  // namespace

llvm::Value *FunctionLowering::memory_record(wasm::MemoryIndex memory) {
  return record(shared_.layout().memories[raw(memory)], has_record_elsewhere(wasm_, memory));
}

llvm::Value *FunctionLowering::memory_base(wasm::MemoryIndex memory) {
  if (raw(memory) == 0 && shared_.layout().memory0_at_context) return context_;
  return load_invariant(builder_.getPtrTy(), memory_record(memory), 8);
}

llvm::Value *FunctionLowering::memory_length(wasm::MemoryIndex memory) {
  llvm::Value *at = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), memory_record(memory), offsetof(abi::MemoryRecord, length));
  llvm::LoadInst *length = builder_.CreateAlignedLoad(builder_.getInt64Ty(), at, llvm::Align(8));
  // Another thread may grow it just now; either length is right, as lengths only grow.
  if (memory_type(memory).limits.is_shared) length->setAtomic(llvm::AtomicOrdering::Monotonic);
  return shared_.tag(length, Storage::Record);
}

void FunctionLowering::check_bounds(const wasm::MemArg &arg, llvm::Value *index, uint64_t size) {
  const wasm::MemoryType &memory = memory_type(arg.memory);
  if (abi::relies_on_guard(shared_.options().bounds, memory.limits.is_64, memory.page_size_log2)) return;
  const uint64_t reach = arg.offset + size;
  if (reach < size) return trap_if(builder_.getTrue(), TrapKind::OutOfBoundsMemory);  // no memory is that large
  llvm::Value *length = memory_length(arg.memory);
  if (!memory.limits.is_64) {
    // Index and offset are below 2^32: the sum does not wrap.
    llvm::Value *end = builder_.CreateAdd(index, i64(reach), "", true, true);
    return trap_if(builder_.CreateICmpUGT(end, length), TrapKind::OutOfBoundsMemory);
  }
  if (reach <= least_length(memory)) {
    // The difference does not wrap, whatever the index is, and is the same for all accesses with this offset.
    llvm::Value *last = builder_.CreateSub(length, i64(reach));
    return trap_if(builder_.CreateICmpUGT(index, last), TrapKind::OutOfBoundsMemory);
  }
  // The sum may wrap around to an address that is inside.
  llvm::Value *sum = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::uadd_with_overflow, index, i64(reach));
  llvm::Value *wraps = builder_.CreateExtractValue(sum, 1), *end = builder_.CreateExtractValue(sum, 0);
  trap_if(builder_.CreateOr(wraps, builder_.CreateICmpUGT(end, length)), TrapKind::OutOfBoundsMemory);
}

llvm::Value *FunctionLowering::address(const wasm::MemArg &arg, llvm::Value *index, uint64_t size) {
  // Index and offset of a 32-bit memory are below 2^32, so the sum does not wrap, and with guard pages the farthest byte is inside the
  // reservation (abi::kGuardReservation). The index must be widened without sign before anything is added. In any other
  // memory the access is inside once the check is passed, so the sum is below the memory's length.
  llvm::Value *&widened = widened_[index];
  if (!widened) widened = widen(index);
  index = widened;
  check_bounds(arg, index, size);
  llvm::Value *offset = arg.offset == 0 ? index : builder_.CreateAdd(index, i64(arg.offset), "", true, true);
  return builder_.CreateGEP(builder_.getInt8Ty(), memory_base(arg.memory), offset, "",
                            llvm::GEPNoWrapFlags::inBounds() | llvm::GEPNoWrapFlags::noUnsignedWrap());
}

llvm::LoadInst *FunctionLowering::guest_load(llvm::Type *type, const wasm::MemArg &arg, llvm::Value *index) {
  llvm::Value *at = address(arg, index, type->getPrimitiveSizeInBits().getFixedValue() / 8);
  llvm::LoadInst *load = builder_.CreateAlignedLoad(type, at, llvm::Align(1));
  load->setVolatile(is_volatile(arg.memory) || shared_.options().volatile_loads);
  return at_site(shared_.tag(load, Storage::Memory));
}

void FunctionLowering::guest_store(llvm::Value *value, const wasm::MemArg &arg, llvm::Value *index) {
  llvm::Value *at = address(arg, index, value->getType()->getPrimitiveSizeInBits().getFixedValue() / 8);
  llvm::StoreInst *store = builder_.CreateAlignedStore(value, at, llvm::Align(1));
  store->setVolatile(is_volatile(arg.memory));
  at_site(shared_.tag(store, Storage::Memory));
}

void FunctionLowering::load(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  const Access access = access_of(op.arg);
  llvm::Type *type = shared_.type(wasm::type_of_letter(op.signature.results[0]));
  const bool widens = access.bits < type->getPrimitiveSizeInBits();
  llvm::LoadInst *load = guest_load(widens ? builder_.getIntNTy(access.bits) : type, imm, pop());
  if (!widens) return push(load);
  push(access.is_signed ? builder_.CreateSExt(load, type) : builder_.CreateZExt(load, type));
}

void FunctionLowering::store(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  const Access access = access_of(op.arg);
  llvm::Value *value = pop(), *index = pop();
  if (access.bits < value->getType()->getPrimitiveSizeInBits())
    value = builder_.CreateTrunc(value, builder_.getIntNTy(access.bits));
  guest_store(value, imm, index);
}

void FunctionLowering::memory_size(const wasm::OpInfo &, const wasm::MemoryImm &imm) {
  const wasm::MemoryType &memory = memory_type(imm.memory);
  push(narrow(builder_.CreateLShr(memory_length(imm.memory), memory.page_size_log2), memory.limits));
}

void FunctionLowering::memory_grow(const wasm::OpInfo &, const wasm::MemoryImm &imm) {
  llvm::Value *pages = widen(pop());
  push(narrow(call_builtin(BuiltinId::memory_grow, {i32(raw(imm.memory)), pages}), memory_type(imm.memory).limits));
}

}  // namespace wasmc::lower
