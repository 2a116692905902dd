// Counting: code that adds to counters of the process that compiles it. Their addresses are numbers in the code, so such code cannot be kept, and
// neither the context nor the runtime knows of it; all instances, in all threads, add to the same counters.
#include <cassert>

#include "lower/function.h"

namespace wasmc::lower {

std::optional<uint64_t> FunctionLowering::take_counters(uint32_t count) {
  if (!shared_.profiling()) return std::nullopt;
  next_counter_ += count;
  return next_counter_ - count;
}

/// Unordered atomics cost nothing and keep races defined; that two threads at once count as one does not matter.
void FunctionLowering::count(uint64_t counter, llvm::Value *offset) {
  if (!is_counting()) return;
  llvm::Value *first = builder_.CreateIntToPtr(i64(reinterpret_cast<uintptr_t>(shared_.profiling()->into + counter)), builder_.getPtrTy());
  llvm::Value *address = offset ? builder_.CreateInBoundsGEP(builder_.getInt64Ty(), first, offset) : first;
  llvm::LoadInst *load = shared_.tag(builder_.CreateAlignedLoad(builder_.getInt64Ty(), address, llvm::Align(8)), Storage::Counter);
  llvm::StoreInst *store = shared_.tag(builder_.CreateAlignedStore(builder_.CreateAdd(load, i64(1)), address, llvm::Align(8)), Storage::Counter);
  load->setAtomic(llvm::AtomicOrdering::Unordered);
  store->setAtomic(llvm::AtomicOrdering::Unordered);
}

/// The vote in the callee's slot: see profile::callee_number.
void FunctionLowering::count_callee(const CallProfile &profile, llvm::Value *record) {
  if (!is_counting()) return;
  assert(profile.counters);
  llvm::Type *pointer = builder_.getPtrTy(), *number_type = builder_.getInt64Ty();
  count(*profile.counters);
  llvm::Value *index = widen(record_field(record, offsetof(abi::FuncRecord, index), builder_.getInt32Ty()));
  llvm::Value *is_own = builder_.CreateICmpEQ(record_field(record, offsetof(abi::FuncRecord, context), pointer), context_);
  llvm::Value *number = builder_.CreateSelect(is_own, builder_.CreateAdd(index, i64(1)), i64(0));

  const uint64_t slots = reinterpret_cast<uintptr_t>(shared_.profiling()->into + *profile.counters + 1);
  llvm::Value *slot = builder_.CreateInBoundsGEP(number_type, builder_.CreateIntToPtr(i64(slots), pointer),
                                                 builder_.CreateShl(builder_.CreateAnd(number, profile::kCandidates - 1), 1));
  llvm::Value *votes_at = builder_.CreateConstInBoundsGEP1_64(number_type, slot, 1);
  const auto load = [&](llvm::Value *at) {
    llvm::LoadInst *value = shared_.tag(builder_.CreateAlignedLoad(number_type, at, llvm::Align(8)), Storage::Counter);
    value->setAtomic(llvm::AtomicOrdering::Unordered);
    return value;
  };
  const auto store = [&](llvm::Value *value, llvm::Value *at) {
    shared_.tag(builder_.CreateAlignedStore(value, at, llvm::Align(8)), Storage::Counter)->setAtomic(llvm::AtomicOrdering::Unordered);
  };
  llvm::Value *candidate = load(slot), *votes = load(votes_at);
  llvm::Value *takes = builder_.CreateOr(builder_.CreateICmpEQ(candidate, number), builder_.CreateICmpEQ(votes, i64(0)));
  store(builder_.CreateSelect(takes, number, candidate), slot);
  store(builder_.CreateAdd(votes, builder_.CreateSelect(takes, i64(1), i64(~uint64_t{0}))), votes_at);
}

}  // namespace wasmc::lower
