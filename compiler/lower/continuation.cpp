// How a call of first-tier code that stays in a loop goes on in better code (abi::ModuleHeader::continued_function).
//
// The first tier asks at the beginning of each loop that is in no other loop: one word per function says whether there may be an answer. Asked
// there, all that a call is made of is its locals and the operand stack, which it hands over; it then calls the continuation and returns what
// that returns.
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>

#include "lower/function.h"
#include "wasm/validator.h"

namespace wasmc::lower {
namespace {

/// What an exit costs beside what it stores, counted in stores.
constexpr uint64_t kExit = 64;

/// Locals come first, then the operand stack.
constexpr uint64_t state_offset(size_t index) { return (1 + index) * sizeof(abi::Value); }

}  // namespace

bool FunctionLowering::take_loop_exit() {
  const uint64_t size = kExit + local_types_.size() + values_.size();
  if (open_loops_ != 1 || size > loop_exit_room_) return false;
  loop_exit_room_ -= size;
  return true;
}

void FunctionLowering::ask_for_continuation() {
  llvm::Value *successors = load_invariant(builder_.getPtrTy(), context_field(abi::kSuccessorsOffset), 8);
  const uint64_t word = wasm_.bodies.size() + raw(func_) - wasm_.imported_functions;
  llvm::LoadInst *asks = builder_.CreateAlignedLoad(builder_.getInt64Ty(), builder_.CreateConstInBoundsGEP1_64(builder_.getInt64Ty(), successors, word), llvm::Align(8));
  asks->setAtomic(llvm::AtomicOrdering::Monotonic);
  llvm::BasicBlock *ask = new_block("ask"), *leave = new_block("leave"), *stay = new_block("");
  builder_.CreateCondBr(builder_.CreateIsNotNull(asks), ask, stay, shared_.unlikely());
  builder_.SetInsertPoint(ask);
  llvm::CallInst *state = call_builtin(abi::BuiltinId::continue_loop, {i32(raw(func_)), i32(offset_), i32(uint32_t(local_types_.size() + values_.size()))});
  builder_.CreateCondBr(builder_.CreateIsNull(state), stay, leave, shared_.unlikely());
  locals_->note_exit();
  loop_exits_.push_back({leave, state, locals_->here(offset_), values_});
  builder_.SetInsertPoint(stay);
}

void FunctionLowering::finish_loop_exits() {
  const auto needed = locals_->needed_locals();
  for (size_t i = 0; i < loop_exits_.size(); ++i) finish_loop_exit(loop_exits_[i], needed[i]);
  locals_->complete_phis();
}

void FunctionLowering::finish_loop_exit(const LoopExit &exit, std::span<const wasm::LocalIndex> needed) {
  builder_.SetInsertPoint(exit.leave);
  at(exit.loop.offset);
  const auto hand_over = [&](size_t index, llvm::Value *value) {
    llvm::Value *place = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), exit.state, state_offset(index));
    shared_.tag(builder_.CreateAlignedStore(value, place, llvm::Align(16)), Storage::CallArea);
  };
  for (wasm::LocalIndex local : needed) hand_over(raw(local), locals_->value_at(local, exit.loop));
  for (size_t i = 0; i < exit.operands.size(); ++i) hand_over(local_types_.size() + i, exit.operands[i]);
  llvm::Value *code = shared_.tag(builder_.CreateAlignedLoad(builder_.getPtrTy(), exit.state, llvm::Align(16)), Storage::CallArea);
  std::vector<llvm::Value *> arguments{context_};
  if (own_results_) arguments.push_back(own_results_);
  arguments.push_back(exit.state);
  llvm::CallInst *call = builder_.CreateCall(shared_.continuation_type(wasm_.func_type(func_)), code, arguments);
  mark_context_argument(call);
  at_site(call);
  call->getType()->isVoidTy() ? builder_.CreateRetVoid() : builder_.CreateRet(call);
}

/// The function's first block, where locals are loaded as they are needed, goes on at the loop instead of at the start.
void FunctionLowering::enter_loop() {
  llvm::IRBuilder<> builder(&function_->getEntryBlock());
  const Frame &loop = frames_.back();
  for (size_t i = 0; i < values_.size(); ++i) {
    llvm::Value *operand = handed_over(local_types_.size() + i, values_[i]->getType(), builder);
    if (i < loop.height) values_[i] = operand;
    else loop.phis[i - loop.height]->addIncoming(operand, &function_->getEntryBlock());
  }
  builder.CreateBr(loop.label);
  locals_->enter_loop(&function_->getEntryBlock());
  has_entered_ = true;
}

llvm::Value *FunctionLowering::handed_over(size_t index, llvm::Type *type, llvm::IRBuilder<> &builder) {
  llvm::Value *place = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), entered_state_, state_offset(index));
  return shared_.tag(builder.CreateAlignedLoad(type, place, llvm::Align(16)), Storage::CallArea);
}

/// Small functions are inlined into the continuation itself, but not into one another: so none is left over.
llvm::Value *FunctionLowering::successor(wasm::FuncIndex func) {
  if (entered_loop_ && shared_.is_small(func) && func != func_) return shared_.function(func);
  llvm::Value *successors = load_invariant(builder_.getPtrTy(), context_field(abi::kSuccessorsOffset), 8);
  const uint64_t body = raw(func) - wasm_.imported_functions;
  return load_invariant(builder_.getPtrTy(), builder_.CreateConstInBoundsGEP1_64(builder_.getPtrTy(), successors, body), 8);
}

namespace {

Result<> inline_all(llvm::Function *function) {
  while (!function->use_empty()) {
    auto *call = llvm::dyn_cast<llvm::CallBase>(function->user_back());
    llvm::InlineFunctionInfo info;
    if (!call || !llvm::InlineFunction(*call, info).isSuccess()) return fail("internal error: a call in a continuation cannot be inlined");
  }
  function->eraseFromParent();
  return {};
}

}  // namespace

Result<std::unique_ptr<llvm::Module>> lower_continuation(llvm::LLVMContext &llvm, const ModuleContext &context, const llvm::DataLayout &data_layout,
                                                         llvm::StringRef triple) {
  const LoopPlace place = *context.options.continuation;
  ModuleLowering shared(llvm, context, data_layout, triple);
  llvm::Function *function = shared.declare(shared.continuation_type(context.module.func_type(place.function)), kContinuation);
  mark_context_parameter(function);
  if (context.options.uses_segment_base) function->addFnAttr(kUsesSegmentBase);
  FunctionLowering lowering(shared, place, function);
  TRY(lowering.run());
  if (!lowering.has_entered()) return fail("no loop that can be continued at offset " + std::to_string(place.offset));
  llvm::removeUnreachableBlocks(*function);
  for (wasm::FuncIndex func : shared.small_callees()) {
    FunctionLowering small(shared, func);
    TRY(small.run());
    TRY(inline_all(shared.function(func)));
  }
  return shared.take();
}

}  // namespace wasmc::lower
