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
  Frame frame{.kind = kind, .type = type, .height = values_.size() - type.params.size()};
  frame.end = new_block("end");
  frame.end_phis = make_phis(frame.end, type.results);
  if (kind == Frame::Kind::Loop) {
    frame.label = new_block("loop");
    frame.label_phis = make_phis(frame.label, type.params);
  } else {
    frame.label = frame.end;
    frame.label_phis = frame.end_phis;
  }
  frames_.push_back(std::move(frame));
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
  carry(frame.label_phis);
  builder_.CreateBr(frame.label);
  builder_.SetInsertPoint(frame.label);
  begin_stretch();
  values_.resize(frame.height);
  values_.insert(values_.end(), frame.label_phis.begin(), frame.label_phis.end());
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
  frame.else_block = new_block("else");
  llvm::BasicBlock *then = new_block("then");
  builder_.CreateCondBr(condition, then, frame.else_block, profile_branch(condition));
  builder_.SetInsertPoint(then);
}

void FunctionLowering::else_(const wasm::OpInfo &, const wasm::NoImm &) {
  Frame &frame = frames_.back();
  if (reachable()) {
    carry(frame.end_phis);
    builder_.CreateBr(frame.end);
  }
  frame.kind = Frame::Kind::Else;
  values_.resize(frame.height);
  values_.insert(values_.end(), frame.else_params.begin(), frame.else_params.end());
  builder_.SetInsertPoint(frame.else_block);
  begin_stretch();
}

void FunctionLowering::end(const wasm::OpInfo &op, const wasm::NoImm &imm) {
  if (frames_.back().kind == Frame::Kind::If) else_(op, imm);  // an if without else passes its parameters on
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  open_loops_ -= frame.kind == Frame::Kind::Loop;
  if (reachable()) {
    carry(frame.end_phis);
    builder_.CreateBr(frame.end);
  }
  if (frame.end != &function_->back()) frame.end->moveAfter(&function_->back());
  builder_.SetInsertPoint(frame.end);
  begin_stretch();
  values_.resize(frame.height);
  // Nothing arrives here: what follows cannot run, and its values are never looked at.
  const bool dead = frame.end->hasNPredecessors(0);
  for (llvm::PHINode *phi : frame.end_phis) {
    push(dead ? static_cast<llvm::Value *>(llvm::PoisonValue::get(phi->getType())) : phi);
    if (dead) phi->eraseFromParent();
  }
}

void FunctionLowering::br(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  Frame &target = frame(imm.depth);
  carry(target.label_phis);
  builder_.CreateBr(target.label);
  end_reachable();
}

void FunctionLowering::br_if(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  llvm::Value *condition = to_bool(pop());
  Frame &target = frame(imm.depth);
  llvm::BasicBlock *next = new_block("");
  carry(target.label_phis);
  builder_.CreateCondBr(condition, target.label, next, profile_branch(condition));
  builder_.SetInsertPoint(next);
}

void FunctionLowering::br_on_null(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  llvm::Value *reference = pop();
  Frame &target = frame(imm.depth);
  llvm::BasicBlock *next = new_block("");
  carry(target.label_phis);
  llvm::Value *is_null = builder_.CreateIsNull(reference);
  builder_.CreateCondBr(is_null, target.label, next, profile_branch(is_null));
  builder_.SetInsertPoint(next);
  push(reference);
}

void FunctionLowering::br_on_non_null(const wasm::OpInfo &, const wasm::LabelImm &imm) {
  Frame &target = frame(imm.depth);
  llvm::BasicBlock *next = new_block("");
  carry(target.label_phis);  // the reference is the last of them
  llvm::Value *is_not_null = builder_.CreateIsNotNull(pop());
  builder_.CreateCondBr(is_not_null, target.label, next, profile_branch(is_not_null));
  builder_.SetInsertPoint(next);
}

void FunctionLowering::br_table(const wasm::OpInfo &, const wasm::BrTableImm &imm) {
  llvm::Value *index = pop();
  // What a label takes is carried once per label, not once per entry: in a block between, which LLVM folds away where it can.
  std::map<uint32_t, llvm::BasicBlock *> edges;
  const auto destination = [&](uint32_t depth) {
    Frame &target = frame(depth);
    if (target.label_phis.empty()) return target.label;
    llvm::BasicBlock *&edge = edges[depth];
    if (!edge) edge = new_block("edge");
    return edge;
  };
  llvm::SwitchInst *table = builder_.CreateSwitch(index, destination(imm.default_depth), unsigned(imm.depths.size()));
  for (uint32_t i = 0; i < imm.depths.size(); ++i) table->addCase(builder_.getInt32(i), destination(imm.depths[i]));
  profile_table(table, imm);
  for (const auto &[depth, edge] : edges) {
    builder_.SetInsertPoint(edge);
    carry(frame(depth).label_phis);
    builder_.CreateBr(frame(depth).label);
  }
  end_reachable();
}

void FunctionLowering::return_(const wasm::OpInfo &op, const wasm::NoImm &) {
  br(op, wasm::LabelImm{uint32_t(frames_.size() - 1)});
}

}  // namespace wasmc::lower
