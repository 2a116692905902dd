// What a producer has unrolled.
//
// clang unrolls inner loops for Wasm: their body stands there several times, each for the next element. LLVM's loop vectoriser, which does best
// with one element per iteration, has to gather every second or fifth element from such a body, or gives up. Here the copies are found again.
#pragma once
#include <llvm/ADT/ArrayRef.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>

#include <optional>
#include <utility>
#include <vector>

namespace wasmc::codegen {

/// A load or store whose address is `offset` bytes behind its group's and steps by `step` bytes with each iteration.
struct SteppingAccess {
  llvm::Instruction *instruction;
  size_t group;
  int64_t offset;
  int64_t step;  ///< the same for all of a group
};

/// A loop whose body is `times` copies of one. If each of its iterations becomes as many, of the first copy alone, with steps that are
/// `times` smaller, it does what it did, in an order that no access can tell from that before.
struct UnrolledLoop {
  unsigned times;
  std::vector<llvm::Instruction *> repeated;  ///< the stores of all copies but the first
  std::vector<llvm::Instruction *> counters;  ///< what the first copy uses of the values that step by a constant
  std::vector<std::pair<llvm::PHINode *, llvm::Value *>> carried;  ///< other values of the header, and what each is after the first copy
  std::vector<std::pair<llvm::Instruction *, llvm::Instruction *>> copies;  ///< of the first copy; of another
};

/// `accesses`: all of the loop's loads and stores but those of fixed addresses. Only for loops of one block, and only where vectorising may follow: values that
/// are carried from one iteration to the next are sums and the like of integers, or loaded by the iteration before.
/// `vector_bits`: what `WideVectors` may make of vectors.
std::optional<UnrolledLoop> find_unrolled(const llvm::Loop &loop, llvm::ScalarEvolution &evolution, llvm::ArrayRef<SteppingAccess> accesses, unsigned vector_bits);

/// The constant by which a value of the loop steps in each iteration, if it does.
std::optional<llvm::APInt> constant_step(llvm::Value *value, const llvm::Loop &loop, llvm::ScalarEvolution &evolution);

}  // namespace wasmc::codegen
