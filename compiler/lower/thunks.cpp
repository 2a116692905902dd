// Code that belongs to a module as a whole: how the host enters it, how it reaches host functions, the table by
// which the loader finds its functions, and the arrays by which it calls those of its own tables.
#include <llvm/IR/IntrinsicsX86.h>

#include "lower/module_lowering.h"

namespace wasmc::lower {
namespace {

class ThunkLowering {
 public:
  ThunkLowering(ModuleLowering &shared) : shared_(shared), builder_(shared.llvm()) {}

  /// abi::EntryThunk of a type.
  void entry_thunk(const wasm::FuncType &type, const std::string &name) {
    auto *thunk_type = llvm::FunctionType::get(builder_.getVoidTy(), {pointer(), pointer(), pointer()}, false);
    llvm::Function *thunk = start(thunk_type, name);
    llvm::Value *context = thunk->getArg(0), *code = thunk->getArg(1), *values = thunk->getArg(2);
    std::vector<llvm::Value *> arguments{context};
    const bool in_memory = shared_.results_in_memory(type);
    if (in_memory) arguments.push_back(values);  // read before they are written
    for (uint32_t i = 0; i < type.params.size(); ++i)
      arguments.push_back(builder_.CreateAlignedLoad(shared_.type(type.params[i]), value_slot(values, i), llvm::Align(16)));
    llvm::CallInst *call = builder_.CreateCall(shared_.function_type(type), code, arguments);
    mark_context_argument(call);
    for (uint32_t i = 0; !in_memory && i < type.results.size(); ++i) {
      llvm::Value *result = type.results.size() == 1 ? call : builder_.CreateExtractValue(call, i);
      builder_.CreateAlignedStore(result, value_slot(values, i), llvm::Align(16));
    }
    builder_.CreateRetVoid();
  }

  /// The code of imported host functions of a type: called like a Wasm function with the HostFunc as context, calls the host's
  /// function as abi::HostFunc documents.
  void host_adapter(const wasm::FuncType &type, const std::string &name) {
    llvm::Function *adapter = start(shared_.function_type(type), name);
    mark_context_parameter(adapter);
    probe_stack();
    llvm::Value *code = builder_.CreateAlignedLoad(pointer(), adapter->getArg(0), llvm::Align(8));
    // With two results or more the host wants a place for them after its context, where a Wasm function has it too if it returns in memory.
    llvm::Value *buffer = nullptr;
    if (type.results.size() > 1 && !shared_.results_in_memory(type)) buffer = result_buffer(type);
    std::vector<llvm::Type *> params;
    std::vector<llvm::Value *> arguments;
    const auto pass = [&](llvm::Value *argument) {
      params.push_back(argument->getType());
      arguments.push_back(argument);
    };
    for (llvm::Argument &argument : adapter->args()) {
      pass(&argument);
      if (buffer && argument.getArgNo() == 0) pass(buffer);
    }
    llvm::Type *result = buffer ? builder_.getVoidTy() : adapter->getReturnType();
    llvm::Value *call = builder_.CreateCall(llvm::FunctionType::get(result, params, false), code, arguments);
    if (buffer) return_values(type, buffer);
    else if (result->isVoidTy()) builder_.CreateRetVoid();
    else builder_.CreateRet(call);
  }

  /// What references to a function call, where it expects its context in the segment base: puts it there, and back what was there before.
  void entry(const wasm::FuncType &type, llvm::Function *body, const std::string &name) {
    llvm::Function *entry = start(shared_.function_type(type), name);
    mark_context_parameter(entry);
    llvm::Value *before = builder_.CreateIntrinsic(builder_.getInt64Ty(), llvm::Intrinsic::x86_rdgsbase_64, {});
    const auto set_base = [&](llvm::Value *base) { builder_.CreateIntrinsic(builder_.getVoidTy(), llvm::Intrinsic::x86_wrgsbase_64, {base}); };
    set_base(builder_.CreatePtrToInt(entry->getArg(0), builder_.getInt64Ty()));
    std::vector<llvm::Value *> arguments;
    for (llvm::Argument &argument : entry->args()) arguments.push_back(&argument);
    llvm::CallInst *call = builder_.CreateCall(body, arguments);
    mark_context_argument(call);
    set_base(before);
    call->getType()->isVoidTy() ? builder_.CreateRetVoid() : builder_.CreateRet(call);
  }

  /// .wasmc.code: distances, so that nothing needs relocating when the artifact is mapped.
  void code_table(const CodeTable &table) {
    std::vector<llvm::Constant *> targets;
    for (uint32_t i = 0; i < table.size(); ++i) targets.push_back(code(table, i));
    llvm::GlobalVariable *array = define_distances("wasmc.code_table", targets);
    array->setSection(".wasmc.code");
  }
  void call_array(const CallArray &array) {
    std::vector<llvm::Constant *> targets(array.size);
    for (const auto &[place, func] : array.functions) targets[place - array.first] = shared_.function(func);
    define_distances(array.symbol, targets);
  }

 private:
  llvm::PointerType *pointer() { return builder_.getPtrTy(); }
  llvm::Value *value_slot(llvm::Value *values, uint32_t index) {
    return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), values, uint64_t{index} * sizeof(abi::Value));
  }
  llvm::Value *result_buffer(const wasm::FuncType &type) {
    auto *buffer_type = llvm::ArrayType::get(llvm::ArrayType::get(builder_.getInt64Ty(), 2), type.results.size());
    llvm::AllocaInst *buffer = builder_.CreateAlloca(buffer_type);
    buffer->setAlignment(llvm::Align(16));
    return buffer;
  }
  void return_values(const wasm::FuncType &type, llvm::Value *buffer) {
    std::vector<llvm::Value *> results;
    for (uint32_t i = 0; i < type.results.size(); ++i)
      results.push_back(builder_.CreateAlignedLoad(shared_.type(type.results[i]), value_slot(buffer, i), llvm::Align(16)));
    builder_.CreateAggregateRet(results.data(), unsigned(results.size()));
  }
  llvm::Function *start(llvm::FunctionType *type, const std::string &name) {
    llvm::Function *function = shared_.declare(type, name);
    builder_.SetInsertPoint(llvm::BasicBlock::Create(shared_.llvm(), "", function));
    return function;
  }
  /// Too little stack left for a host function is found here, where a fault is a trap; see abi::kHostStackReserve.
  void probe_stack() {
    llvm::Value *top = builder_.CreateIntrinsic(llvm::Intrinsic::stacksave, {pointer()}, {});
    llvm::Value *below = builder_.CreateGEP(builder_.getInt8Ty(), top, builder_.getInt64(-abi::kHostStackReserve));
    builder_.CreateLoad(builder_.getInt8Ty(), below)->setVolatile(true);
  }
  /// An array of how far each target is from its beginning; 0 for none.
  llvm::GlobalVariable *define_distances(const std::string &symbol, std::span<llvm::Constant *const> targets) {
    llvm::GlobalVariable *array = shared_.array(symbol, targets.size());
    llvm::Constant *base = llvm::ConstantExpr::getPtrToInt(array, builder_.getInt64Ty());
    std::vector<llvm::Constant *> distances;
    for (llvm::Constant *target : targets) {
      if (target) target = llvm::ConstantExpr::getSub(llvm::ConstantExpr::getPtrToInt(target, builder_.getInt64Ty()), base);
      distances.push_back(target ? llvm::ConstantExpr::getTrunc(target, builder_.getInt32Ty()) : builder_.getInt32(0));
    }
    array->setInitializer(llvm::ConstantArray::get(llvm::cast<llvm::ArrayType>(array->getValueType()), distances));
    return array;
  }
  llvm::Constant *code(const CodeTable &table, uint32_t index) {
    const std::string name = table.symbol(shared_.wasm(), index);
    if (llvm::Function *defined = shared_.module().getFunction(name)) return defined;
    return shared_.declare(llvm::FunctionType::get(builder_.getVoidTy(), false), name);
  }

  ModuleLowering &shared_;
  llvm::IRBuilder<> builder_;
};

}  // namespace

std::unique_ptr<llvm::Module> lower_thunks(llvm::LLVMContext &llvm, const ModuleContext &context, const CodeTable &table,
                                           const llvm::DataLayout &data_layout, llvm::StringRef triple) {
  Options options = context.options;
  options.trap_sites = false;  // thunks stand for no instruction
  const ModuleContext without_sites{context.module, context.layout, context.facts, context.tables, options};
  ModuleLowering shared(llvm, without_sites, data_layout, triple);
  ThunkLowering thunks(shared);
  if (table.is_continuation) {
    thunks.code_table(table);
    return shared.take();
  }
  uint32_t entry = table.bodies;
  for (wasm::TypeIndex type : table.thunk_types)
    thunks.entry_thunk(context.module.func_type(type), table.symbol(context.module, entry++));
  for (wasm::TypeIndex type : table.adapter_types)
    thunks.host_adapter(context.module.func_type(type), table.symbol(context.module, entry++));
  for (const wasm::FuncIndex func : table.entered)
    thunks.entry(context.module.func_type(func), shared.function(func), table.symbol(context.module, entry++));
  for (const auto &[key, array] : context.tables.arrays) thunks.call_array(array);
  thunks.code_table(table);  // declares by name what is not declared yet
  return shared.take();
}

}  // namespace wasmc::lower
