// What the functions of one LLVM module share while they are lowered: types, metadata, declarations.
#pragma once
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <vector>

#include "lower/convention.h"
#include "lower/lower.h"
#include "wasm/opcode.h"

namespace wasmc::lower {

/// Disjoint kinds of storage, for alias analysis (TBAA): no access of one kind touches another.
enum class Storage : uint8_t { Memory, Global, ImportedGlobal, Record, TableElement, CallArea, Counter, Count };

class ModuleLowering {
 public:
  ModuleLowering(llvm::LLVMContext &llvm, const ModuleContext &context, const llvm::DataLayout &data_layout,
                 llvm::StringRef triple);

  llvm::LLVMContext &llvm() { return module_->getContext(); }
  llvm::Module &module() { return *module_; }
  const wasm::Module &wasm() const { return context_.module; }
  const ContextLayout &layout() const { return context_.layout; }
  const ModuleFacts &facts() const { return context_.facts; }
  const FixedTables &tables() const { return context_.tables; }
  const Options &options() const { return context_.options; }
  const Profiling *profiling() const { return context_.profiling; }
  std::unique_ptr<llvm::Module> take() { finish_debug_info(); return std::move(module_); }

  llvm::Type *type(wasm::ValType type);
  llvm::Type *result_type(std::span<const wasm::ValType> results);
  /// `(ptr swiftself context, parameters…) -> results`, or if the results are in memory `(ptr swiftself context, ptr results, parameters…)`.
  llvm::FunctionType *function_type(const wasm::FuncType &type);
  Convention convention(const wasm::FuncType &type) const { return Convention(type, options().isa.x86); }
  /// Two results fit registers whatever they are.
  bool results_in_memory(const wasm::FuncType &type) const { return type.results.size() > 2 && convention(type).results_in_memory; }
  /// The declaration or definition of a defined function.
  llvm::Function *function(wasm::FuncIndex func);
  /// What a reference to a defined function calls, see CodeTable::entry. There must be an entry if there is a reference.
  llvm::Function *entry(wasm::FuncIndex func);
  /// An array of 4-byte numbers that is defined elsewhere, or is given its contents by whoever asked; hidden.
  llvm::GlobalVariable *array(const std::string &symbol, uint64_t length);
  /// Whether a copy of a defined function for inlining pays wherever it is called.
  bool is_small(wasm::FuncIndex func) const;
  /// The type of a continuation of a function of a type.
  llvm::FunctionType *continuation_type(const wasm::FuncType &type);
  /// Defined functions that are declared here, defined elsewhere, and so small that a copy for inlining pays.
  std::vector<wasm::FuncIndex> small_callees() const;
  /// An external function of this module with our attributes; hidden.
  llvm::Function *declare(llvm::FunctionType *type, const std::string &name);
  /// `(to, from, count)`: copies up to 128 bytes that are known to be inside; bulk.cpp.
  llvm::Function *short_copy();
  /// `(to, byte, count)`: likewise.
  llvm::Function *short_fill();

  /// The type of a builtin, from builtins.def's letters.
  llvm::FunctionType *builtin_type(abi::BuiltinId id);

  /// Marks an access to one kind of storage.
  template <class Access> Access *tag(Access *access, Storage storage) {
    access->setMetadata(llvm::LLVMContext::MD_tbaa, tbaa_[size_t(storage)]);
    return access;
  }
  /// Marks a load of something that never changes while compiled code can see it.
  llvm::LoadInst *invariant(llvm::LoadInst *load) {
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, empty_);
    return load;
  }
  /// Branch weights of a branch whose first successor is the usual one.
  llvm::MDNode *likely() const { return likely_; }
  llvm::MDNode *unlikely() const { return unlikely_; }

  /// A debug-info scope for a function, so that its instructions can carry Wasm offsets; null if trap sites are off.
  llvm::DISubprogram *debug_scope(llvm::Function *function);

 private:
  void finish_debug_info();
  /// A function for this LLVM module alone that is called and not inlined; leaves the builder in its first block.
  llvm::Function *define_helper(const char *name, std::initializer_list<llvm::Type *> params, llvm::IRBuilder<> &builder);

  const ModuleContext &context_;
  std::unique_ptr<llvm::Module> module_;
  std::vector<llvm::Function *> functions_;  ///< by function index, null until needed
  llvm::Function *short_copy_ = nullptr, *short_fill_ = nullptr;
  llvm::MDNode *tbaa_[size_t(Storage::Count)];
  llvm::MDNode *empty_, *likely_, *unlikely_;
  std::unique_ptr<llvm::DIBuilder> debug_;
  llvm::DIFile *debug_file_ = nullptr;
  llvm::DISubroutineType *debug_type_ = nullptr;
};

/// Gives a function the calling convention's attributes for its context parameter, and a call likewise.
void mark_context_parameter(llvm::Function *function);
void mark_context_argument(llvm::CallInst *call);

}  // namespace wasmc::lower
