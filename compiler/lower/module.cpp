#include <llvm/Analysis/InstructionSimplify.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/TargetParser/Triple.h>
#include <llvm/Transforms/Utils/Local.h>

#include "lower/function.h"
#include "lower/handover.h"
#include "lower/module_lowering.h"
#include "wasm/validator.h"

namespace wasmc::lower {
namespace {

llvm::Type *type_of_letter(llvm::LLVMContext &llvm, char letter) {
  switch (letter) {
    case 'p': return llvm::PointerType::getUnqual(llvm);
    case 'i': return llvm::Type::getInt32Ty(llvm);
    default: return llvm::Type::getInt64Ty(llvm);
  }
}

llvm::StringRef storage_name(Storage storage) {
  static constexpr const char *kNames[] = {"memory", "global", "imported global", "record", "table element", "call area", "counter"};
  static_assert(std::size(kNames) == size_t(Storage::Count));
  return kNames[size_t(storage)];
}

constexpr const char *kBuiltinSignatures[] = {
#define WASMC_BUILTIN(id, signature) signature,
#include "abi/builtins.def"
};

/// What every function of ours has. Runaway recursion must stay recursion and loops without effects must stay loops, so no
/// tail calls that nobody asked for (finish_tail_calls takes the attribute off where somebody did) and neither `mustprogress` nor `willreturn`; large frames must touch each page
/// of the guard; a libc call could not fault safely, so none is invented.
void add_function_attributes(llvm::Function *function) {
  function->setDSOLocal(true);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->setUWTableKind(llvm::UWTableKind::Sync);
  function->addFnAttr("disable-tail-calls", "true");
  function->addFnAttr("probe-stack", "inline-asm");
  function->addFnAttr("no-builtins");
}

}  // namespace

void mark_context_parameter(llvm::Function *function) {
  function->addParamAttr(0, llvm::Attribute::SwiftSelf);
  function->addParamAttr(0, llvm::Attribute::NonNull);
}
void mark_context_argument(llvm::CallInst *call) { call->addParamAttr(0, llvm::Attribute::SwiftSelf); }

ModuleLowering::ModuleLowering(llvm::LLVMContext &llvm, const ModuleContext &context,
                               const llvm::DataLayout &data_layout, llvm::StringRef triple)
    : context_(context), module_(std::make_unique<llvm::Module>("wasm", llvm)) {
  module_->setDataLayout(data_layout);
  module_->setTargetTriple(llvm::Triple(triple));
  module_->setPICLevel(llvm::PICLevel::BigPIC);
  functions_.resize(context.module.functions.size());

  llvm::MDBuilder metadata(llvm);
  llvm::MDNode *root = metadata.createTBAARoot("wasmc");
  for (size_t i = 0; i < size_t(Storage::Count); ++i) {
    llvm::MDNode *node = metadata.createTBAAScalarTypeNode(storage_name(Storage(i)), root);
    tbaa_[i] = metadata.createTBAAStructTagNode(node, node, 0);
  }
  empty_ = llvm::MDNode::get(llvm, {});
  likely_ = metadata.createBranchWeights(1u << 20, 1);
  unlikely_ = metadata.createBranchWeights(1, 1u << 20);

  if (context.profiling && context.profiling->summary) module_->setProfileSummary(context.profiling->summary->getMD(llvm), llvm::ProfileSummary::PSK_Instr);

  if (context.options.trap_sites) {
    module_->addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
    debug_ = std::make_unique<llvm::DIBuilder>(*module_);
    debug_file_ = debug_->createFile("module.wasm", "");
    debug_->createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C), debug_file_, "wasmc", true, "", 0, "",
                              llvm::DICompileUnit::NoDebug);
    debug_type_ = debug_->createSubroutineType(debug_->getOrCreateTypeArray({}));
  }
}

llvm::Type *ModuleLowering::type(wasm::ValType type) {
  using Kind = wasm::ValType::Kind;
  switch (type.kind()) {
    case Kind::I32: return llvm::Type::getInt32Ty(llvm());
    case Kind::I64: return llvm::Type::getInt64Ty(llvm());
    case Kind::F32: return llvm::Type::getFloatTy(llvm());
    case Kind::F64: return llvm::Type::getDoubleTy(llvm());
    case Kind::V128: return llvm::FixedVectorType::get(llvm::Type::getInt64Ty(llvm()), 2);
    case Kind::Ref: return llvm::PointerType::getUnqual(llvm());
    case Kind::Bottom: break;
  }
  llvm_unreachable("bottom has no representation");
}

llvm::Type *ModuleLowering::result_type(std::span<const wasm::ValType> results) {
  if (results.empty()) return llvm::Type::getVoidTy(llvm());
  if (results.size() == 1) return type(results[0]);
  std::vector<llvm::Type *> members;
  for (wasm::ValType result : results) members.push_back(type(result));
  return llvm::StructType::get(llvm(), members);
}

llvm::FunctionType *ModuleLowering::function_type(const wasm::FuncType &type) {
  std::vector<llvm::Type *> params{llvm::PointerType::getUnqual(llvm())};
  const bool in_memory = results_in_memory(type);
  if (in_memory) params.push_back(params[0]);
  for (wasm::ValType param : type.params) params.push_back(this->type(param));
  return llvm::FunctionType::get(in_memory ? llvm::Type::getVoidTy(llvm()) : result_type(type.results), params, false);
}

llvm::Function *ModuleLowering::declare(llvm::FunctionType *type, const std::string &name) {
  auto *function = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, *module_);
  function->setVisibility(llvm::GlobalValue::HiddenVisibility);
  add_function_attributes(function);
  return function;
}

llvm::Function *ModuleLowering::define_helper(const char *name, std::initializer_list<llvm::Type *> params, llvm::IRBuilder<> &builder) {
  auto *type = llvm::FunctionType::get(builder.getVoidTy(), params, false);
  auto *function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, *module_);
  add_function_attributes(function);
  function->addFnAttr(llvm::Attribute::NoInline);
  builder.SetInsertPoint(llvm::BasicBlock::Create(llvm(), "", function));
  return function;
}

llvm::Function *ModuleLowering::function(wasm::FuncIndex func) {
  llvm::Function *&function = functions_[raw(func)];
  if (!function) {
    function = declare(function_type(wasm().func_type(func)), symbol_of(wasm(), func));
    mark_context_parameter(function);
  }
  return function;
}

llvm::Function *ModuleLowering::entry(wasm::FuncIndex func) {
  if (!options().uses_segment_base) return function(func);
  const std::string symbol = entry_symbol_of(wasm(), func);
  llvm::Function *known = module_->getFunction(symbol);
  if (known) return known;
  llvm::Function *entry = declare(function_type(wasm().func_type(func)), symbol);
  mark_context_parameter(entry);
  return entry;
}

llvm::GlobalVariable *ModuleLowering::array(const std::string &symbol, uint64_t length) {
  if (llvm::GlobalVariable *known = module_->getGlobalVariable(symbol)) return known;
  auto *type = llvm::ArrayType::get(llvm::Type::getInt32Ty(llvm()), length);
  auto *array = new llvm::GlobalVariable(*module_, type, true, llvm::GlobalValue::ExternalLinkage, nullptr, symbol);
  array->setVisibility(llvm::GlobalValue::HiddenVisibility);
  array->setDSOLocal(true);
  array->setAlignment(llvm::Align(16));
  return array;
}

llvm::FunctionType *ModuleLowering::continuation_type(const wasm::FuncType &type) {
  llvm::FunctionType *own = function_type(type);
  llvm::Type *pointer = own->getParamType(0);
  return llvm::FunctionType::get(own->getReturnType(), std::vector(results_in_memory(type) ? 3 : 2, pointer), false);
}

bool ModuleLowering::is_small(wasm::FuncIndex func) const {
  constexpr size_t kSmallBody = 40;  // bytes of Wasm
  return wasm().body(func).bytes.size() <= kSmallBody;
}

std::vector<wasm::FuncIndex> ModuleLowering::small_callees() const {
  std::vector<wasm::FuncIndex> out;
  for (uint32_t i = wasm().imported_functions; i < functions_.size(); ++i) {
    const llvm::Function *function = functions_[i];
    if (function && function->isDeclaration() && is_small(wasm::FuncIndex(i)))
      out.push_back(wasm::FuncIndex(i));
  }
  return out;
}

llvm::FunctionType *ModuleLowering::builtin_type(abi::BuiltinId id) {
  const std::string_view signature = kBuiltinSignatures[size_t(id)];
  const size_t colon = signature.find(':');
  std::vector<llvm::Type *> params;
  for (char letter : signature.substr(0, colon)) params.push_back(type_of_letter(llvm(), letter));
  llvm::Type *result = colon + 1 < signature.size() ? type_of_letter(llvm(), signature[colon + 1])
                                                    : llvm::Type::getVoidTy(llvm());
  return llvm::FunctionType::get(result, params, false);
}

llvm::DISubprogram *ModuleLowering::debug_scope(llvm::Function *function) {
  if (!debug_) return nullptr;
  llvm::DISubprogram *scope =
      debug_->createFunction(debug_file_, function->getName(), "", debug_file_, 1, debug_type_, 1,
                             llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition);
  function->setSubprogram(scope);
  return scope;
}

void ModuleLowering::finish_debug_info() {
  if (debug_) debug_->finalize();
}

bool may_use_segment_base(const ContextLayout &layout, const ModuleFacts &facts) {
  // An entry puts back the base after the call, so each tail call that goes through one would need stack.
  return layout.memory0_at_context && !facts.may_tail_call_others;
}

Result<std::unique_ptr<llvm::Module>> lower_functions(llvm::LLVMContext &llvm, const ModuleContext &context,
                                                      const llvm::DataLayout &data_layout, llvm::StringRef triple,
                                                      std::span<const wasm::FuncIndex> functions) {
  ModuleLowering shared(llvm, context, data_layout, triple);
  const auto lower = [&](wasm::FuncIndex func) {
    FunctionLowering lowering(shared, func);
    if (context.options.uses_segment_base) shared.function(func)->addFnAttr(kUsesSegmentBase);
    return lowering.run();
  };
  for (wasm::FuncIndex func : functions) {
    TRY(lower(func));
    if (context.options.first_tier) begin_with_handover(shared.function(func), raw(func) - context.module.imported_functions, context.options.isa);
  }
  for (wasm::FuncIndex func : shared.small_callees()) {
    TRY(lower(func));
    shared.function(func)->setLinkage(llvm::GlobalValue::AvailableExternallyLinkage);
  }
  return shared.take();
}

namespace {

/// An instruction whose effect can be seen by somebody, whatever becomes of its value.
bool has_effect(const llvm::Instruction &instruction) {
  return instruction.mayWriteToMemory() || instruction.isTerminator() || llvm::isa<llvm::CallBase>(instruction);
}

bool is_memory_access(const llvm::LoadInst &load) {
  const llvm::MDNode *tag = load.getMetadata(llvm::LLVMContext::MD_tbaa);
  if (!tag) return false;
  const auto *kind = llvm::cast<llvm::MDNode>(tag->getOperand(0));
  return llvm::cast<llvm::MDString>(kind->getOperand(0))->getString() == storage_name(Storage::Memory);
}

/// Whether nothing that matters happens between a call and the end of the function. Passes merge the returns of several blocks, end the lives of
/// locals before a return, and put `unreachable` behind a call that they know not to return.
bool ends_function(const llvm::CallInst *call) {
  const llvm::Instruction *next = call->getNextNode();
  for (unsigned blocks = 0; blocks < 16; ++blocks) {
    for (; !next->isTerminator(); next = next->getNextNode())
      if (next->mayHaveSideEffects() && !llvm::isa<llvm::LifetimeIntrinsic>(next)) return false;
    if (llvm::isa<llvm::ReturnInst, llvm::UnreachableInst>(next)) return true;
    if (next->getNumSuccessors() != 1) return false;
    next = &*next->getSuccessor(0)->begin();
  }
  return false;
}

/// The call's block ends with the call and a return of what it returns, which is what a tail call means.
void return_at_once(llvm::CallInst *call) {
  llvm::BasicBlock *block = call->getParent();
  for (llvm::BasicBlock *successor : llvm::successors(block)) successor->removePredecessor(block);
  while (&block->back() != call) {
    llvm::Instruction &last = block->back();
    if (!last.use_empty()) last.replaceAllUsesWith(llvm::PoisonValue::get(last.getType()));
    last.eraseFromParent();
  }
  llvm::IRBuilder<> builder(block);
  call->getType()->isVoidTy() ? builder.CreateRetVoid() : builder.CreateRet(call);
}

}  // namespace

Result<> finish_tail_calls(llvm::Module &module) {
  for (llvm::Function &function : module) {
    std::vector<llvm::CallInst *> calls;
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::CallInst>(&instruction); call && call->isTailCall() && !llvm::isa<llvm::IntrinsicInst>(call)) calls.push_back(call);
    if (calls.empty()) continue;
    for (llvm::CallInst *call : calls) {
      const bool has_context = function.hasParamAttribute(0, llvm::Attribute::SwiftSelf) && call->paramHasAttr(0, llvm::Attribute::SwiftSelf);
      if (!has_context || call->getType() != function.getReturnType() || !ends_function(call))
        return fail("internal error: a tail call of " + function.getName().str() + " has become an ordinary call");
      call->setArgOperand(0, function.getArg(0));  // It is that context, however it has come to be known by another name.
      return_at_once(call);
    }
    llvm::removeUnreachableBlocks(function);
    function.removeFnAttr("disable-tail-calls");
  }
  return {};
}

void keep_trapping_atomics(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *update = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction);
          update && update->use_empty() && llvm::isa<llvm::Constant>(update->getValOperand())) {
        llvm::IRBuilder<> builder(update);
        builder.CreateLoad(builder.getInt8Ty(), update->getPointerOperand(), true)->copyMetadata(*update);
      }
}

namespace {

/// Lets nobody depend on what does not matter: the user of `x & 0` is one of 0. Nothing is deleted yet, loads least of all.
void simplify(llvm::Function &function) {
  const llvm::DataLayout &layout = function.getParent()->getDataLayout();
  for (llvm::Instruction &instruction : llvm::instructions(function)) {
    if (has_effect(instruction) || llvm::isa<llvm::LoadInst>(instruction)) continue;
    llvm::Value *simpler = llvm::simplifyInstruction(&instruction, llvm::SimplifyQuery(layout, &instruction));
    if (simpler && simpler != &instruction) instruction.replaceAllUsesWith(simpler);
  }
}

}  // namespace

void keep_trapping_loads(llvm::Module &module) {
  std::vector<llvm::Instruction *> work, unneeded;
  llvm::DenseSet<llvm::Instruction *> needed;
  const auto need = [&](llvm::Instruction *instruction) {
    if (needed.insert(instruction).second) work.push_back(instruction);
  };
  const auto need_operands = [&] {
    while (!work.empty()) {
      llvm::Instruction *instruction = work.back();
      work.pop_back();
      for (llvm::Value *operand : instruction->operands())
        if (auto *used = llvm::dyn_cast<llvm::Instruction>(operand)) need(used);
    }
  };
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) continue;
    simplify(function);
    needed.clear();
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (has_effect(instruction)) need(&instruction);
    need_operands();
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *load = llvm::dyn_cast<llvm::LoadInst>(&instruction); load && !needed.contains(load) && is_memory_access(*load)) {
        load->setVolatile(true);
        need(load);
        need_operands();
      }
    unneeded.clear();
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (!needed.contains(&instruction)) unneeded.push_back(&instruction);
    for (llvm::Instruction *instruction : unneeded) instruction->dropAllReferences();
    for (llvm::Instruction *instruction : unneeded) instruction->eraseFromParent();
  }
}

}  // namespace wasmc::lower
