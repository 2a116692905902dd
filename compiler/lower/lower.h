// From Wasm to LLVM IR. The validator drives a FunctionLowering per function; see README.md for how values, blocks and
// addresses are represented.
#pragma once
#include <llvm/IR/Module.h>

#include <memory>
#include <optional>
#include <span>

#include "abi/context.h"
#include "abi/result.h"
#include "lower/facts.h"
#include "lower/fixed_tables.h"
#include "lower/layout.h"
#include "lower/profiling.h"
#include "wasm/module.h"

namespace wasmc::lower {

/// What the target's instructions can do, where the lowering depends on it.
struct Isa {
  bool x86 = true;           ///< x86-64, else AArch64
  bool has_rounding = true;  ///< floor, ceil, trunc, nearest (SSE4.1, AArch64)
  bool has_ssse3 = true;     ///< x86-64: pshufb and its like
  bool has_fma = true;       ///< fused multiply-add (FMA3, AArch64)
  bool has_dotprod = false;  ///< AArch64: sdot
};

/// See compiler::LoopPlace.
struct LoopPlace {
  wasm::FuncIndex function;
  uint32_t offset;
};

struct Options {
  abi::BoundsMode bounds = abi::BoundsMode::Guard;
  bool strict_traps = false;
  bool volatile_loads = false;  ///< of memory, so that no pass drops one: where no pass gains from less, this is less work than keep_trapping_loads
  bool deterministic = false; ///< relaxed SIMD as the spec's deterministic profile has it (spec, appendix: Profiles)
  Isa isa;
  bool uses_segment_base = false;  ///< functions may address memory by GS, see kUsesSegmentBase
  bool first_tier = false;         ///< bodies begin with a handover, see lower/handover.h, and loops ask for a continuation
  std::optional<LoopPlace> continuation{};  ///< for lower_continuation
  bool trap_sites = true;   ///< attach debug locations to what can trap or call: the line is the offset in the module + 1
};

/// All that every function of a module is lowered with.
struct ModuleContext {
  const wasm::Module &module;
  const ContextLayout &layout;
  const ModuleFacts &facts;
  const FixedTables &tables;
  const Options &options;
  const Profiling *profiling = nullptr;  ///< null: no profile is made or used
};

/// Validates and lowers the given defined functions into a new module, whose symbols are hidden; other functions of the
/// module are declared. Errors: the first invalid function's. The caller sets triple and data layout before code generation; the
/// data layout is passed here because types need it.
Result<std::unique_ptr<llvm::Module>> lower_functions(llvm::LLVMContext &llvm, const ModuleContext &context,
                                                      const llvm::DataLayout &data_layout, llvm::StringRef triple,
                                                      std::span<const wasm::FuncIndex> functions);

/// Lowers a continuation, `kContinuation`: see abi::ModuleHeader::continued_function. It calls other functions of the module as the first tier's
/// successors, but for small ones, which are inlined. Errors: there is no such loop, or not one that first-tier code can leave.
Result<std::unique_ptr<llvm::Module>> lower_continuation(llvm::LLVMContext &llvm, const ModuleContext &context, const llvm::DataLayout &data_layout,
                                                         llvm::StringRef triple);

/// The attribute of functions that run with their context in the base of the segment GS: see codegen/segment_base.h.
inline constexpr char kUsesSegmentBase[] = "wasmc-segment-base";

/// Whether the functions of a module can be such: it has a memory of its own at the context, and no tail call that may leave it.
bool may_use_segment_base(const ContextLayout &layout, const ModuleFacts &facts);

/// Lowers what belongs to the module as a whole: entry thunks, host adapters, entries that set the segment base, the code table in
/// section .wasmc.code, and the arrays of fixed tables.
std::unique_ptr<llvm::Module> lower_thunks(llvm::LLVMContext &llvm, const ModuleContext &context, const CodeTable &table,
                                           const llvm::DataLayout &data_layout, llvm::StringRef triple);

/// Makes sure, after all optimisation, that every tail call is followed by its return, which the code generator turns into a jump. Error: one
/// is not, which would be a bug of ours.
Result<> finish_tail_calls(llvm::Module &module);

/// Puts a load before every atomic instruction that changes nothing and whose result nothing needs (`or` with 0): the code generator makes
/// a mere fence of it, which does not trap. Call it after all optimisation.
void keep_trapping_atomics(llvm::Module &module);

/// Makes volatile, so that it still traps, every load from linear memory whose value nothing needs (spec 4.4.7: a load traps even
/// if its result is dropped), and deletes everything else that nothing needs. Call it on IR in SSA form, before any other optimisation. All
/// other loads stay plain: a volatile load in a loop keeps it from being vectorised.
void keep_trapping_loads(llvm::Module &module);

}  // namespace wasmc::lower
