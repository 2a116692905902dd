// What counts are good for: weights of branches, how hot a function is, and indirect calls that become direct ones, so that LLVM can inline them.
#include <llvm/IR/ProfDataUtils.h>

#include <algorithm>

#include "lower/call_ways.h"

namespace wasmc::lower {
namespace {

/// An indirect call with fewer calls than this is left as it is.
constexpr uint64_t kFewCalls = 1000;
/// Callees with calls of their own have at least this share each, and this share together.
constexpr uint64_t kLeastShare = 32;                        // one 32nd
constexpr uint64_t kEnoughParts = 3, kEnoughOf = 5;         // three fifths
/// Where callees are told apart by comparing one after another, not by a switch, there are fewer, with at least a quarter each.
constexpr size_t kMostCompared = 2;
constexpr uint64_t kLeastComparedShare = 4;

}  // namespace

/// None if nothing was counted.
std::span<const uint64_t> FunctionLowering::counted(uint64_t first, size_t count) const {
  const std::span<const uint64_t> all = shared_.profiling()->counts;
  return all.empty() ? all : all.subspan(first, count);
}

/// Weights have 32 bits. None where nothing ran: LLVM guesses then.
llvm::MDNode *FunctionLowering::weights(std::span<const uint64_t> counts) {
  const uint64_t most = counts.empty() ? 0 : *std::ranges::max_element(counts);
  if (most == 0) return nullptr;
  const uint64_t scale = most / UINT32_MAX + 1;
  std::vector<uint32_t> scaled;
  for (uint64_t count : counts) scaled.push_back(uint32_t(count / scale));
  return llvm::MDBuilder(shared_.llvm()).createBranchWeights(scaled);
}

void FunctionLowering::begin_profile() {
  if (!shared_.profiling()) return;
  next_counter_ = shared_.profiling()->layout.first[raw(func_) - wasm_.imported_functions];
  const uint64_t entered = *take_counters(profile::kEntryCounters);
  count(entered);
  if (const auto counts = counted(entered, 1); !counts.empty()) function_->setEntryCount(counts[0]);
}

llvm::MDNode *FunctionLowering::profile_branch(llvm::Value *condition) {
  const auto counters = take_counters(profile::kBranchCounters);
  if (!counters) return hinted_weights();
  count(*counters, widen(condition));
  const auto counts = counted(*counters, profile::kBranchCounters);
  if (counts.empty()) return hinted_weights();
  const uint64_t taken_first[] = {counts[1], counts[0]};
  llvm::MDNode *known = weights(taken_first);
  return known ? known : hinted_weights();
}

/// Must come before the switch.
void FunctionLowering::profile_table(llvm::SwitchInst *table, const wasm::BrTableImm &imm) {
  const auto counters = take_counters(profile::table_counters(imm));
  if (!counters) return;
  builder_.SetInsertPoint(table);
  llvm::Value *label = intrinsic(llvm::Intrinsic::umin, {table->getCondition(), i32(uint32_t(imm.depths.size()))});
  count(*counters, widen(label));
  const auto counts = counted(*counters, profile::table_counters(imm));
  if (counts.empty()) return;
  std::vector<uint64_t> default_first{counts.back()};
  default_first.insert(default_first.end(), counts.begin(), counts.end() - 1);
  if (llvm::MDNode *known = weights(default_first)) table->setMetadata(llvm::LLVMContext::MD_prof, known);
}

/// The counts may be anybody's: what is called must exist, have a reference to it, and be of the type.
std::vector<FunctionLowering::FrequentCallee> FunctionLowering::frequent_callees(uint64_t counters, wasm::TypeIndex type) const {
  const auto counts = counted(counters, profile::kCallCounters);
  std::vector<FrequentCallee> callees;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < profile::kCandidates; ++i) {
    const uint64_t number = counts[1 + 2 * i], calls = counts[2 + 2 * i];
    if (number <= wasm_.imported_functions || number > wasm_.functions.size()) continue;
    if (calls > counts[0] || calls < counts[0] / kLeastShare) continue;
    const wasm::FuncIndex func{uint32_t(number - 1)};
    if (!wasm_.declared_functions[raw(func)]) continue;
    if (number % profile::kCandidates != i || !wasm_.matches(wasm_.functions[raw(func)], type)) continue;
    callees.push_back({func, calls});
    sum += calls;
  }
  if (counts[0] < kFewCalls || sum / kEnoughParts < counts[0] / kEnoughOf) return {};
  std::ranges::sort(callees, {}, [](const FrequentCallee &callee) { return std::pair(~callee.calls, callee.func); });
  return callees;
}

FunctionLowering::CallProfile FunctionLowering::profile_call(wasm::TypeIndex type) {
  CallProfile out{.counters = take_counters(profile::kCallCounters)};
  if (!out.counters || shared_.profiling()->counts.empty()) return out;
  out.calls = counted(*out.counters, 1)[0];
  out.callees = frequent_callees(*out.counters, type);
  return out;
}

/// Where the table's contents are known for good, an index says which function it is: no bounds, no type, no load. Goes on where it is none of them.
void FunctionLowering::switch_to_callees(CallWays &ways, const CallProfile &profile, const FunctionPlaces &places, llvm::Value *index) {
  llvm::BasicBlock *others = new_block("others");
  llvm::SwitchInst *table = builder_.CreateSwitch(index, others);
  std::vector<uint64_t> counts{0};
  uint64_t known = 0;
  for (const FrequentCallee &callee : profile.callees) {
    const auto found = places.find(callee.func);
    if (found == places.end()) continue;
    llvm::BasicBlock *way = ways.add_known(callee.func);
    for (uint64_t place : found->second) {
      table->addCase(builder_.getInt64(place), way);
      counts.push_back(callee.calls / found->second.size());
    }
    known += callee.calls;
  }
  counts[0] = profile.calls - std::min(known, profile.calls);
  table->setMetadata(llvm::LLVMContext::MD_prof, weights(counts));
  builder_.SetInsertPoint(others);
}

/// Elsewhere the code that is to be called is compared. It may be another instance's function of the same module, so its context is compared too. Goes on
/// where it is none of them.
void FunctionLowering::compare_callees(CallWays &ways, const CallProfile &profile, Callee callee) {
  uint64_t left = profile.calls;
  for (const FrequentCallee &known : std::span(profile.callees).first(std::min(profile.callees.size(), kMostCompared))) {
    if (known.calls < profile.calls / kLeastComparedShare) break;
    llvm::Value *is_known = builder_.CreateICmpEQ(callee.code, shared_.entry(known.func));
    if (callee.context != context_) is_known = builder_.CreateAnd(is_known, builder_.CreateICmpEQ(callee.context, context_));
    llvm::BasicBlock *others = new_block("others");
    left -= std::min(known.calls, left);
    const uint64_t counts[] = {known.calls, left};
    builder_.CreateCondBr(is_known, ways.add_known(known.func), others, weights(counts));
    builder_.SetInsertPoint(others);
  }
}

void FunctionLowering::emit_profiled_call(const wasm::CallIndirectImm &imm, llvm::Value *index, const std::vector<llvm::Value *> &arguments,
                                          bool is_tail) {
  const CallProfile profile = profile_call(imm.type);
  const wasm::FuncType &type = wasm_.func_type(imm.type);
  if (profile.callees.empty()) {
    if (!profile.counters && emit_call_of_few(imm, index, arguments, is_tail)) return;
    return emit_either_call(type, indirect_callee(imm, index, profile), arguments, is_tail);
  }
  CallWays ways(*this, type, arguments, is_tail);
  const FunctionPlaces &places = shared_.profiling()->places[raw(imm.table)];
  if (!places.empty()) {
    switch_to_callees(ways, profile, places, index);
    ways.add(indirect_callee(imm, index, profile));
  } else {
    const Callee callee = indirect_callee(imm, index, profile);
    compare_callees(ways, profile, callee);
    ways.add(callee);
  }
  ways.meet();
}

void FunctionLowering::emit_profiled_call(wasm::TypeIndex type, llvm::Value *reference, const std::vector<llvm::Value *> &arguments, bool is_tail) {
  const CallProfile profile = profile_call(type);
  const Callee callee = reference_callee(reference, profile);
  if (profile.callees.empty()) return emit_either_call(wasm_.func_type(type), callee, arguments, is_tail);
  CallWays ways(*this, wasm_.func_type(type), arguments, is_tail);
  compare_callees(ways, profile, callee);
  ways.add(callee);
  ways.meet();
}

}  // namespace wasmc::lower
