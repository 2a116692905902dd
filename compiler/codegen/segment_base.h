// Memory accesses by the segment GS, whose base is the context pointer (`--segue`; Narayan et al., "Segue & ColorGuard", 2023).
#pragma once
#include <llvm/IR/Module.h>

namespace wasmc::codegen {

/// In functions with the attribute lower::kUsesSegmentBase, lets loads and stores at a variable distance from the context pointer name GS instead of the
/// register, which leaves them a base and an index register more. Call it after all optimisation: no pass has to know of the other address space.
void address_by_segment_base(llvm::Module &module);

}  // namespace wasmc::codegen
