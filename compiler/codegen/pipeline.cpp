#include "codegen/pipeline.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/Mem2Reg.h>

#include <cassert>

#include "codegen/affine_loops.h"
#include "codegen/diagnostics.h"
#include "codegen/dispatch.h"
#include "lower/lower.h"

namespace wasmc::codegen {
namespace {

using compiler::OptLevel;

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

llvm::OptimizationLevel llvm_level(OptLevel level) {
  switch (level) {
    case OptLevel::O0: return llvm::OptimizationLevel::O0;
    case OptLevel::O1: return llvm::OptimizationLevel::O1;
    case OptLevel::O2: return llvm::OptimizationLevel::O2;
    case OptLevel::O3: return llvm::OptimizationLevel::O3;
    case OptLevel::Os: return llvm::OptimizationLevel::Os;
  }
  return llvm::OptimizationLevel::O2;
}

llvm::PipelineTuningOptions tuning(OptLevel level) {
  llvm::PipelineTuningOptions options;
  const bool vectorise = level == OptLevel::O2 || level == OptLevel::O3;
  options.LoopVectorization = vectorise;
  options.LoopInterleaving = vectorise;
  options.SLPVectorization = vectorise;
  options.LoopUnrolling = vectorise;
  options.CallGraphProfile = false;
  // A module's analyses are not wanted again once a function is done; memory is.
  options.EagerlyInvalidateAnalyses = true;
  return options;
}

/// Locals become SSA values, and then, before anything can delete them, the loads that must trap are kept.
void add_promotion(llvm::ModulePassManager &passes, bool strict_traps) {
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::PromotePass()));
  if (!strict_traps) passes.addPass(KeepTrappingLoads());
}

/// -O0: what makes the code generator's work less, and nothing else.
llvm::ModulePassManager quick_pipeline() {
  llvm::FunctionPassManager cleanup;
  cleanup.addPass(llvm::EarlyCSEPass());
  cleanup.addPass(llvm::SimplifyCFGPass());
  llvm::ModulePassManager passes;
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(cleanup)));
  return passes;
}

void add_affine_loops(llvm::FunctionPassManager &passes) {
  passes.addPass(llvm::LoopSimplifyPass());
  passes.addPass(llvm::LCSSAPass());
  passes.addPass(AffineLoops());
}

void add_function_attributes(llvm::Module &module, llvm::StringRef tune_cpu, OptLevel level) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr("tune-cpu", tune_cpu);
    if (level == OptLevel::Os) function.addFnAttr(llvm::Attribute::OptimizeForSize);
  }
}

}  // namespace

Backend::Backend(const ResolvedTarget &target, OptLevel level, bool strict_traps, const bool *cancelled)
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
  llvm::PassBuilder builder(machine_.get(), tuning(level_), std::nullopt, &callbacks);
  builder.registerVectorizerStartEPCallback([this](llvm::FunctionPassManager &passes, llvm::OptimizationLevel) {
    if (tuning(level_).LoopVectorization) add_affine_loops(passes);
  });
  builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager &passes, llvm::OptimizationLevel level, llvm::ThinOrFullLTOPhase) {
    if (!level.isOptimizingForSize()) passes.addPass(CopyDispatch());
  });
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(no_library(machine_->getTargetTriple())); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);

  llvm::ModulePassManager passes;
  add_promotion(passes, strict_traps_);
  passes.addPass(level_ == OptLevel::O0 ? quick_pipeline() : builder.buildPerModuleDefaultPipeline(llvm_level(level_)));
  passes.run(module, modules);
  if (is_cancelled(cancelled_)) return {};
  lower::keep_trapping_atomics(module);
  return lower::finish_tail_calls(module);
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
