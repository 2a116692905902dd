#include "lower/facts.h"

#include <algorithm>

#include "wasm/validate_all.h"

namespace wasmc::lower {
namespace {

/// A sink that notes which tables are written, what is called through them, and tail calls.
struct ReferenceUses : wasm::IgnoreAll {
  explicit ReferenceUses(const wasm::Module &module) : module(module), written(module.tables.size()) {}
  const wasm::Module &module;
  std::vector<bool> written;
  std::set<IndirectCall> called;
  bool may_tail_call_others = false;

  void table(const wasm::OpInfo &op, const wasm::TableImm &imm) {
    if (op.arg == wasm::Arg::Set) write(imm.table);
  }
  void table_grow(const wasm::OpInfo &, const wasm::TableImm &imm) { write(imm.table); }
  void table_fill(const wasm::OpInfo &, const wasm::TableImm &imm) { write(imm.table); }
  void table_init(const wasm::OpInfo &, const wasm::TableInitImm &imm) { write(imm.table); }
  void table_copy(const wasm::OpInfo &, const wasm::TableCopyImm &imm) { write(imm.destination); }
  void call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &imm) { note_call(imm); }
  void return_call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &imm) {
    note_call(imm);
    may_tail_call_others = true;
  }
  void return_call_ref(const wasm::OpInfo &, const wasm::TypeImm &) { may_tail_call_others = true; }
  void return_call(const wasm::OpInfo &, const wasm::FuncImm &imm) {
    if (module.is_imported(imm.func)) may_tail_call_others = true;
  }

 private:
  void write(wasm::TableIndex table) { written[raw(table)] = true; }
  void note_call(const wasm::CallIndirectImm &imm) { called.emplace(imm.table, module.types[raw(imm.type)].canonical); }
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

  std::vector<ReferenceUses> uses(wasm::useful_jobs(module, jobs), ReferenceUses(module));
  TRY(wasm::validate_functions(module, std::span(uses)));
  for (const ReferenceUses &sink : uses)
    for (size_t i = 0; i < open.size(); ++i)
      if (sink.written[i]) open[i] = true;
  open.flip();
  ModuleFacts facts{open, open, {}};
  for (ReferenceUses &sink : uses) {
    facts.called.merge(sink.called);
    facts.may_tail_call_others |= sink.may_tail_call_others;
  }
  for (const wasm::ElemSegment &segment : module.elements)
    if (segment.mode == wasm::SegmentMode::Active && !names_own_functions_only(module, segment))
      facts.holds_own_functions_only[raw(segment.table)] = false;
  return facts;
}

}  // namespace wasmc::lower
