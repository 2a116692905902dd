// What the lowering is told of profiles: counters to count into, or the counts of an earlier run.
#pragma once
#include <llvm/IR/ProfileSummary.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "lower/fixed_tables.h"
#include "profile/layout.h"

namespace wasmc::lower {

/// Where in a table a function stands.
using FunctionPlaces = std::map<wasm::FuncIndex, std::vector<uint64_t>>;

struct Profiling {
  profile::Layout layout;
  uint64_t *into = nullptr;      ///< the first of the layout's counters, in this process; null: nothing is counted
  std::vector<uint64_t> counts;  ///< what was counted; empty: nothing is known
  std::unique_ptr<llvm::ProfileSummary> summary;  ///< of the counts, by which LLVM tells hot from cold; null without them
  std::vector<FunctionPlaces> places;             ///< by table, of those that are known for good; empty without counts
};

/// `into` may be null, `counts` empty.
Profiling make_profiling(const FixedTables &tables, profile::Layout layout, uint64_t *into, std::vector<uint64_t> counts);

}  // namespace wasmc::lower
