#include "lower/function.h"

#include <cassert>

#include "wasm/validator.h"

namespace wasmc::lower {

using abi::BuiltinId;
using abi::TrapKind;

FunctionLowering::FunctionLowering(ModuleLowering &shared, wasm::FuncIndex func)
    : shared_(shared),
      wasm_(shared.wasm()),
      func_(func),
      body_offset_(shared.wasm().body(func).offset),
      function_(shared.function(func)),
      builder_(shared.llvm()),
      loop_exit_room_(loop_exit_room(shared.wasm().body(func).bytes.size())),
      ways_room_(ways_room(shared.wasm().body(func).bytes.size())) {
  if (auto hints = wasm_.branch_hints.find(func); hints != wasm_.branch_hints.end()) hints_ = &hints->second;
}

FunctionLowering::FunctionLowering(ModuleLowering &shared, LoopPlace place, llvm::Function *continuation) : FunctionLowering(shared, place.function) {
  function_ = continuation;
  entered_loop_ = place.offset;
}

Result<> FunctionLowering::run() {
  local_sets_ = TRY(find_local_sets(wasm_, func_));
  return wasm::validate_function(wasm_, func_, *this);
}

void FunctionLowering::begin(const wasm::FuncType &type, std::span<const wasm::ValType> locals) {
  scope_ = shared_.debug_scope(function_);
  context_ = function_->getArg(0);
  builder_.SetInsertPoint(llvm::BasicBlock::Create(shared_.llvm(), "", function_));
  unsigned next = 1;
  if (shared_.results_in_memory(type)) own_results_ = function_->getArg(next++);
  if (entered_loop_) {
    entered_state_ = function_->getArg(next);
    builder_.SetInsertPoint(new_block("start"));  // what is in front of the loop: nobody comes by here
  }
  local_types_ = locals;
  std::vector<llvm::Type *> types;
  for (wasm::ValType local : locals) types.push_back(shared_.type(local));
  locals_.emplace(std::move(local_sets_), std::move(types), [this](wasm::LocalIndex local) { return initial_value(local); });
  open(Frame::Kind::Function, {{}, type.results});
  begin_profile();
}

void FunctionLowering::finish() {
  if (reachable()) emit_return();
  locals_->complete_phis();
  finish_loop_exits();
  locals_->finish_phis();
  remove_unused_bools();
  assert(values_.empty() && frames_.empty());
  assert(!shared_.profiling() || next_counter_ == shared_.profiling()->layout.first[raw(func_) - wasm_.imported_functions + 1]);
}

void FunctionLowering::emit_return() {
  const auto results = wasm_.func_type(func_).results;
  if (own_results_) {
    const auto values = pop(results.size());
    for (size_t i = 0; i < values.size(); ++i)
      shared_.tag(builder_.CreateAlignedStore(values[i], result_slot(own_results_, i), llvm::Align(16)), Storage::CallArea);
    builder_.CreateRetVoid();
  } else if (results.empty()) {
    builder_.CreateRetVoid();
  } else if (results.size() == 1) {
    builder_.CreateRet(pop());
  } else {
    const auto values = pop(results.size());
    builder_.CreateAggregateRet(values.data(), unsigned(values.size()));
  }
}

llvm::Value *FunctionLowering::pop() {
  llvm::Value *value = values_.back();
  values_.pop_back();
  return value;
}

std::vector<llvm::Value *> FunctionLowering::pop(size_t count) {
  std::vector<llvm::Value *> out(values_.end() - ptrdiff_t(count), values_.end());
  values_.resize(values_.size() - count);
  return out;
}

llvm::Value *FunctionLowering::to_bool(llvm::Value *value) {
  // A comparison's result was widened from i1 a moment ago; take that.
  if (auto *widened = llvm::dyn_cast<llvm::ZExtInst>(value); widened && widened->getSrcTy()->isIntegerTy(1))
    return widened->getOperand(0);
  return builder_.CreateICmpNE(value, i32(0));
}

llvm::Value *FunctionLowering::from_bool(llvm::Value *value) {
  llvm::Value *widened = builder_.CreateZExt(value, builder_.getInt32Ty());
  if (auto *instruction = llvm::dyn_cast<llvm::Instruction>(widened)) widened_bools_.push_back(instruction);
  return widened;
}

/// Most are branched on at once, see to_bool; and a comparison of two uses is not made part of a branch by LLVM's quick selection.
void FunctionLowering::remove_unused_bools() {
  for (llvm::Instruction *widened : widened_bools_)
    if (widened->use_empty()) widened->eraseFromParent();
}

void FunctionLowering::push_results(llvm::Value *result, std::span<const wasm::ValType> types) {
  if (types.size() == 1) push(result);
  if (types.size() < 2) return;
  for (unsigned i = 0; i < types.size(); ++i) push(builder_.CreateExtractValue(result, i));
}

llvm::LoadInst *FunctionLowering::load_invariant(llvm::Type *type, llvm::Value *address, uint64_t align) {
  return shared_.invariant(builder_.CreateAlignedLoad(type, address, llvm::Align(align)));
}

llvm::Value *FunctionLowering::record(int32_t slot, bool imported) {
  llvm::Value *field = context_field(slot);
  return imported ? load_invariant(builder_.getPtrTy(), field, 8) : field;
}

llvm::CallInst *FunctionLowering::call_builtin(BuiltinId id, std::initializer_list<llvm::Value *> arguments) {
  llvm::Value *table = load_invariant(builder_.getPtrTy(), context_field(abi::kBuiltinsOffset), 8);
  llvm::Value *entry = builder_.CreateConstInBoundsGEP1_64(builder_.getPtrTy(), table, uint64_t(id));
  llvm::Value *code = load_invariant(builder_.getPtrTy(), entry, 8);
  std::vector<llvm::Value *> all{context_};
  all.insert(all.end(), arguments);
  llvm::CallInst *call = builder_.CreateCall(shared_.builtin_type(id), code, all);
  call->setDoesNotThrow();
  call->addFnAttr(llvm::Attribute::NoMerge);  // two that are alike, made one, would have no place to tell of a trap
  return at_site(call);
}

void FunctionLowering::emit_trap(llvm::Value *kind) { end_with_trap(call_builtin(BuiltinId::trap, {kind, i32(offset_)})); }

void FunctionLowering::end_with_trap(llvm::CallInst *call) {
  call->setDoesNotReturn();
  call->addFnAttr(llvm::Attribute::Cold);
  builder_.CreateUnreachable();
}

void FunctionLowering::trap_if(llvm::Value *condition, TrapKind kind) {
  llvm::BasicBlock *trap = new_block("trap"), *next = new_block("");
  builder_.CreateCondBr(condition, trap, next, shared_.unlikely());
  builder_.SetInsertPoint(trap);
  emit_trap(kind);
  builder_.SetInsertPoint(next);
}

// Variables.

llvm::Value *FunctionLowering::initial_value(wasm::LocalIndex local) {
  llvm::Type *type = shared_.type(local_types_[raw(local)]);
  if (entered_state_) {
    llvm::BasicBlock &entry = function_->getEntryBlock();
    llvm::IRBuilder<> builder(&entry, entry.begin());
    return handed_over(raw(local), type, builder);
  }
  const bool is_parameter = raw(local) < wasm_.func_type(func_).params.size();
  return is_parameter ? static_cast<llvm::Value *>(function_->getArg(1 + (own_results_ != nullptr) + raw(local))) : llvm::Constant::getNullValue(type);
}

void FunctionLowering::local(const wasm::OpInfo &op, const wasm::LocalImm &imm) {
  switch (op.arg) {
    case wasm::Arg::Get: return push(locals_->get(imm.local, offset_));
    case wasm::Arg::Set: return locals_->set(imm.local, pop());
    default: return locals_->set(imm.local, values_.back());
  }
}

llvm::Value *FunctionLowering::global_cell(wasm::GlobalIndex global) {
  llvm::Value *field = context_field(shared_.layout().globals[raw(global)]);
  const bool imported = raw(global) < wasm_.imported_globals;
  return imported ? load_invariant(builder_.getPtrTy(), field, 8) : field;
}

void FunctionLowering::global(const wasm::OpInfo &op, const wasm::GlobalImm &imm) {
  const wasm::Global &global = wasm_.globals[raw(imm.global)];
  llvm::Type *type = shared_.type(global.type.type);
  const Storage storage = global.init ? Storage::Global : Storage::ImportedGlobal;
  if (op.arg == wasm::Arg::Set) {
    shared_.tag(builder_.CreateAlignedStore(pop(), global_cell(imm.global), llvm::Align(4)), storage);
    return;
  }
  if (!global.type.is_mutable && global.init && type->isIntegerTy()) {
    if (const auto value = global.init->constant()) return push(llvm::ConstantInt::get(type, *value));
  }
  llvm::LoadInst *load = builder_.CreateAlignedLoad(type, global_cell(imm.global), llvm::Align(4));
  push(global.type.is_mutable ? shared_.tag(load, storage) : shared_.invariant(load));
}

// Constants and references.

void FunctionLowering::constant(const wasm::OpInfo &op, const wasm::ConstImm &imm) {
  switch (op.signature.results[0]) {
    case 'i': return push(i32(uint32_t(imm.bits)));
    case 'l': return push(i64(imm.bits));
    case 'f': return push(llvm::ConstantFP::get(shared_.llvm(), llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, imm.bits))));
    default: return push(llvm::ConstantFP::get(shared_.llvm(), llvm::APFloat(llvm::APFloat::IEEEdouble(), llvm::APInt(64, imm.bits))));
  }
}

void FunctionLowering::ref_null(const wasm::OpInfo &, const wasm::HeapTypeImm &) {
  push(llvm::ConstantPointerNull::get(builder_.getPtrTy()));
}
void FunctionLowering::ref_is_null(const wasm::OpInfo &, const wasm::NoImm &) { push(from_bool(builder_.CreateIsNull(pop()))); }
void FunctionLowering::ref_func(const wasm::OpInfo &, const wasm::FuncImm &imm) {
  push(call_builtin(BuiltinId::ref_func, {i32(raw(imm.func))}));
}

void FunctionLowering::ref_as_non_null(const wasm::OpInfo &, const wasm::NoImm &) {
  trap_if(builder_.CreateIsNull(values_.back()), TrapKind::NullReference);
}

// Parametric instructions.

void FunctionLowering::drop(const wasm::OpInfo &, const wasm::NoImm &) { pop(); }

void FunctionLowering::select(const wasm::OpInfo &, const wasm::NoImm &) {
  llvm::Value *condition = to_bool(pop()), *otherwise = pop(), *then = pop();
  push(builder_.CreateSelect(condition, then, otherwise));
}
void FunctionLowering::select_typed(const wasm::OpInfo &op, const wasm::SelectImm &) { select(op, {}); }

}  // namespace wasmc::lower
