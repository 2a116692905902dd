#include "codegen/pipeline.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/Mem2Reg.h>

#include <cassert>

#include "codegen/diagnostics.h"
#include "codegen/passes.h"
#include "codegen/segment_base.h"
#include "lower/lower.h"

namespace wasmc::codegen {
namespace {

/// lower::keep_trapping_loads as a pass.
struct KeepTrappingLoads : llvm::PassInfoMixin<KeepTrappingLoads> {
  llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &) {
    lower::keep_trapping_loads(module);
    return llvm::PreservedAnalyses::none();
  }
  static bool isRequired() { return true; }
};

/// No libc function exists for compiled code: a call that LLVM would invent (memset for a loop) could not fault safely, and
/// nothing would link it.
llvm::TargetLibraryInfoImpl no_library(const llvm::Triple &triple) {
  llvm::TargetLibraryInfoImpl library(triple);
  library.disableAllFunctions();
  return library;
}

/// Locals become SSA values, and then, before anything can delete them, the loads that must trap are kept.
void add_promotion(llvm::ModulePassManager &passes, bool strict_traps) {
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::PromotePass()));
  if (!strict_traps) passes.addPass(KeepTrappingLoads());
}

void add_function_attributes(llvm::Module &module, llvm::StringRef tune_cpu, compiler::OptLevel level) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr("tune-cpu", tune_cpu);
    if (level == compiler::OptLevel::Os) function.addFnAttr(llvm::Attribute::OptimizeForSize);
  }
}

}  // namespace

Backend::Backend(const ResolvedTarget &target, compiler::OptLevel level, bool strict_traps, const bool *cancelled)
    : machine_(create_target_machine(target, level)),
      tune_cpu_(target.cpu),
      level_(level),
      strict_traps_(strict_traps),
      cancelled_(cancelled) {}
Backend::~Backend() = default;

llvm::DataLayout Backend::data_layout() const { return machine_->createDataLayout(); }

Result<> Backend::optimise(llvm::Module &module) {
  assert(!llvm::verifyModule(module, &llvm::errs()));
  add_function_attributes(module, tune_cpu_, level_);

  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassInstrumentationCallbacks callbacks;
  callbacks.registerShouldRunOptionalPassCallback(
      [this](llvm::StringRef, llvm::Any) { return !is_cancelled(cancelled_); });
  llvm::PassBuilder builder(machine_.get(), tuning_for_size(), std::nullopt, &callbacks);
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(no_library(machine_->getTargetTriple())); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);

  llvm::ModulePassManager passes;
  add_promotion(passes, strict_traps_);
  add_optimisations(passes, builder, level_);
  passes.run(module, modules);
  if (is_cancelled(cancelled_)) return {};
  lower::keep_trapping_atomics(module);
  TRY(lower::finish_tail_calls(module));
  address_by_segment_base(module);
  return {};
}

Result<ObjectBytes> Backend::generate(llvm::Module &module, FileForm form) {
  ObjectBytes bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(no_library(machine_->getTargetTriple())));
  const auto type = form == FileForm::Object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
  if (machine_->addPassesToEmitFile(passes, out, nullptr, type))
    return fail_internal("code generation", "the target cannot write this kind of file");
  passes.run(module);
  return bytes;
}

}  // namespace wasmc::codegen
