// Which counters a module's code has, and where they stand. Decided once, from the code alone: not from options, target or version of LLVM. So
// whoever counts, and whoever uses the counts later, walks the same code and comes to the same places.
#pragma once
#include <cstdint>
#include <vector>

#include "abi/artifact.h"
#include "wasm/module.h"
#include "wasm/opcode.h"

namespace wasmc::profile {

// What an instruction has, in the order of the counters. A function begins with how often it was entered.
inline constexpr uint32_t kEntryCounters = 1;
/// `if`, `br_if`, `br_on_…`: how often its condition did not hold, and did.
inline constexpr uint32_t kBranchCounters = 2;
/// br_table: each label, the default one last.
inline uint32_t table_counters(const wasm::BrTableImm &imm) { return uint32_t(imm.depths.size()) + 1; }
/// Indirect calls: how many, then the candidates: the callee and its votes.
inline constexpr uint32_t kCandidates = 16;
inline constexpr uint32_t kCallCounters = 1 + 2 * kCandidates;

/// A callee as a counter has it: 0 is none, or one of another instance. It is a candidate in slot `callee_number % kCandidates`, where it votes for
/// itself and against any other (the majority vote of Boyer and Moore), so the most frequent of a slot stays, with fewer votes than it had calls.
constexpr uint64_t callee_number(wasm::FuncIndex func) { return uint64_t{raw(func)} + 1; }

struct Layout {
  abi::Hash128 code;            ///< of all function bodies: tells whose counters these are
  std::vector<uint64_t> first;  ///< by body: where its counters begin; and at the end how many there are
  std::vector<uint64_t> calls;  ///< where the counters of indirect calls begin, in order
  uint64_t count() const { return first.back(); }
};

/// Errors: the first invalid function's.
Result<Layout> lay_out(const wasm::Module &module);

}  // namespace wasmc::profile
