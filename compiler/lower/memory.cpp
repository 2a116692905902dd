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

}  // namespace

llvm::Value *FunctionLowering::memory_base(wasm::MemoryIndex memory) {
  if (raw(memory) == 0 && shared_.layout().memory0_at_context) return context_;
  llvm::Value *record = this->record(shared_.layout().memories[raw(memory)], raw(memory) < wasm_.imported_memories);
  return load_invariant(builder_.getPtrTy(), record, 8);
}

llvm::Value *FunctionLowering::memory_length(wasm::MemoryIndex memory) {
  llvm::Value *record = this->record(shared_.layout().memories[raw(memory)], raw(memory) < wasm_.imported_memories);
  llvm::Value *length = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), record, offsetof(abi::MemoryRecord, length));
  return shared_.tag(builder_.CreateAlignedLoad(builder_.getInt64Ty(), length, llvm::Align(8)), Storage::Record);
}

llvm::Value *FunctionLowering::address(const wasm::MemArg &arg, llvm::Value *index, uint64_t size) {
  // Both are below 2^32, so neither sum wraps, and with guard pages the farthest byte is inside the reservation
  // (abi::kGuardReservation). The index must be widened without sign before anything is added.
  llvm::Value *offset = builder_.CreateAdd(widen(index), i64(arg.offset), "", true, true);
  if (shared_.options().bounds == abi::BoundsMode::Explicit) {
    llvm::Value *end = builder_.CreateAdd(widen(index), i64(arg.offset + size), "", true, true);
    trap_if(builder_.CreateICmpUGT(end, memory_length(arg.memory)), TrapKind::OutOfBoundsMemory);
  }
  return builder_.CreateGEP(builder_.getInt8Ty(), memory_base(arg.memory), offset, "",
                            llvm::GEPNoWrapFlags::inBounds() | llvm::GEPNoWrapFlags::noUnsignedWrap());
}

llvm::LoadInst *FunctionLowering::guest_load(llvm::Type *type, const wasm::MemArg &arg, llvm::Value *index) {
  llvm::Value *at = address(arg, index, type->getPrimitiveSizeInBits().getFixedValue() / 8);
  llvm::LoadInst *load = builder_.CreateAlignedLoad(type, at, llvm::Align(1));
  load->setVolatile(shared_.options().strict_traps);
  return at_site(shared_.tag(load, Storage::Memory));
}

void FunctionLowering::guest_store(llvm::Value *value, const wasm::MemArg &arg, llvm::Value *index) {
  llvm::Value *at = address(arg, index, value->getType()->getPrimitiveSizeInBits().getFixedValue() / 8);
  llvm::StoreInst *store = builder_.CreateAlignedStore(value, at, llvm::Align(1));
  store->setVolatile(shared_.options().strict_traps);
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
  push(builder_.CreateTrunc(builder_.CreateLShr(memory_length(imm.memory), 16), builder_.getInt32Ty()));
}

void FunctionLowering::memory_grow(const wasm::OpInfo &, const wasm::MemoryImm &imm) {
  llvm::Value *pages = widen(pop());
  push(builder_.CreateTrunc(call_builtin(BuiltinId::memory_grow, {i32(raw(imm.memory)), pages}), builder_.getInt32Ty()));
}

}  // namespace wasmc::lower
