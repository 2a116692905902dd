#include "lower/fixed_tables.h"

#include <algorithm>

namespace wasmc::lower {
namespace {

/// An array may be this many times as long as it has functions …
constexpr uint64_t kMostSparse = 32;
/// … or as long as it likes, if its table is no longer than this.
constexpr uint64_t kSmallTable = 512;
/// An array that would begin at most so far from the table's beginning begins there: calls save a subtraction.
constexpr uint64_t kShortWay = 64;

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

std::vector<std::map<uint64_t, wasm::FuncIndex>> find_functions(const wasm::Module &module, const ModuleFacts &facts) {
  std::vector<std::map<uint64_t, wasm::FuncIndex>> tables(module.tables.size());
  if (!all_segments_fit(module)) return tables;
  for (const wasm::ElemSegment &segment : module.elements) {
    if (segment.mode != wasm::SegmentMode::Active || !facts.is_fixed[raw(segment.table)]) continue;
    auto &table = tables[raw(segment.table)];
    const uint64_t first = *segment.offset->constant();
    for (size_t i = 0; i < segment.functions.size(); ++i) table.insert_or_assign(first + i, segment.functions[i]);
    for (size_t i = 0; i < segment.expressions.size(); ++i) table.erase(first + i);
  }
  return tables;
}

/// A function stands in the arrays of its own type and of all that it is declared a subtype of.
void add_to_arrays(const wasm::Module &module, const std::set<IndirectCall> &called, wasm::TableIndex table, uint64_t place, wasm::FuncIndex func,
                   std::map<IndirectCall, CallArray> &arrays) {
  for (std::optional<wasm::TypeIndex> type = module.functions[raw(func)]; type; type = module.types[raw(*type)].super) {
    const IndirectCall key{table, module.types[raw(*type)].canonical};
    if (called.contains(key)) arrays[key].functions.emplace(place, func);
  }
}

void lay_out(const IndirectCall &key, CallArray &array) {
  array.symbol = "wasmc.calls." + std::to_string(raw(key.first)) + "." + std::to_string(raw(key.second));
  const uint64_t first = array.functions.begin()->first;
  array.first = first <= kShortWay ? 0 : first;
  array.size = array.functions.rbegin()->first + 1 - array.first;
}

bool is_worth_its_size(const CallArray &array, uint64_t table_length) {
  return table_length <= kSmallTable || array.size / kMostSparse <= array.functions.size();
}

}  // namespace

const CallArray *FixedTables::find(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const {
  const auto found = arrays.find({table, module.types[raw(type)].canonical});
  return found == arrays.end() ? nullptr : &found->second;
}

FixedTables find_fixed_tables(const wasm::Module &module, const ModuleFacts &facts) {
  FixedTables out{find_functions(module, facts), {}};
  for (uint32_t table = 0; table < out.functions.size(); ++table)
    if (facts.holds_own_functions_only[table])
      for (const auto &[place, func] : out.functions[table]) add_to_arrays(module, facts.called, wasm::TableIndex(table), place, func, out.arrays);
  for (auto &[key, array] : out.arrays) lay_out(key, array);
  std::erase_if(out.arrays, [&](const auto &entry) {
    const auto &[key, array] = entry;
    return !is_worth_its_size(array, module.tables[raw(key.first)].type.limits.min);
  });
  return out;
}

}  // namespace wasmc::lower
