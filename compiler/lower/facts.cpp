#include "lower/facts.h"

#include <algorithm>

#include "wasm/validate_all.h"

namespace wasmc::lower {
namespace {

/// A sink that notes which tables are written.
struct TableWrites : wasm::IgnoreAll {
  explicit TableWrites(size_t tables) : written(tables) {}
  std::vector<bool> written;

  void table(const wasm::OpInfo &op, const wasm::TableImm &imm) {
    if (op.arg == wasm::Arg::Set) write(imm.table);
  }
  void table_grow(const wasm::OpInfo &, const wasm::TableImm &imm) { write(imm.table); }
  void table_fill(const wasm::OpInfo &, const wasm::TableImm &imm) { write(imm.table); }
  void table_init(const wasm::OpInfo &, const wasm::TableInitImm &imm) { write(imm.table); }
  void table_copy(const wasm::OpInfo &, const wasm::TableCopyImm &imm) { write(imm.destination); }

 private:
  void write(wasm::TableIndex table) { written[raw(table)] = true; }
};

bool names_own_functions_only(const wasm::Module &module, const wasm::ElemSegment &segment) {
  return segment.expressions.empty() &&
         std::ranges::none_of(segment.functions, [&](wasm::FuncIndex func) { return module.is_imported(func); });
}

}  // namespace

Result<ModuleFacts> collect_facts(const wasm::Module &module, unsigned jobs) {
  std::vector<bool> open(module.tables.size());
  std::fill_n(open.begin(), module.imported_tables, true);
  for (size_t i = 0; i < open.size(); ++i)
    if (module.tables[i].init) open[i] = true;
  for (const wasm::Export &exported : module.exports)
    if (exported.kind == wasm::ExternKind::Table) open[exported.index] = true;

  std::vector<TableWrites> writes(wasm::useful_jobs(module, jobs), TableWrites(module.tables.size()));
  TRY(wasm::validate_functions(module, std::span(writes)));
  for (const TableWrites &sink : writes)
    for (size_t i = 0; i < open.size(); ++i)
      if (sink.written[i]) open[i] = true;
  open.flip();
  ModuleFacts facts{open, open};
  for (const wasm::ElemSegment &segment : module.elements)
    if (segment.mode == wasm::SegmentMode::Active && !names_own_functions_only(module, segment))
      facts.holds_own_functions_only[raw(segment.table)] = false;
  return facts;
}

}  // namespace wasmc::lower
