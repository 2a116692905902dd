// Blocks and branches (spec 4.4.8 Control Instructions).
#include <algorithm>
#include <cassert>
#include <map>

#include "lower/function.h"

namespace wasmc::lower {

using abi::TrapKind;

llvm::BasicBlock *FunctionLowering::new_block(const char *name) {
  return llvm::BasicBlock::Create(shared_.llvm(), name, function_);
}

std::vector<llvm::PHINode *> FunctionLowering::make_phis(llvm::BasicBlock *block, std::span<const wasm::ValType> types) {
  std::vector<llvm::PHINode *> phis;
  for (wasm::ValType type : types) phis.push_back(llvm::PHINode::Create(shared_.type(type), 2, "", block));
  return phis;
}

void FunctionLowering::carry(std::span<llvm::PHINode *const> phis) {
  const size_t first = values_.size() - phis.size();
  for (size_t i = 0; i < phis.size(); ++i) phis[i]->addIncoming(values_[first + i], builder_.GetInsertBlock());
}

void FunctionLowering::open(Frame::Kind kind, const wasm::BlockType &type) {
  frames_.push_back({.kind = kind, .type = type, .height = values_.size() - type.params.size(), .opened = locals_->here(offset_)});
}

llvm::BasicBlock *FunctionLowering::branch_target(Frame &frame, unsigned count) {
  if (!frame.label) {
    frame.label = new_block("end");
    frame.phis = make_phis(frame.label, frame.type.results);
  }
  carry(frame.phis);
  const Locals::Edge edge{builder_.GetInsertBlock(), locals_->here(offset_), count};
  frame.kind == Frame::Kind::Loop ? locals_->add_edge(frame.loop, edge) : frame.edges.push_back(edge);
  return frame.label;
}

bool FunctionLowering::branch_from_predecessor(Frame &frame) {
  llvm::BasicBlock *block = builder_.GetInsertBlock();
  if (block != branch_end_ || !block->empty()) return false;
  llvm::BasicBlock *before = block->getSinglePredecessor();
  // If it went there already, phis would have to tell the two ways apart.
  if (!before || (frame.label && llvm::is_contained(llvm::successors(before), frame.label))) return false;
  builder_.SetInsertPoint(before);
  block->replaceAllUsesWith(branch_target(frame));
  block->eraseFromParent();
  branch_end_ = nullptr;
  return true;
}

void FunctionLowering::branch_to(Frame &frame) {
  if (!branch_from_predecessor(frame)) builder_.CreateBr(branch_target(frame));
  end_reachable();
}

void FunctionLowering::branch_if(llvm::Value *condition, Frame &frame) {
  llvm::BasicBlock *target = branch_target(frame), *next = new_block("");
  builder_.CreateCondBr(condition, target, next, profile_branch(condition));
  builder_.SetInsertPoint(next);
  branch_end_ = next;
}

void FunctionLowering::leave_dead_block() {
  llvm::BasicBlock *block = builder_.GetInsertBlock();
  if (!block || !block->empty() || block->isEntryBlock() || !block->hasNPredecessors(0)) return;
  end_reachable();
  block->eraseFromParent();
}

void FunctionLowering::begin_dead(const Frame &frame) {
  values_.resize(frame.height);
  if (frames_.empty()) return;
  builder_.SetInsertPoint(new_block("dead"));
  locals_->begin_dead(offset_);
  begin_stretch();
  for (wasm::ValType type : frame.type.results) push(llvm::PoisonValue::get(shared_.type(type)));
}

llvm::MDNode *FunctionLowering::hinted_weights() {
  if (!hints_) return nullptr;
  const uint32_t in_body = offset_ - uint32_t(body_offset_);
  const auto hint = std::ranges::lower_bound(*hints_, in_body, {}, &wasm::BranchHint::offset);
  if (hint == hints_->end() || hint->offset != in_body) return nullptr;
  return hint->likely ? shared_.likely() : shared_.unlikely();
}

void FunctionLowering::unreachable(const wasm::OpInfo &, const wasm::NoImm &) {
  emit_trap(TrapKind::Unreachable);
  end_reachable();
}

void FunctionLowering::nop(const wasm::OpInfo &, const wasm::NoImm &) {}

void FunctionLowering::block(const wasm::OpInfo &, const wasm::BlockImm &imm) { open(Frame::Kind::Block, imm.type); }

void FunctionLowering::loop(const wasm::OpInfo &, const wasm::BlockImm &imm) {
  open(Frame::Kind::Loop, imm.type);
  Frame &frame = frames_.back();
  frame.label = new_block("loop");
  frame.phis = make_phis(frame.label, imm.type.params);
  llvm::BasicBlock *before = builder_.GetInsertBlock();
  carry(frame.phis);
  std::ranges::copy(frame.phis, values_.begin() + ptrdiff_t(frame.height));
  builder_.CreateBr(frame.label);
  builder_.SetInsertPoint(frame.label);
  frame.loop = locals_->begin_loop(offset_, {before, frame.opened}, frame.label);
  begin_stretch();
  ++open_loops_;
  if ((!shared_.options().first_tier && !entered_loop_) || !take_loop_exit()) return;
  if (!entered_loop_) ask_for_continuation();
  else if (entered_loop_ == offset_) enter_loop();
}

void FunctionLowering::if_(const wasm::OpInfo &, const wasm::BlockImm &imm) {
  llvm::Value *condition = to_bool(pop());
  open(Frame::Kind::If, imm.type);
  Frame &frame = frames_.back();
  frame.else_params.assign(values_.begin() + ptrdiff_t(frame.height), values_.end());
  llvm::BasicBlock *then = new_block("then");
  frame.else_block = new_block("else");
  llvm::MDNode *weights = profile_branch(condition);
  frame.if_block = builder_.GetInsertBlock();
  builder_.CreateCondBr(condition, then, frame.else_block, weights);
  builder_.SetInsertPoint(then);
  branch_end_ = then;
}

void FunctionLowering::else_(const wasm::OpInfo &, const wasm::NoImm &) {
  Frame &frame = frames_.back();
  leave_dead_block();
  if (reachable()) branch_to(frame);
  frame.kind = Frame::Kind::Else;
  values_.resize(frame.height);
  values_.insert(values_.end(), frame.else_params.begin(), frame.else_params.end());
  if (frame.else_block != &function_->back()) frame.else_block->moveAfter(&function_->back());
  builder_.SetInsertPoint(frame.else_block);
  branch_end_ = frame.else_block;
  locals_->begin_branch(offset_, frame.opened);
  begin_stretch();
}

/// An if without else passes its parameters on.
void FunctionLowering::skip_else(Frame &frame) {
  llvm::BasicBlock *from = frame.if_block;
  if (!frame.label) {
    frame.label = frame.else_block;
    frame.phis = make_phis(frame.label, frame.type.results);
  } else if (llvm::is_contained(llvm::successors(from), frame.label)) {  // see branch_from_predecessor
    from = frame.else_block;
    llvm::BranchInst::Create(frame.label, from);
  } else {
    frame.else_block->replaceAllUsesWith(frame.label);
    frame.else_block->eraseFromParent();
  }
  for (size_t i = 0; i < frame.phis.size(); ++i) frame.phis[i]->addIncoming(frame.else_params[i], from);
  frame.edges.push_back({from, frame.opened});
}

void FunctionLowering::end(const wasm::OpInfo &, const wasm::NoImm &) {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  open_loops_ -= frame.kind == Frame::Kind::Loop;
  leave_dead_block();
  if (frame.kind == Frame::Kind::If) skip_else(frame);
  if (frame.kind == Frame::Kind::Loop || !frame.label) {  // nothing else comes here: it goes on in the same block
    if (!reachable()) begin_dead(frame);
    return;
  }
  if (reachable()) branch_to(frame);
  if (frame.label != &function_->back()) frame.label->moveAfter(&function_->back());
  builder_.SetInsertPoint(frame.label);
  locals_->begin_join(offset_, frame.opened, frame.label, std::move(frame.edges));
  begin_stretch();
  values_.resize(frame.height);
  values_.insert(values_.end(), frame.phis.begin(), frame.phis.end());
}

void FunctionLowering::br(const wasm::OpInfo &, const wasm::LabelImm &imm) { branch_to(frame(imm.depth)); }

void FunctionLowering::br_if(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  llvm::Value *condition = to_bool(pop());
  branch_if(condition, frame(imm.depth));
}

void FunctionLowering::br_on_null(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  llvm::Value *reference = pop();
  branch_if(builder_.CreateIsNull(reference), frame(imm.depth));
  push(reference);
}

void FunctionLowering::br_on_non_null(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  branch_if(builder_.CreateIsNotNull(values_.back()), frame(imm.depth));  // the reference is the last of what it takes along
  pop();
}

void FunctionLowering::br_table(const wasm::OpInfo &, const wasm::BrTableImm &imm) {
  llvm::Value *index = pop();
  std::map<uint32_t, unsigned> counts;
  for (uint32_t depth : imm.depths) ++counts[depth];
  ++counts[imm.default_depth];
  // What a label takes is carried once per label, not once per entry: in a block between, which LLVM folds away where it can.
  std::map<uint32_t, llvm::BasicBlock *> targets;
  std::vector<uint32_t> edges;
  for (const auto &[depth, count] : counts) {
    const Frame &target = frame(depth);
    const bool carries = !(target.label ? target.phis.empty() : target.type.results.empty());
    if (carries) edges.push_back(depth);
    targets[depth] = carries ? new_block("edge") : branch_target(frame(depth), count);
  }
  llvm::SwitchInst *table = builder_.CreateSwitch(index, targets[imm.default_depth], unsigned(imm.depths.size()));
  for (uint32_t i = 0; i < imm.depths.size(); ++i) table->addCase(builder_.getInt32(i), targets[imm.depths[i]]);
  profile_table(table, imm);
  for (uint32_t depth : edges) {
    builder_.SetInsertPoint(targets[depth]);
    branch_to(frame(depth));
  }
  end_reachable();
}

void FunctionLowering::return_(const wasm::OpInfo &op, const wasm::NoImm &) {
  br(op, wasm::LabelImm{uint32_t(frames_.size() - 1)});
}

}  // namespace wasmc::lower
