// What a loop hands from one iteration to the next.
#pragma once
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopInfo.h>

#include <vector>

namespace wasmc::codegen {

using CarriedValues = llvm::SmallPtrSet<const llvm::Value *, 16>;

/// Innermost loops with one latch that are short enough for `carried_values`, which follows what each value leads to.
std::vector<llvm::Loop *> short_inner_loops(const llvm::LoopInfo &loops);

/// What of such a loop lies between an integer that it carries and the next one, both included.
CarriedValues carried_values(const llvm::Loop &loop);

}  // namespace wasmc::codegen
