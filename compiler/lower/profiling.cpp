#include "lower/profiling.h"

#include <llvm/ProfileData/InstrProf.h>
#include <llvm/ProfileData/ProfileCommon.h>

#include <algorithm>

namespace wasmc::lower {
namespace {

/// What LLVM tells hot from cold by: how often functions were entered and branches went either way. Candidates for callees are no counts.
std::unique_ptr<llvm::ProfileSummary> summarise(const profile::Layout &layout, std::span<const uint64_t> counts) {
  llvm::InstrProfSummaryBuilder builder(llvm::ProfileSummaryBuilder::DefaultCutoffs);
  auto call = layout.calls.begin();
  for (size_t body = 0; body + 1 < layout.first.size(); ++body) {
    std::vector<uint64_t> own;
    for (uint64_t i = layout.first[body]; i < layout.first[body + 1];) {
      own.push_back(counts[i]);
      const bool is_call = call != layout.calls.end() && *call == i;
      if (is_call) ++call;
      i += is_call ? profile::kCallCounters : 1;
    }
    builder.addRecord(llvm::InstrProfRecord(std::move(own)));
  }
  return builder.getSummary();
}

std::vector<FunctionPlaces> find_places(const FixedTables &tables) {
  std::vector<FunctionPlaces> places;
  for (const Places &functions : tables.functions) {
    places.emplace_back();
    for (const auto &[place, func] : functions) places.back()[func].push_back(place);
  }
  return places;
}

}  // namespace

Profiling make_profiling(const FixedTables &tables, profile::Layout layout, uint64_t *into, std::vector<uint64_t> counts) {
  // Sums of some must not overflow, and LLVM takes the highest numbers for marks of its own.
  for (uint64_t &count : counts) count = std::min(count, uint64_t{1} << 56);
  Profiling out{std::move(layout), into, std::move(counts), nullptr, {}};
  if (out.counts.empty()) return out;
  out.summary = summarise(out.layout, out.counts);
  out.places = find_places(tables);
  return out;
}

}  // namespace wasmc::lower
