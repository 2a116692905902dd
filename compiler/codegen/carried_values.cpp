#include "codegen/carried_values.h"

#include <llvm/ADT/SetVector.h>
#include <llvm/IR/Instructions.h>

namespace wasmc::codegen {
namespace {

constexpr size_t kMostInstructions = 512;

bool is_short(const llvm::Loop &loop) {
  size_t instructions = 0;
  for (const llvm::BasicBlock *block : loop.blocks()) instructions += block->size();
  return instructions <= kMostInstructions;
}

}  // namespace

std::vector<llvm::Loop *> short_inner_loops(const llvm::LoopInfo &loops) {
  std::vector<llvm::Loop *> out;
  for (llvm::Loop *loop : loops.getLoopsInPreorder())
    if (loop->isInnermost() && loop->getLoopLatch() && is_short(*loop)) out.push_back(loop);
  return out;
}

CarriedValues carried_values(const llvm::Loop &loop) {
  CarriedValues out;
  for (llvm::PHINode &phi : loop.getHeader()->phis()) {
    if (!phi.getType()->isIntegerTy()) continue;
    llvm::SetVector<const llvm::Instruction *> after, before;
    after.insert(&phi);
    for (size_t i = 0; i < after.size(); ++i)
      for (const llvm::User *user : after[i]->users())
        if (const auto *instruction = llvm::cast<llvm::Instruction>(user);
            loop.contains(instruction) && instruction != &phi)
          after.insert(instruction);
    const auto reaches = [&](const llvm::Value *value) {
      const auto *instruction = llvm::dyn_cast<llvm::Instruction>(value);
      if (instruction && instruction != &phi && after.contains(instruction)) before.insert(instruction);
    };
    reaches(phi.getIncomingValueForBlock(loop.getLoopLatch()));
    for (size_t i = 0; i < before.size(); ++i)
      for (const llvm::Value *operand : before[i]->operands()) reaches(operand);
    if (before.empty()) continue;
    out.insert(&phi);
    out.insert(before.begin(), before.end());
  }
  return out;
}

}  // namespace wasmc::codegen
