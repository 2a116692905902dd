// Calls (spec 4.4.10 Function Calls). A callee runs with its own instance's context in the context register.
#include "lower/call_ways.h"

namespace wasmc::lower {
namespace {

using abi::BuiltinId;

constexpr unsigned kRecordShift = 5;
static_assert(sizeof(abi::FuncRecord) == 1u << kRecordShift);

/// What a way costs beside its callee's body, counted in bytes of Wasm.
constexpr uint64_t kWay = 8;

}  // namespace

llvm::AllocaInst *FunctionLowering::results_area(size_t count) {
  if (!results_area_) {
    llvm::BasicBlock &entry = function_->getEntryBlock();
    llvm::IRBuilder<> builder(&entry, entry.begin());
    results_area_ = builder.CreateAlloca(llvm::FixedVectorType::get(builder.getInt64Ty(), 2), builder.getInt32(0));
  }
  const uint64_t so_far = llvm::cast<llvm::ConstantInt>(results_area_->getArraySize())->getZExtValue();
  if (count > so_far) results_area_->setOperand(0, i32(uint32_t(count)));
  return results_area_;
}

llvm::Value *FunctionLowering::result_slot(llvm::Value *area, size_t index) {
  return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), area, index * sizeof(abi::Value));
}

void FunctionLowering::emit_call(const wasm::FuncType &type, Callee callee, std::vector<llvm::Value *> arguments) {
  const bool in_memory = shared_.results_in_memory(type);
  if (in_memory) arguments.insert(arguments.begin(), results_area(type.results.size()));
  arguments.insert(arguments.begin(), callee.context);
  llvm::CallInst *call = builder_.CreateCall(shared_.function_type(type), callee.code, arguments);
  mark_context_argument(call);
  at_site(call);
  if (!in_memory) return push_results(call, type.results);
  for (size_t i = 0; i < type.results.size(); ++i) {
    llvm::Value *slot = result_slot(results_area_, i);
    push(shared_.tag(builder_.CreateAlignedLoad(shared_.type(type.results[i]), slot, llvm::Align(16)), Storage::CallArea));
  }
}

FunctionLowering::Callee FunctionLowering::direct_callee(wasm::FuncIndex func) {
  if (!wasm_.is_imported(func)) return {shared_.options().continuation ? successor(func) : shared_.function(func), context_};
  llvm::Value *slot = context_field(shared_.layout().functions[raw(func)]);
  llvm::Value *second = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), slot, offsetof(abi::ImportSlot, context));
  return {load_invariant(builder_.getPtrTy(), slot, 8), load_invariant(builder_.getPtrTy(), second, 8), true};
}

void FunctionLowering::emit_either_call(const wasm::FuncType &type, Callee callee, const std::vector<llvm::Value *> &arguments, bool is_tail) {
  is_tail ? emit_tail_call(type, callee, arguments) : emit_call(type, callee, arguments);
}

void FunctionLowering::call(const wasm::OpInfo &, const wasm::FuncImm &imm) {
  const wasm::FuncType &type = wasm_.func_type(imm.func);
  std::vector<llvm::Value *> arguments = pop(type.params.size());
  emit_call(type, direct_callee(imm.func), std::move(arguments));
}

llvm::Value *FunctionLowering::record_field(llvm::Value *record, size_t offset, llvm::Type *type) {
  llvm::Value *at = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), record, offset);
  return shared_.tag(builder_.CreateAlignedLoad(type, at, llvm::Align(type->isPointerTy() ? 8 : 4)), Storage::TableElement);
}

llvm::Value *FunctionLowering::type_id(wasm::TypeIndex type) {
  llvm::Type *i32_type = builder_.getInt32Ty();
  llvm::Value *type_ids = load_invariant(builder_.getPtrTy(), context_field(abi::kTypeIdsOffset), 8);
  return load_invariant(i32_type, builder_.CreateConstInBoundsGEP1_64(i32_type, type_ids, raw(type)), 4);
}

/// Hot path: one bounds check and one compare. A null entry has type id 0 and so never matches; the cold path sorts out which trap it
/// is, or that the entry's type is another one that is declared a subtype.
FunctionLowering::Callee FunctionLowering::indirect_callee(const wasm::CallIndirectImm &imm, llvm::Value *index, const CallProfile &profile) {
  if (const CallArray *array = shared_.tables().find(wasm_, imm.table, imm.type)) return fixed_callee(imm, *array, index);
  llvm::Type *pointer = builder_.getPtrTy(), *i32_type = builder_.getInt32Ty(), *byte = builder_.getInt8Ty();
  llvm::BasicBlock *check = new_block("check"), *cold = new_block("resolve"), *hot = new_block("call");
  llvm::Value *wanted = type_id(imm.type);
  builder_.CreateCondBr(builder_.CreateICmpULT(index, table_length(imm.table)), check, cold, shared_.likely());

  builder_.SetInsertPoint(check);
  llvm::Value *table = record(shared_.layout().tables[raw(imm.table)], raw(imm.table) < wasm_.imported_tables);
  llvm::Value *elements = load_invariant(pointer, table, 8);
  llvm::Value *entry = builder_.CreateInBoundsGEP(byte, elements, builder_.CreateShl(index, kRecordShift, "", true, true));
  llvm::Value *found = record_field(entry, offsetof(abi::FuncRecord, type_id), i32_type);
  // Where the table's own type says that every function in it will do, all that is left to find out is whether there is one.
  const bool is_typed = wasm_.matches(wasm_.tables[raw(imm.table)].type.element, wasm::ValType::ref({wasm::HeapKind::Concrete, imm.type}));
  llvm::Value *fits = is_typed ? builder_.CreateICmpNE(found, i32(0)) : builder_.CreateICmpEQ(found, wanted);
  builder_.CreateCondBr(fits, hot, cold, shared_.likely());

  builder_.SetInsertPoint(cold);
  llvm::CallInst *resolved = call_builtin(BuiltinId::resolve_indirect, {i32(raw(imm.table)), index, wanted});
  resolved->addFnAttr(llvm::Attribute::Cold);
  builder_.CreateBr(hot);

  builder_.SetInsertPoint(hot);
  llvm::PHINode *callee = builder_.CreatePHI(pointer, 2);
  callee->addIncoming(entry, check);
  callee->addIncoming(resolved, cold);
  count_callee(profile, callee);
  llvm::Value *code = record_field(callee, offsetof(abi::FuncRecord, code), pointer);
  const bool own = shared_.facts().holds_own_functions_only[raw(imm.table)];
  return {code, own ? context_ : record_field(callee, offsetof(abi::FuncRecord, context), pointer)};
}

/// No type is compared and no record looked at.
FunctionLowering::Callee FunctionLowering::fixed_callee(const wasm::CallIndirectImm &imm, const CallArray &array, llvm::Value *index) {
  llvm::BasicBlock *inside = new_block("inside"), *none = new_block("none"), *hot = new_block("call");
  llvm::Value *place = array.first == 0 ? index : builder_.CreateSub(index, i64(array.first));
  builder_.CreateCondBr(builder_.CreateICmpULT(place, i64(array.size)), inside, none, shared_.likely());

  builder_.SetInsertPoint(inside);
  llvm::GlobalVariable *distances = shared_.array(array.symbol, array.size);
  llvm::Value *at = builder_.CreateInBoundsGEP(builder_.getInt32Ty(), distances, place);
  llvm::Value *distance = load_invariant(builder_.getInt32Ty(), at, 4);
  llvm::Value *code = builder_.CreateGEP(builder_.getInt8Ty(), distances, builder_.CreateSExt(distance, builder_.getInt64Ty()));
  builder_.CreateCondBr(builder_.CreateICmpNE(distance, i32(0)), hot, none, shared_.likely());

  builder_.SetInsertPoint(none);
  end_without_callee(imm, index);

  builder_.SetInsertPoint(hot);
  return {code, context_};
}

void FunctionLowering::end_without_callee(const wasm::CallIndirectImm &imm, llvm::Value *index) {
  end_with_trap(call_builtin(BuiltinId::no_callee, {i32(raw(imm.table)), index, type_id(imm.type)}));
}

bool FunctionLowering::take_ways(const Places &callees) {
  uint64_t size = 0;
  for (const auto &[place, func] : callees) size += kWay + (shared_.is_small(func) ? wasm_.body(func).bytes.size() : 0);
  if (size > ways_room_) return false;
  ways_room_ -= size;
  return true;
}

/// The table's contents are known for good, so the index says which function it is: no bounds, no type, no load. Every callee that there can be has a way.
bool FunctionLowering::emit_call_of_few(const wasm::CallIndirectImm &imm, llvm::Value *index, const std::vector<llvm::Value *> &arguments, bool is_tail) {
  const Places *callees = shared_.tables().find_few(wasm_, imm.table, imm.type);
  if (!callees || !take_ways(*callees)) return false;
  llvm::BasicBlock *none = new_block("none");
  llvm::SwitchInst *table = builder_.CreateSwitch(index, none, unsigned(callees->size()));
  CallWays ways(*this, wasm_.func_type(imm.type), arguments, is_tail);
  std::map<wasm::FuncIndex, llvm::BasicBlock *> way_of;
  for (const auto &[place, func] : *callees) {
    llvm::BasicBlock *&way = way_of[func];
    if (!way) way = ways.add_known(func);
    table->addCase(builder_.getInt64(place), way);
  }
  builder_.SetInsertPoint(none);
  end_without_callee(imm, index);
  end_reachable();
  ways.meet();
  return true;
}

void FunctionLowering::call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &imm) {
  llvm::Value *index = widen(pop());
  emit_profiled_call(imm, index, pop(wasm_.func_type(imm.type).params.size()), false);
}

/// The validator knows the function's type, so there is nothing to check but null. What a reference points to never changes.
FunctionLowering::Callee FunctionLowering::reference_callee(llvm::Value *reference, const CallProfile &profile) {
  trap_if(builder_.CreateIsNull(reference), abi::TrapKind::NullFunctionReference);
  count_callee(profile, reference);
  llvm::Value *context = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), reference, offsetof(abi::FuncRecord, context));
  return {load_invariant(builder_.getPtrTy(), reference, 8), load_invariant(builder_.getPtrTy(), context, 8)};
}

void FunctionLowering::call_ref(const wasm::OpInfo &, const wasm::TypeImm &imm) {
  llvm::Value *reference = pop();
  emit_profiled_call(imm.type, reference, pop(wasm_.func_type(imm.type).params.size()), false);
}

}  // namespace wasmc::lower
