// One call that becomes several: each of its callees that is known has a call of its own, which LLVM can inline.
#pragma once
#include "lower/function.h"

namespace wasmc::lower {

/// The ways that one call can take, which meet behind it; tail calls do not.
class FunctionLowering::CallWays {
 public:
  CallWays(FunctionLowering &lowering, const wasm::FuncType &type, const std::vector<llvm::Value *> &arguments, bool is_tail)
      : lowering_(lowering), type_(type), arguments_(arguments), is_tail_(is_tail) {}

  void add(Callee callee) {
    lowering_.emit_either_call(type_, callee, arguments_, is_tail_);
    if (is_tail_) return;
    if (!end_) begin_end();
    lowering_.carry(phis_);
    lowering_.pop(phis_.size());
    lowering_.builder_.CreateBr(end_);
  }
  /// A call of its own for a callee that is known, in a new block.
  llvm::BasicBlock *add_known(wasm::FuncIndex func) {
    const llvm::IRBuilderBase::InsertPointGuard guard(lowering_.builder_);
    llvm::BasicBlock *block = lowering_.new_block("known");
    lowering_.builder_.SetInsertPoint(block);
    add(lowering_.direct_callee(func));
    return block;
  }
  void meet() {
    if (is_tail_) return;
    lowering_.builder_.SetInsertPoint(end_);
    for (llvm::PHINode *phi : phis_) lowering_.push(phi);
  }

 private:
  void begin_end() {
    end_ = lowering_.new_block("called");
    phis_ = lowering_.make_phis(end_, type_.results);
  }

  FunctionLowering &lowering_;
  const wasm::FuncType &type_;
  const std::vector<llvm::Value *> &arguments_;
  bool is_tail_;
  llvm::BasicBlock *end_ = nullptr;
  std::vector<llvm::PHINode *> phis_;
};

}  // namespace wasmc::lower
