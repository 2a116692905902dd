// Atomic instructions (proposal threads). All are sequentially consistent and must be aligned; waiting and notifying are the runtime's.
#include "lower/function.h"

namespace wasmc::lower {
namespace {

using abi::BuiltinId;
using abi::TrapKind;

constexpr auto kOrder = llvm::AtomicOrdering::SequentiallyConsistent;

llvm::AtomicRMWInst::BinOp operation_of(wasm::Arg arg) {
  using enum wasm::Arg;
  using Operation = llvm::AtomicRMWInst;
  switch (arg) {
    case Add: return Operation::Add;
    case Sub: return Operation::Sub;
    case And: return Operation::And;
    case Or: return Operation::Or;
    case Xor: return Operation::Xor;
    default: return Operation::Xchg;
  }
}

llvm::Align alignment_of(const wasm::OpInfo &op) { return llvm::Align(uint64_t{1} << atomic_size_log2(op)); }

}  // namespace

/// Memories begin at a page of the machine, so the address is aligned if its distance is.
llvm::Value *FunctionLowering::atomic_address(const wasm::OpInfo &op, const wasm::MemArg &arg, llvm::Value *index) {
  const uint64_t size = alignment_of(op).value();
  if (size > 1) {
    // This sum may wrap, which does not change the bits that are looked at.
    llvm::Value *rest = builder_.CreateAnd(builder_.CreateAdd(widen(index), i64(arg.offset)), i64(size - 1));
    trap_if(builder_.CreateICmpNE(rest, i64(0)), TrapKind::UnalignedAtomic);
  }
  return address(arg, index, size);
}

void FunctionLowering::atomic_load(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::LoadInst *load = builder_.CreateAlignedLoad(atomic_type(op), atomic_address(op, imm, pop()), alignment_of(op));
  load->setAtomic(kOrder);
  at_site(shared_.tag(load, Storage::Memory));
  push(builder_.CreateZExt(load, shared_.type(wasm::type_of_letter(op.signature.results[0]))));
}

void FunctionLowering::atomic_store(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::Value *value = builder_.CreateTrunc(pop(), atomic_type(op)), *index = pop();
  llvm::StoreInst *store = builder_.CreateAlignedStore(value, atomic_address(op, imm, index), alignment_of(op));
  store->setAtomic(kOrder);
  at_site(shared_.tag(store, Storage::Memory));
}

void FunctionLowering::atomic_rmw(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::Value *operand = pop(), *value = builder_.CreateTrunc(operand, atomic_type(op)), *index = pop();
  auto *before = builder_.CreateAtomicRMW(operation_of(op.arg), atomic_address(op, imm, index), value, alignment_of(op), kOrder);
  at_site(shared_.tag(before, Storage::Memory));
  push(builder_.CreateZExt(before, operand->getType()));
}

/// What is expected is wrapped to the width of the access, and compared as that.
void FunctionLowering::atomic_cmpxchg(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::Value *replacement = pop(), *expected = pop(), *index = pop();
  llvm::Type *type = atomic_type(op), *result = replacement->getType();
  expected = builder_.CreateTrunc(expected, type);
  replacement = builder_.CreateTrunc(replacement, type);
  auto *exchange = builder_.CreateAtomicCmpXchg(atomic_address(op, imm, index), expected, replacement, alignment_of(op), kOrder, kOrder);
  at_site(shared_.tag(exchange, Storage::Memory));
  push(builder_.CreateZExt(builder_.CreateExtractValue(exchange, 0), result));
}

void FunctionLowering::atomic_fence(const wasm::OpInfo &, const wasm::FenceImm &) { builder_.CreateFence(kOrder); }

void FunctionLowering::atomic_wait(const wasm::OpInfo &op, const wasm::MemArg &imm) {
  llvm::Value *timeout = pop(), *expected = pop(), *index = widen(pop());
  const auto builtin = op.code == wasm::op::MemoryAtomicWait64 ? BuiltinId::atomic_wait64 : BuiltinId::atomic_wait32;
  push(call_builtin(builtin, {i32(raw(imm.memory)), index, i64(imm.offset), expected, timeout}));
}

void FunctionLowering::atomic_notify(const wasm::OpInfo &, const wasm::MemArg &imm) {
  llvm::Value *count = pop(), *index = widen(pop());
  push(call_builtin(BuiltinId::atomic_notify, {i32(raw(imm.memory)), index, i64(imm.offset), count}));
}

}  // namespace wasmc::lower
