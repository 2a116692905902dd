// Calls (spec 4.4.10 Function Calls). A callee runs with its own instance's context in the context register.
#include "lower/function.h"

namespace wasmc::lower {
namespace {

using abi::BuiltinId;

constexpr unsigned kRecordShift = 5;
static_assert(sizeof(abi::FuncRecord) == 1u << kRecordShift);

}  // namespace

void FunctionLowering::call(const wasm::OpInfo &, const wasm::FuncImm &imm) {
  const wasm::FuncType &type = wasm_.func_type(imm.func);
  std::vector<llvm::Value *> arguments = pop(type.params.size());
  llvm::Value *code, *callee_context = context_;
  if (wasm_.is_imported(imm.func)) {
    llvm::Value *slot = context_field(shared_.layout().functions[raw(imm.func)]);
    code = load_invariant(builder_.getPtrTy(), slot, 8);
    llvm::Value *second = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), slot, offsetof(abi::ImportSlot, context));
    callee_context = load_invariant(builder_.getPtrTy(), second, 8);
  } else {
    code = shared_.function(imm.func);
  }
  arguments.insert(arguments.begin(), callee_context);
  llvm::CallInst *call = builder_.CreateCall(shared_.function_type(type), code, arguments);
  mark_context_argument(call);
  push_results(at_site(call), type.results);
}

void FunctionLowering::call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &imm) {
  const wasm::FuncType &type = wasm_.types[raw(imm.type)];
  llvm::Type *pointer = builder_.getPtrTy(), *i32_type = builder_.getInt32Ty(), *byte = builder_.getInt8Ty();
  llvm::Value *index = widen(pop());
  std::vector<llvm::Value *> arguments = pop(type.params.size());

  // Hot path: one bounds check and one compare. A null entry has type id 0 and so never matches; the cold path sorts out which
  // trap it is, or that the entry has yet to be filled in.
  llvm::BasicBlock *check = new_block("check"), *cold = new_block("resolve"), *hot = new_block("call");
  llvm::Value *type_ids = load_invariant(pointer, context_field(abi::kTypeIdsOffset), 8);
  llvm::Value *wanted =
      load_invariant(i32_type, builder_.CreateConstInBoundsGEP1_64(i32_type, type_ids, raw(imm.type)), 4);
  builder_.CreateCondBr(builder_.CreateICmpULT(index, table_length(imm.table)), check, cold, shared_.likely());

  builder_.SetInsertPoint(check);
  llvm::Value *table = record(shared_.layout().tables[raw(imm.table)], raw(imm.table) < wasm_.imported_tables);
  llvm::Value *elements = load_invariant(pointer, table, 8);
  llvm::Value *entry = builder_.CreateInBoundsGEP(byte, elements, builder_.CreateShl(index, kRecordShift, "", true, true));
  const auto field = [&](llvm::Value *record, size_t offset, llvm::Type *type) {
    llvm::Value *at = builder_.CreateConstInBoundsGEP1_64(byte, record, offset);
    return shared_.tag(builder_.CreateAlignedLoad(type, at, llvm::Align(type->isPointerTy() ? 8 : 4)), Storage::TableElement);
  };
  llvm::Value *found = field(entry, offsetof(abi::FuncRecord, type_id), i32_type);
  builder_.CreateCondBr(builder_.CreateICmpEQ(found, wanted), hot, cold, shared_.likely());

  builder_.SetInsertPoint(cold);
  llvm::CallInst *resolved = call_builtin(BuiltinId::resolve_indirect, {i32(raw(imm.table)), index, wanted});
  resolved->addFnAttr(llvm::Attribute::Cold);
  builder_.CreateBr(hot);

  builder_.SetInsertPoint(hot);
  llvm::PHINode *callee = builder_.CreatePHI(pointer, 2);
  callee->addIncoming(entry, check);
  callee->addIncoming(resolved, cold);
  llvm::Value *code = field(callee, offsetof(abi::FuncRecord, code), pointer);
  const bool own = shared_.facts().holds_own_functions_only[raw(imm.table)];
  arguments.insert(arguments.begin(), own ? context_ : field(callee, offsetof(abi::FuncRecord, context), pointer));
  llvm::CallInst *call = builder_.CreateCall(shared_.function_type(type), code, arguments);
  mark_context_argument(call);
  push_results(at_site(call), type.results);
}

}  // namespace wasmc::lower
