// Tail calls (spec 4.6.10: return_call and its relatives). A plain `tail` call in the C convention is a jump on both targets if nothing of
// it is on the stack, results come back the same way, and the context is the caller's own. What is left over, a call into another instance or
// one with parameters on the stack, jumps to a stub of the runtime, which rearranges the stack (abi::TailCall).
#include "lower/function.h"

namespace wasmc::lower {

/// The function's own context and results, then the rest: a jump.
void FunctionLowering::emit_jump(llvm::FunctionType *type, llvm::Value *code, const std::vector<llvm::Value *> &arguments, bool through_stub) {
  llvm::CallInst *call = builder_.CreateCall(type, code, arguments);
  mark_context_argument(call);
  if (through_stub) call->addParamAttr(1, llvm::Attribute::Nest);
  call->setTailCallKind(llvm::CallInst::TCK_Tail);
  at_site(call);
  type->getReturnType()->isVoidTy() ? builder_.CreateRetVoid() : builder_.CreateRet(call);
}

void FunctionLowering::jump_within_instance(const wasm::FuncType &type, llvm::Value *code, const std::vector<llvm::Value *> &arguments) {
  std::vector<llvm::Value *> all{context_};
  if (own_results_) all.push_back(own_results_);
  all.insert(all.end(), arguments.begin(), arguments.end());
  emit_jump(shared_.function_type(type), code, all, false);
}

void FunctionLowering::jump_through_stub(const wasm::FuncType &type, Callee callee, const std::vector<llvm::Value *> &arguments) {
  const Convention convention = shared_.convention(type);
  llvm::Value *area = load_invariant(builder_.getPtrTy(), context_field(shared_.layout().tail_call), 8);
  const auto store = [&](llvm::Value *value, uint64_t offset) {
    llvm::Value *at = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), area, offset);
    shared_.tag(builder_.CreateAlignedStore(value, at, llvm::Align(8)), Storage::CallArea);
  };
  store(callee.code, offsetof(abi::TailCall, code));
  store(callee.context, offsetof(abi::TailCall, context));
  store(i64(convention.stack_bytes), offsetof(abi::TailCall, stack_bytes));
  std::vector<llvm::Value *> all{context_, area};
  if (own_results_) all.push_back(own_results_);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (convention.places[i] == Convention::kRegister) all.push_back(arguments[i]);
    else store(arguments[i], sizeof(abi::TailCall) + convention.places[i]);
  }
  std::vector<llvm::Type *> params;
  for (llvm::Value *argument : all) params.push_back(argument->getType());
  llvm::Value *table = load_invariant(builder_.getPtrTy(), context_field(abi::kBuiltinsOffset), 8);
  llvm::Value *entry = builder_.CreateConstInBoundsGEP1_64(builder_.getPtrTy(), table, abi::kTailCallStub);
  llvm::Value *stub = load_invariant(builder_.getPtrTy(), entry, 8);
  emit_jump(llvm::FunctionType::get(shared_.function_type(type)->getReturnType(), params, false), stub, all, true);
}

void FunctionLowering::emit_tail_call(const wasm::FuncType &type, Callee callee, std::vector<llvm::Value *> arguments) {
  if (shared_.convention(type).stack_bytes != 0 || callee.is_import) {
    jump_through_stub(type, callee, arguments);
  } else if (callee.context == context_) {
    jump_within_instance(type, callee.code, arguments);
  } else {
    llvm::BasicBlock *own = new_block("own"), *foreign = new_block("foreign");
    builder_.CreateCondBr(builder_.CreateICmpEQ(callee.context, context_), own, foreign, shared_.likely());
    builder_.SetInsertPoint(own);
    jump_within_instance(type, callee.code, arguments);
    builder_.SetInsertPoint(foreign);
    jump_through_stub(type, callee, arguments);
  }
  end_reachable();
}

void FunctionLowering::return_call(const wasm::OpInfo &, const wasm::FuncImm &imm) {
  const wasm::FuncType &type = wasm_.func_type(imm.func);
  std::vector<llvm::Value *> arguments = pop(type.params.size());
  emit_tail_call(type, direct_callee(imm.func), std::move(arguments));
}

void FunctionLowering::return_call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &imm) {
  llvm::Value *index = widen(pop());
  emit_profiled_call(imm, index, pop(wasm_.func_type(imm.type).params.size()), true);
}

void FunctionLowering::return_call_ref(const wasm::OpInfo &, const wasm::TypeImm &imm) {
  llvm::Value *reference = pop();
  emit_profiled_call(imm.type, reference, pop(wasm_.func_type(imm.type).params.size()), true);
}

}  // namespace wasmc::lower
