// What the lowering may take for granted about a module because no instruction in it says otherwise. Collected by one quick
// validating pass over all bodies before any is compiled, which also reports a bad module before LLVM has done any work.
#pragma once
#include <set>
#include <utility>
#include <vector>

#include "abi/result.h"
#include "wasm/module.h"

namespace wasmc::lower {

/// A table, and the canonical type of functions that are called through it.
using IndirectCall = std::pair<wasm::TableIndex, wasm::TypeIndex>;

struct ModuleFacts {
  /// By table: it holds what its active segments say, always. True of a table that is neither imported nor exported, that begins with nulls, and
  /// that no instruction writes.
  std::vector<bool> is_fixed;
  /// By table: every function that an entry can ever hold is the module's own, so a call through it stays in the same instance.
  /// True of a table that is fixed and whose active segments name only defined functions. That is the table of a C, C++ or Rust program.
  std::vector<bool> holds_own_functions_only;
  /// What an instruction calls indirectly.
  std::set<IndirectCall> called;
  bool may_tail_call_others = false;  ///< a tail call may leave the instance: its callee is imported, or is known at run time only
};

/// Validates every body on `jobs` threads (0: one per core). Errors: the invalid function with the lowest offset.
Result<ModuleFacts> collect_facts(const wasm::Module &module, unsigned jobs);

}  // namespace wasmc::lower
