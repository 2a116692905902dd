#include "codegen/segment_base.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include "lower/lower.h"

namespace wasmc::codegen {
namespace {

/// LLVM's number for addresses relative to GS.
constexpr unsigned kGs = 256;

class Rewriter {
 public:
  explicit Rewriter(llvm::Function &function) : context_(function.getArg(0)), layout_(function.getParent()->getDataLayout()) {}

  /// Gives an access its address by GS if it is one at a variable distance from the context.
  void rewrite(llvm::Instruction &access) {
    llvm::Value *address = llvm::getLoadStorePointerOperand(&access);
    if (!address) return;
    llvm::Value *distance = distance_of(address);
    if (!distance) return;
    llvm::Value *by_gs = llvm::IRBuilder<>(&access).CreateIntToPtr(distance, llvm::PointerType::get(access.getContext(), kGs));
    access.setOperand(llvm::isa<llvm::LoadInst>(access) ? llvm::LoadInst::getPointerOperandIndex() : llvm::StoreInst::getPointerOperandIndex(), by_gs);
  }

 private:
  /// How far an address is from the context pointer, computed where the address is; null if that is not known, or a constant: the context area's
  /// slots are as near by the register, which is a byte shorter.
  llvm::Value *distance_of(llvm::Value *address) {
    auto *step = llvm::dyn_cast<llvm::GetElementPtrInst>(address);
    if (!step) return nullptr;
    const auto [known, is_new] = distances_.try_emplace(step, nullptr);
    if (!is_new) return known->second;
    llvm::Value *distance = find_distance(*step);
    return distances_[step] = distance;
  }
  llvm::Value *find_distance(llvm::GetElementPtrInst &step) {
    llvm::Value *before = nullptr;
    if (step.getPointerOperand() != context_) {
      before = distance_of(step.getPointerOperand());
      if (!before) return nullptr;
    }
    if (step.getNumIndices() != 1 || !step.getOperand(1)->getType()->isIntegerTy(64)) return nullptr;
    llvm::Value *index = step.getOperand(1);
    if (!before && llvm::isa<llvm::Constant>(index)) return nullptr;
    llvm::IRBuilder<> builder(&step);
    const uint64_t size = layout_.getTypeAllocSize(step.getSourceElementType());
    llvm::Value *bytes = size == 1 ? index : builder.CreateMul(index, builder.getInt64(size));
    return before ? builder.CreateAdd(before, bytes) : bytes;
  }

  llvm::Value *context_;
  const llvm::DataLayout &layout_;
  llvm::DenseMap<llvm::Value *, llvm::Value *> distances_;
};

}  // namespace

void address_by_segment_base(llvm::Module &module) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || !function.hasFnAttribute(lower::kUsesSegmentBase)) continue;
    Rewriter rewriter(function);
    for (llvm::BasicBlock &block : function)
      for (llvm::Instruction &instruction : block) rewriter.rewrite(instruction);
  }
}

}  // namespace wasmc::codegen
