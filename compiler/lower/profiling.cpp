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

/// Whether all active segments fit whatever the imports are. Else instantiation may end at one of them, and what comes later is not in its table,
/// although functions that earlier ones put into other instances' tables can be called.
bool all_segments_fit(const wasm::Module &module) {
  return std::ranges::all_of(module.elements, [&](const wasm::ElemSegment &segment) {
    if (segment.mode != wasm::SegmentMode::Active) return true;
    const auto offset = segment.offset->constant();
    const uint64_t room = module.tables[raw(segment.table)].type.limits.min;
    return offset && *offset <= room && segment.size() <= room - *offset;
  });
}

std::vector<FunctionPlaces> find_places(const wasm::Module &module, const ModuleFacts &facts) {
  std::vector<FunctionPlaces> places(module.tables.size());
  if (!all_segments_fit(module)) return places;
  std::vector<std::map<uint64_t, wasm::FuncIndex>> tables(module.tables.size());
  for (const wasm::ElemSegment &segment : module.elements) {
    if (segment.mode != wasm::SegmentMode::Active || !facts.is_fixed[raw(segment.table)]) continue;
    auto &table = tables[raw(segment.table)];
    const uint64_t first = *segment.offset->constant();
    for (size_t i = 0; i < segment.functions.size(); ++i) table.insert_or_assign(first + i, segment.functions[i]);
    for (size_t i = 0; i < segment.expressions.size(); ++i) table.erase(first + i);
  }
  for (size_t i = 0; i < tables.size(); ++i)
    for (const auto &[place, func] : tables[i]) places[i][func].push_back(place);
  return places;
}

}  // namespace

Profiling make_profiling(const wasm::Module &module, const ModuleFacts &facts, profile::Layout layout, uint64_t *into,
                         std::vector<uint64_t> counts) {
  // Sums of some must not overflow, and LLVM takes the highest numbers for marks of its own.
  for (uint64_t &count : counts) count = std::min(count, uint64_t{1} << 56);
  Profiling out{std::move(layout), into, std::move(counts), nullptr, {}};
  if (out.counts.empty()) return out;
  out.summary = summarise(out.layout, out.counts);
  out.places = find_places(module, facts);
  return out;
}

}  // namespace wasmc::lower
