// From a lowered LLVM module to object code: the optimisations (passes.h says which), and the code generator.
#pragma once
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Module.h>

#include <map>
#include <memory>
#include <string>

#include "abi/result.h"
#include "codegen/target.h"

namespace wasmc::codegen {

using ObjectBytes = llvm::SmallVector<char, 0>;
enum class FileForm : uint8_t { Object, Assembly };

/// What must be known of a function to write down its trap sites.
struct SiteFunction {
  uint32_t code;          ///< index in the code table
  uint64_t body_offset;   ///< of its body in the Wasm module
};
/// By symbol.
using SiteFunctions = std::map<std::string, SiteFunction, std::less<>>;

/// What optimises and generates code on one thread, at one level of effort.
class Backend {
 public:
  /// `volatile_loads`: of memory all are, so none has to be kept here. `cancelled` may be null.
  Backend(const ResolvedTarget &target, compiler::OptLevel level, bool volatile_loads, const bool *cancelled);
  ~Backend();

  llvm::DataLayout data_layout() const;
  /// Error: a bug of ours, see lower::finish_tail_calls.
  Result<> optimise(llvm::Module &module);
  /// Consumes the module's IR: afterwards it can only be destroyed. The trap sites of the functions in `sites` are written too (trap_sites.h).
  Result<ObjectBytes> generate(llvm::Module &module, FileForm form, const SiteFunctions &sites);

 private:
  std::unique_ptr<llvm::TargetMachine> machine_;
  std::string tune_cpu_;
  unsigned vector_bits_;
  compiler::OptLevel level_;
  bool volatile_loads_;
  const bool *cancelled_;
};

/// Whether the user asked to stop; another thread (or a signal handler) sets it.
inline bool is_cancelled(const bool *cancelled) { return cancelled && __atomic_load_n(cancelled, __ATOMIC_RELAXED); }

}  // namespace wasmc::codegen
