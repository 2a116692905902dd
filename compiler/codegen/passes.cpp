// Wasm was optimised when it was produced. What is left to do is what only this side can: simplify what the lowering made of memory accesses
// and calls, inline, bring addresses into a form that the loops' passes understand, vectorise. LLVM's default pipeline for C does
// the producer's work again: see README.md for what that costs and buys.
#include "codegen/passes.h"

#include <llvm/Analysis/ProfileSummaryInfo.h>
#include <llvm/Transforms/IPO/ElimAvailExtern.h>
#include <llvm/Transforms/IPO/FunctionAttrs.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Inliner.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/CorrelatedValuePropagation.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/DivRemPairs.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopDeletion.h>
#include <llvm/Transforms/Scalar/LoopIdiomRecognize.h>
#include <llvm/Transforms/Scalar/LoopLoadElimination.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/LoopUnrollPass.h>
#include <llvm/Transforms/Scalar/SimpleLoopUnswitch.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Vectorize/LoopVectorize.h>
#include <llvm/Transforms/Vectorize/SLPVectorizer.h>
#include <llvm/Transforms/Vectorize/VectorCombine.h>

#include "codegen/affine_loops.h"
#include "codegen/carried_minimum.h"
#include "codegen/computed_goto.h"
#include "codegen/dispatch.h"
#include "codegen/search_loops.h"
#include "codegen/wide_multiplication.h"
#include "codegen/wide_vectors.h"

namespace wasmc::codegen {
namespace {

using compiler::OptLevel;
using llvm::FunctionPassManager;

/// A pass, and what is worth running only if it has changed something.
template <typename Pass>
struct FollowedUp : llvm::PassInfoMixin<FollowedUp<Pass>> {
  Pass pass;
  FunctionPassManager cleanup;

  FollowedUp(Pass pass, FunctionPassManager cleanup) : pass(std::move(pass)), cleanup(std::move(cleanup)) {}
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses) {
    llvm::PreservedAnalyses preserved = pass.run(function, analyses);
    if (preserved.areAllPreserved()) return preserved;
    analyses.invalidate(function, preserved);
    preserved.intersect(cleanup.run(function, analyses));
    return preserved;
  }
};

/// In front of the SLP vectoriser, which in LLVM 22 takes (float)(uint64_t)(int64_t)x for (float)(uint32_t)x: it narrows the integer as a signed one and converts it
/// as an unsigned one. It does not look through a freeze, which costs nothing.
struct ShieldConversions : llvm::PassInfoMixin<ShieldConversions> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &) {
    for (llvm::BasicBlock &block : function)
      for (llvm::Instruction &instruction : block) {
        if (!llvm::isa<llvm::UIToFPInst>(instruction) || !instruction.getOperand(0)->getType()->isIntegerTy(64)) continue;
        instruction.setOperand(0, new llvm::FreezeInst(instruction.getOperand(0), "", instruction.getIterator()));
      }
    llvm::PreservedAnalyses preserved;
    preserved.preserveSet<llvm::CFGAnalyses>();
    return preserved;
  }
};

/// Later: hoisting and sinking common instructions, switches as tables; loops need not keep their form any more.
llvm::SimplifyCFGOptions late_simplification() {
  return llvm::SimplifyCFGOptions().convertSwitchRangeToICmp(true).convertSwitchToArithmetic(true).convertSwitchToLookupTable(true).forwardSwitchCondToPhi(true)
      .needCanonicalLoops(false).hoistCommonInsts(true).sinkCommonInsts(true);
}

llvm::SimplifyCFGOptions early_simplification() { return llvm::SimplifyCFGOptions().convertSwitchRangeToICmp(true); }

void simplify(FunctionPassManager &passes) {
  passes.addPass(llvm::SimplifyCFGPass(early_simplification()));
  passes.addPass(llvm::InstCombinePass());
}

void hoist(FunctionPassManager &passes) {
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
}

/// The loops' passes need counters and ends in LLVM's form, and addresses that do not wrap.
FunctionPassManager loop_passes(unsigned vector_bits) {
  llvm::LoopPassManager shape;
  shape.addPass(llvm::LoopIdiomRecognizePass());
  shape.addPass(llvm::IndVarSimplifyPass());
  shape.addPass(llvm::LoopDeletionPass());
  shape.addPass(llvm::LoopFullUnrollPass());
  llvm::LoopPassManager rotate;
  rotate.addPass(llvm::LoopRotatePass());
  rotate.addPass(llvm::LoopDeletionPass());

  FunctionPassManager passes;
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(shape)));
  passes.addPass(llvm::LoopSimplifyPass());
  passes.addPass(llvm::LCSSAPass());
  passes.addPass(AffineLoops(vector_bits));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(rotate)));
  passes.addPass(WideVectors(vector_bits));
  passes.addPass(llvm::LoopVectorizePass());
  passes.addPass(llvm::LoopLoadEliminationPass());
  passes.addPass(SearchLoops());
  return passes;
}

FunctionPassManager combine() {
  FunctionPassManager passes;
  passes.addPass(llvm::InstCombinePass());
  return passes;
}

FunctionPassManager after_unrolling() {
  FunctionPassManager passes;
  passes.addPass(llvm::InstCombinePass());
  hoist(passes);
  return passes;
}

llvm::CGSCCPassManager inlining() {
  llvm::CGSCCPassManager passes;
  passes.addPass(llvm::InlinerPass());
  passes.addPass(llvm::PostOrderFunctionAttrsPass());
  FunctionPassManager each;
  each.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  simplify(each);
  passes.addPass(llvm::createCGSCCToFunctionPassAdaptor(std::move(each), /*EagerlyInvalidate=*/true, /*NoRerun=*/true));
  return passes;
}

void add(llvm::ModulePassManager &passes, FunctionPassManager each) {
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(each), /*EagerlyInvalidate=*/true));
}

/// What the inliner should find done.
FunctionPassManager early() {
  FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(WideMultiplications());
  passes.addPass(llvm::SimplifyCFGPass());
  return passes;
}

/// -O1: code as fast as -O2's but for dense loops.
FunctionPassManager light() {
  FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(WideMultiplications());
  simplify(passes);
  hoist(passes);
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass(early_simplification()));
  return passes;
}

/// -O3: paths through several branches, loops without their invariant conditions.
void add_threading(FunctionPassManager &passes) {
  passes.addPass(llvm::JumpThreadingPass());
  passes.addPass(llvm::CorrelatedValuePropagationPass());
  simplify(passes);
  llvm::LoopPassManager loops;
  loops.addPass(llvm::LoopRotatePass());
  loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
  loops.addPass(llvm::SimpleLoopUnswitchPass(/*NonTrivial=*/true));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(loops), /*UseMemorySSA=*/true));
  simplify(passes);
}

/// -O2 and -O3.
void add_thorough(llvm::ModulePassManager &passes, bool is_aggressive, unsigned vector_bits) {
  add(passes, early());
  passes.addPass(llvm::RequireAnalysisPass<llvm::ProfileSummaryAnalysis, llvm::Module>());
  passes.addPass(llvm::createModuleToPostOrderCGSCCPassAdaptor(inlining()));
  passes.addPass(llvm::EliminateAvailableExternallyPass());
  passes.addPass(llvm::GlobalDCEPass());

  FunctionPassManager each;
  if (is_aggressive) add_threading(each);
  hoist(each);
  each.addPass(llvm::GVNPass());
  each.addPass(llvm::DSEPass());
  each.addPass(llvm::SimplifyCFGPass(early_simplification()));
  each.addPass(FollowedUp(loop_passes(vector_bits), combine()));
  each.addPass(llvm::SimplifyCFGPass(late_simplification()));
  each.addPass(ShieldConversions());
  each.addPass(FollowedUp(llvm::SLPVectorizerPass(), combine()));
  each.addPass(FollowedUp(llvm::VectorCombinePass(), combine()));
  each.addPass(FollowedUp(llvm::LoopUnrollPass(), after_unrolling()));
  each.addPass(llvm::DivRemPairsPass());
  each.addPass(llvm::SimplifyCFGPass(late_simplification()));
  each.addPass(CarriedMinimums());
  add(passes, std::move(each));
}

}  // namespace

llvm::PipelineTuningOptions tuning_for_size() {
  llvm::PipelineTuningOptions options;
  options.LoopVectorization = false;
  options.LoopInterleaving = false;
  options.SLPVectorization = false;
  options.LoopUnrolling = false;
  options.CallGraphProfile = false;
  // A module's analyses are not wanted again once a function is done; memory is.
  options.EagerlyInvalidateAnalyses = true;
  return options;
}

void add_optimisations(llvm::ModulePassManager &passes, llvm::PassBuilder &builder, OptLevel level, unsigned vector_bits) {
  switch (level) {
    case OptLevel::O0: return;  // each would cost more than it saves the code generator
    case OptLevel::O1: add(passes, light()); break;
    case OptLevel::O2: add_thorough(passes, false, vector_bits); break;
    case OptLevel::O3: add_thorough(passes, true, vector_bits); break;
    case OptLevel::Os: passes.addPass(builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::Os)); return;
  }
  passes.addPass(CopyDispatch());
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(MarkComputedGotos()));
}

}  // namespace wasmc::codegen
