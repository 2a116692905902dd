#include "lower/fixed_tables.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

namespace wasmc::lower {
namespace {

/// An array may be this many times as long as it has functions …
constexpr double kMostSparse = 32;
/// … or as long as it likes, if its table is no longer than this.
constexpr uint64_t kSmallTable = 512;
/// All arrays of a module have at most this many entries: so many for each function in a table, and some more.
constexpr uint64_t kEntriesPerFunction = 8, kMoreEntries = 64 << 10;
/// An array that would begin at most so far from the table's beginning begins there: calls save a subtraction.
constexpr uint64_t kShortWay = 64;

/// So many functions at so many places are few if each of them is small, or if it is only one.
constexpr size_t kMostCallees = 8, kMostPlaces = 16;
/// Bytes of Wasm: what LLVM inlines for certain. A way to a call that is left is no better than a call by an array.
constexpr size_t kSmallCallee = 40;

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

/// By table whether something is called through it.
std::vector<bool> called_tables(const wasm::Module &module, const ModuleFacts &facts) {
  std::vector<bool> called(module.tables.size());
  for (const auto &[table, type] : facts.called) called[raw(table)] = true;
  return called;
}

/// Later segments replace what earlier ones wrote.
std::vector<Places> find_functions(const wasm::Module &module, const ModuleFacts &facts) {
  std::vector<Places> tables(module.tables.size());
  if (!all_segments_fit(module)) return tables;
  constexpr wasm::FuncIndex kOther{~0u};
  const std::vector<bool> called = called_tables(module, facts);
  for (const wasm::ElemSegment &segment : module.elements) {
    if (segment.mode != wasm::SegmentMode::Active || !facts.is_fixed[raw(segment.table)] || !called[raw(segment.table)]) continue;
    Places &table = tables[raw(segment.table)];
    const uint64_t first = *segment.offset->constant();
    for (size_t i = 0; i < segment.functions.size(); ++i) table.emplace_back(first + i, segment.functions[i]);
    for (size_t i = 0; i < segment.expressions.size(); ++i) table.emplace_back(first + i, kOther);
  }
  for (Places &table : tables) {
    std::ranges::stable_sort(table, {}, &Places::value_type::first);
    Places last;
    for (size_t i = 0; i < table.size(); ++i)
      if (table[i].second != kOther && (i + 1 == table.size() || table[i + 1].first != table[i].first)) last.push_back(table[i]);
    table = std::move(last);
  }
  return tables;
}

/// What an array would be.
struct Extent {
  uint64_t functions = 0, first = 0, end = 0;
  uint64_t size() const { return end - first; }
  double density() const { return double(functions) / double(size()); }
};

/// Calls `visit(entry, place, func)` for each function of a table and each entry of `by_call` whose calls may call it: those of the function's own type
/// and of all that it is declared a subtype of.
template <class Entry, class Visit>
void visit_callees(const wasm::Module &module, wasm::TableIndex table, const Places &functions, std::map<IndirectCall, Entry> &by_call, Visit visit) {
  std::map<wasm::TypeIndex, std::vector<Entry *>> of_type;
  for (const auto &[place, func] : functions) {
    const wasm::TypeIndex own = module.functions[raw(func)];
    const auto [known, is_new] = of_type.try_emplace(own);
    if (is_new)
      for (std::optional<wasm::TypeIndex> type = own; type; type = module.types[raw(*type)].super)
        if (const auto found = by_call.find({table, module.types[raw(*type)].canonical}); found != by_call.end()) known->second.push_back(&found->second);
    for (Entry *entry : known->second) visit(*entry, place, func);
  }
}

/// The arrays that are worth their size, the fullest first, as long as there is room.
std::map<IndirectCall, CallArray> choose_arrays(const wasm::Module &module, const std::map<IndirectCall, Extent> &extents, uint64_t room) {
  std::vector<std::pair<IndirectCall, Extent>> worth;
  for (const auto &[call, extent] : extents)
    if (extent.functions > 0 && (module.tables[raw(call.first)].type.limits.min <= kSmallTable || extent.density() * kMostSparse >= 1)) worth.emplace_back(call, extent);
  std::ranges::stable_sort(worth, std::ranges::greater(), [](const auto &each) { return each.second.density(); });
  std::map<IndirectCall, CallArray> out;
  for (const auto &[call, extent] : worth) {
    const uint64_t first = extent.first <= kShortWay ? 0 : extent.first, size = extent.end - first;
    if (size > room) continue;
    room -= size;
    out[call] = {"wasmc.calls." + std::to_string(raw(call.first)) + "." + std::to_string(raw(call.second)), first, size, {}};
  }
  return out;
}

/// For all tables whose calls stay in the instance.
template <class Entry, class Visit>
void visit_all_callees(const wasm::Module &module, const ModuleFacts &facts, const std::vector<Places> &tables, std::map<IndirectCall, Entry> &by_call, Visit visit) {
  for (uint32_t i = 0; i < tables.size(); ++i)
    if (facts.holds_own_functions_only[i]) visit_callees(module, wasm::TableIndex(i), tables[i], by_call, visit);
}

bool are_few(const wasm::Module &module, const Places &callees) {
  if (callees.empty() || callees.size() > kMostPlaces) return false;
  std::set<wasm::FuncIndex> functions;
  for (const auto &[place, func] : callees) functions.insert(func);
  const auto is_small = [&](wasm::FuncIndex func) { return module.body(func).bytes.size() <= kSmallCallee; };
  return functions.size() == 1 || (functions.size() <= kMostCallees && std::ranges::all_of(functions, is_small));
}

std::map<IndirectCall, Places> find_few_callees(const wasm::Module &module, const ModuleFacts &facts, const std::vector<Places> &tables) {
  std::map<IndirectCall, Places> callees;
  for (const IndirectCall &call : facts.called) callees[call];
  visit_all_callees(module, facts, tables, callees, [](Places &known, uint64_t place, wasm::FuncIndex func) {
    if (known.size() <= kMostPlaces) known.emplace_back(place, func);
  });
  std::erase_if(callees, [&](const auto &each) { return !are_few(module, each.second); });
  return callees;
}

std::map<IndirectCall, CallArray> make_arrays(const wasm::Module &module, const ModuleFacts &facts, const std::vector<Places> &tables) {
  const auto each_table = [&](auto &by_call, auto visit) { visit_all_callees(module, facts, tables, by_call, visit); };
  std::map<IndirectCall, Extent> extents;
  for (const IndirectCall &call : facts.called) extents[call];
  each_table(extents, [](Extent &extent, uint64_t place, wasm::FuncIndex) {
    if (extent.functions++ == 0) extent.first = place;
    extent.end = place + 1;
  });
  uint64_t functions = 0;
  for (const Places &table : tables) functions += table.size();
  std::map<IndirectCall, CallArray> arrays = choose_arrays(module, extents, functions * kEntriesPerFunction + kMoreEntries);
  each_table(arrays, [](CallArray &array, uint64_t place, wasm::FuncIndex func) { array.functions.emplace_back(place, func); });
  return arrays;
}

}  // namespace

const CallArray *FixedTables::find(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const {
  const auto found = arrays.find({table, module.types[raw(type)].canonical});
  return found == arrays.end() ? nullptr : &found->second;
}

const Places *FixedTables::find_few(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const {
  const auto found = few.find({table, module.types[raw(type)].canonical});
  return found == few.end() ? nullptr : &found->second;
}

FixedTables find_fixed_tables(const wasm::Module &module, const ModuleFacts &facts, CallOptions options) {
  FixedTables out{find_functions(module, facts), {}, {}};
  if (options.few) out.few = find_few_callees(module, facts, out.functions);
  if (options.arrays) out.arrays = make_arrays(module, facts, out.functions);
  return out;
}

}  // namespace wasmc::lower
