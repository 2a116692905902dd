// How first-tier code gives way to better code of the same module, function by function, while it runs.
#pragma once
#include <llvm/IR/Function.h>

#include "abi/artifact.h"
#include "lower/lower.h"

namespace wasmc::lower {

/// The function's code begins with a jump to `ContextHeader::successors[body]`. No instruction ever changes: what changes is that word.
void begin_with_handover(llvm::Function *function, uint32_t body, const Isa &isa);

/// Bytes that the jump takes, which abi::ModuleHeader tells.
uint32_t handover_size(abi::Arch arch);

}  // namespace wasmc::lower
