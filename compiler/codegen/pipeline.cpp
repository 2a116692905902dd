#include "codegen/pipeline.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Scalar.h>

#include <algorithm>
#include <cassert>

#include "codegen/computed_goto.h"
#include "codegen/context_register.h"
#include "codegen/diagnostics.h"
#include "codegen/kept_selects.h"
#include "codegen/passes.h"
#include "codegen/segment_base.h"
#include "codegen/shrink_wrapping.h"
#include "codegen/trap_sites.h"
#include "codegen/wide_indices.h"
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

void add_function_attributes(llvm::Module &module, llvm::StringRef tune_cpu, compiler::OptLevel level) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr("tune-cpu", tune_cpu);
    if (level == compiler::OptLevel::Os) function.addFnAttr(llvm::Attribute::OptimizeForSize);
  }
}

/// Hands the code generator's passes on, but for those that a level leaves out, and with ours.
class ChosenPasses : public llvm::legacy::PassManagerBase {
 public:
  ChosenPasses(llvm::legacy::PassManager &passes, const llvm::Triple &target, compiler::OptLevel level) : passes_(passes), is_x86_(target.isX86_64()) {
    // Both follow variables of the source: nothing here has any.
    left_out_ = {&llvm::LiveDebugValuesID, &llvm::RemoveRedundantDebugValuesID};
    if (level == compiler::OptLevel::O1) left_out_.insert(left_out_.end(), {&llvm::MachineSchedulerID, strength_reduction()});
  }
  void add(llvm::Pass *pass) override {
    const llvm::AnalysisID id = pass->getPassID();
    if (is_x86_ && id == &llvm::ShrinkWrapID) passes_.add(create_hide_context_pass());
    if (std::ranges::find(left_out_, id) != left_out_.end()) delete pass;
    else passes_.add(pass);
    if (is_x86_ && id == &llvm::ShrinkWrapID) passes_.add(create_show_context_pass());
    if (is_x86_ && id == &llvm::MachineSchedulerID) passes_.add(create_keep_context_pass());
    if (is_x86_ && id == preparation_) {
      passes_.add(create_keep_selects_pass());
      passes_.add(create_wide_indices_pass());
    }
    if (is_x86_ && id == &llvm::MachineBlockPlacementID) passes_.add(create_copy_computed_gotos_pass());
  }

 private:
  // They have no names to ask for.
  static llvm::AnalysisID strength_reduction() { return std::unique_ptr<llvm::Pass>(llvm::createLoopStrengthReducePass())->getPassID(); }
  static llvm::AnalysisID preparation() { return std::unique_ptr<llvm::Pass>(llvm::createCodeGenPrepareLegacyPass())->getPassID(); }

  llvm::legacy::PassManager &passes_;
  bool is_x86_;
  llvm::AnalysisID preparation_ = preparation();
  std::vector<llvm::AnalysisID> left_out_;
};

}  // namespace

Backend::Backend(const ResolvedTarget &target, compiler::OptLevel level, bool volatile_loads, const bool *cancelled)
    : machine_(create_target_machine(target, level)),
      tune_cpu_(target.cpu),
      vector_bits_(target.vector_bits()),
      level_(level),
      volatile_loads_(volatile_loads),
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
  if (!volatile_loads_) passes.addPass(KeepTrappingLoads());
  add_optimisations(passes, builder, level_, vector_bits_);
  passes.run(module, modules);
  if (is_cancelled(cancelled_)) return {};
  lower::keep_trapping_atomics(module);
  TRY(lower::finish_tail_calls(module));
  address_by_segment_base(module);
  return {};
}

Result<ObjectBytes> Backend::generate(llvm::Module &module, FileForm form, const SiteFunctions &sites) {
  const auto cannot = [] { return fail_internal("code generation", "the target cannot write this kind of file"); };
  ObjectBytes bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  ChosenPasses chosen(passes, machine_->getTargetTriple(), level_);
  passes.add(new llvm::TargetLibraryInfoWrapperPass(no_library(machine_->getTargetTriple())));

  // As TargetMachine::addPassesToEmitFile does it, which gives neither the list of passes nor the printer out of its hands.
  llvm::TargetPassConfig *config = machine_->createPassConfig(chosen);
  auto *functions = new llvm::MachineModuleInfoWrapperPass(machine_.get());
  config->setDisableVerify(true);
  passes.add(config);
  passes.add(functions);
  if (config->addISelPasses()) return cannot();
  config->addMachinePasses();
  config->setInitialized();
  const auto type = form == FileForm::Object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
  auto streamer = machine_->createMCStreamer(out, nullptr, type, functions->getMMI().getContext());
  if (!streamer) return fail_internal("code generation", streamer.takeError());
  auto *printer = machine_->getTarget().createAsmPrinter(*machine_, std::move(*streamer));
  if (!printer) return cannot();
  printer->addAsmPrinterHandler(trap_site_writer(*printer, sites));
  passes.add(printer);
  passes.add(llvm::createFreeMachineFunctionPass());
  passes.run(module);
  return bytes;
}

}  // namespace wasmc::codegen
