#include "text/print.h"

#include <algorithm>
#include <array>

#include "text/print_code.h"
#include "text/sections.h"
#include "wasm/custom.h"
#include "wasm/validator_impl.h"

namespace wasmc::text {
namespace {

using wasm::ExternKind;
using wasm::raw;

constexpr size_t kItemsPerLine = 8;

std::string_view extern_word(ExternKind kind) {
  switch (kind) {
    case ExternKind::Func: return "func";
    case ExternKind::Table: return "table";
    case ExternKind::Memory: return "memory";
    case ExternKind::Global: return "global";
    case ExternKind::Tag: return "tag";
  }
  __builtin_unreachable();
}

/// Which custom section the text shows in another form than as `@custom`: nullptr if there is not exactly one of that name.
const wasm::CustomSection *only_section(const wasm::Module &module, std::string_view name) {
  const auto &sections = module.custom_sections;
  if (std::ranges::count(sections, name, &wasm::CustomSection::name) != 1) return nullptr;
  return &*std::ranges::find(sections, name, &wasm::CustomSection::name);
}

class ModulePrinter {
 public:
  ModulePrinter(const wasm::PartialModule &partial, const PrintOptions &options, TakeText take)
      : partial_(partial), module_(partial.module), options_(options), out_(std::move(take)) {}

  Result<> run() {
    read_names();
    module_line();
    TRY(fields());
    if (partial_.error) return fail_after_text(*partial_.error);
    out_.put(")\n");
    return out_.finish();
  }

 private:
  void read_names();
  void module_line();
  Result<> fields();

  void types();
  void type(uint32_t index);
  void import(const wasm::Import &item, uint32_t index);
  Result<> table(uint32_t index);
  void memory(uint32_t index);
  Result<> global(uint32_t index);
  void export_(const wasm::Export &item);
  Result<> elem(uint32_t index);
  Result<> elem_items(const wasm::ElemSegment &segment);
  Result<> elem_item(const wasm::ConstExpr &item);
  Result<> data(uint32_t index);
  Result<> function(wasm::FuncIndex func);
  void custom(const wasm::CustomSection &section);

  void extern_type(ExternKind kind, uint32_t index);
  void limits(const wasm::Limits &limits);
  void table_type(const wasm::TableType &type);
  void memory_type(const wasm::MemoryType &type);
  void global_type(const wasm::GlobalType &type);

  const Identifiers &ids_of(ExternKind kind) const;
  uint32_t imported(ExternKind kind) const { return uint32_t(std::ranges::count(module_.imports, kind, &wasm::Import::kind)); }
  /// Begins a field: `(func $f (;3;)`.
  void open(std::string_view word, const Identifiers &ids, uint32_t index);
  void open_inner(std::string_view word, const Identifiers &ids, uint32_t index);
  Result<> expression(const wasm::ConstExpr &expr, std::string_view word = {}) {
    return code_->expression(expr.bytes, expr.ops.size() == 1, word);
  }
  /// The identifiers of a function's locals.
  Identifiers local_ids(wasm::FuncIndex func, size_t locals) const;
  /// Ends a text that stops at an error.
  std::unexpected<Error> fail_after_text(Error error) {
    out_.put('\n');
    if (const auto written = out_.finish(); !written) return std::unexpected(written.error());
    return std::unexpected(std::move(error));
  }

  const wasm::PartialModule &partial_;
  const wasm::Module &module_;
  const PrintOptions &options_;
  TextWriter out_;
  std::optional<wasm::NameSection> names_;  ///< if there is one that is well-formed
  const wasm::CustomSection *name_section_ = nullptr, *hint_section_ = nullptr;  ///< not shown as `@custom`
  ModuleIdentifiers ids_;
  std::optional<CodePrinter> code_;
};

void ModulePrinter::read_names() {
  if (const auto *section = only_section(module_, "name"))
    if (auto names = wasm::read_name_section(section->bytes)) {
      names_ = std::move(*names);
      name_section_ = section;
    }
  if (!module_.branch_hints.empty()) hint_section_ = only_section(module_, wasm::kBranchHintSection);
  if (names_) {
    const auto ids = [&](wasm::NameSpace space, size_t size) { return Identifiers(names_->of(space), size); };
    ids_.types = ids(wasm::NameSpace::Type, module_.types.size());
    ids_.funcs = ids(wasm::NameSpace::Function, module_.functions.size());
    ids_.tables = ids(wasm::NameSpace::Table, module_.tables.size());
    ids_.memories = ids(wasm::NameSpace::Memory, module_.memories.size());
    ids_.globals = ids(wasm::NameSpace::Global, module_.globals.size());
    ids_.elems = ids(wasm::NameSpace::Elem, module_.elements.size());
    ids_.datas = ids(wasm::NameSpace::Data, module_.data.size());
  }
  code_.emplace(module_, ids_, names_ ? &names_->labels : nullptr, hint_section_ != nullptr, options_, out_);
}

void ModulePrinter::module_line() {
  out_.put("(module");
  if (names_ && names_->module) {
    const wasm::NameMap name = {{0, *names_->module}};
    Identifiers(name, 1).define(out_, 0);
  }
  out_.put('\n');
}

/// In the order of the sections, so that a text of a module that stops somewhere does so too.
Result<> ModulePrinter::fields() {
  types();
  std::array<uint32_t, 5> next{};
  for (const wasm::Import &item : module_.imports) import(item, next[size_t(item.kind)]++);
  for (uint32_t i = imported(ExternKind::Table); i < module_.tables.size(); ++i) TRY(table(i));
  for (uint32_t i = imported(ExternKind::Memory); i < module_.memories.size(); ++i) memory(i);
  for (uint32_t i = imported(ExternKind::Global); i < module_.globals.size(); ++i) TRY(global(i));
  for (const wasm::Export &item : module_.exports) export_(item);
  if (module_.start) {
    out_.put("  (start");
    ids_.funcs.use(out_, raw(*module_.start));
    out_.put(")\n");
  }
  for (uint32_t i = 0; i < module_.elements.size(); ++i) TRY(elem(i));
  const size_t functions = std::min(module_.functions.size(), module_.imported_functions + module_.bodies.size());
  for (uint32_t i = module_.imported_functions; i < functions; ++i) {
    const wasm::FuncIndex func{i};
    if (auto printed = function(func); !printed) return fail_after_text(std::move(printed).error().in(module_.describe(func)));
  }
  for (uint32_t i = 0; i < module_.data.size(); ++i) TRY(data(i));
  for (const wasm::CustomSection &section : module_.custom_sections)
    if (&section != name_section_ && &section != hint_section_) custom(section);
  return {};
}

const Identifiers &ModulePrinter::ids_of(ExternKind kind) const {
  switch (kind) {
    case ExternKind::Func: return ids_.funcs;
    case ExternKind::Table: return ids_.tables;
    case ExternKind::Memory: return ids_.memories;
    case ExternKind::Global: return ids_.globals;
    case ExternKind::Tag: break;
  }
  __builtin_unreachable();
}

void ModulePrinter::open(std::string_view word, const Identifiers &ids, uint32_t index) {
  out_.put("  ");
  open_inner(word, ids, index);
}

void ModulePrinter::open_inner(std::string_view word, const Identifiers &ids, uint32_t index) {
  out_.put('(');
  out_.put(word);
  ids.define(out_, index);
  out_.put(" (;");
  out_.number(index);
  out_.put(";)");
}

/// A recursion group of one is a type that stands alone.
void ModulePrinter::types() {
  for (uint32_t i = 0; i < module_.types.size();) {
    const auto end = uint32_t(std::min<size_t>(i + module_.types[i].group_size, module_.types.size()));
    if (end == i + 1) {
      type(i++);
      continue;
    }
    out_.put("  (rec\n");
    while (i < end) {
      out_.put("  ");
      type(i++);
    }
    out_.put("  )\n");
  }
}

void ModulePrinter::type(uint32_t index) {
  const wasm::SubType &type = module_.types[index];
  const bool is_plain = type.is_final && !type.super;
  open("type", ids_.types, index);
  if (!is_plain) out_.put(type.is_final ? " (sub final" : " (sub");
  if (type.super) ids_.types.use(out_, raw(*type.super));
  out_.put(" (func");
  code_->signature(type.func, Identifiers());
  out_.put(is_plain ? "))\n" : ")))\n");
}

// Types of what can be imported.

void ModulePrinter::extern_type(ExternKind kind, uint32_t index) {
  switch (kind) {
    case ExternKind::Func: {
      const wasm::FuncIndex func{index};
      return code_->type_use(module_.functions[index], local_ids(func, module_.func_type(func).params.size()));
    }
    case ExternKind::Table: return table_type(module_.tables[index].type);
    case ExternKind::Memory: return memory_type(module_.memories[index]);
    case ExternKind::Global: return global_type(module_.globals[index].type);
    case ExternKind::Tag: break;
  }
  __builtin_unreachable();
}

void ModulePrinter::limits(const wasm::Limits &limits) {
  out_.put(limits.is_64 ? " i64 " : " ");
  out_.number(limits.min);
  if (limits.max) {
    out_.put(' ');
    out_.number(*limits.max);
  }
  if (limits.is_shared) out_.put(" shared");
}

void ModulePrinter::table_type(const wasm::TableType &type) {
  limits(type.limits);
  out_.put(' ');
  code_->val_type(type.element);
}

void ModulePrinter::memory_type(const wasm::MemoryType &type) {
  limits(type.limits);
  if (type.page_size_log2 == 16) return;
  out_.put(" (pagesize ");
  out_.number(uint64_t{1} << type.page_size_log2);
  out_.put(')');
}

void ModulePrinter::global_type(const wasm::GlobalType &type) {
  out_.put(type.is_mutable ? " (mut " : " ");
  code_->val_type(type.type);
  if (type.is_mutable) out_.put(')');
}

// Fields.

void ModulePrinter::import(const wasm::Import &item, uint32_t index) {
  out_.put("  (import ");
  out_.name(item.module);
  out_.put(' ');
  out_.name(item.name);
  out_.put(' ');
  open_inner(extern_word(item.kind), ids_of(item.kind), index);
  extern_type(item.kind, index);
  out_.put("))\n");
}

Result<> ModulePrinter::table(uint32_t index) {
  open("table", ids_.tables, index);
  const wasm::Table &table = module_.tables[index];
  table_type(table.type);
  if (table.init) TRY(expression(*table.init));
  out_.put(")\n");
  return {};
}

void ModulePrinter::memory(uint32_t index) {
  open("memory", ids_.memories, index);
  memory_type(module_.memories[index]);
  out_.put(")\n");
}

Result<> ModulePrinter::global(uint32_t index) {
  open("global", ids_.globals, index);
  const wasm::Global &global = module_.globals[index];
  global_type(global.type);
  if (global.init) TRY(expression(*global.init));
  out_.put(")\n");
  return {};
}

void ModulePrinter::export_(const wasm::Export &item) {
  out_.put("  (export ");
  out_.name(item.name);
  out_.put(" (");
  out_.put(extern_word(item.kind));
  ids_of(item.kind).use(out_, item.index);
  out_.put("))\n");
}

/// Spec 6.6.9.
Result<> ModulePrinter::elem(uint32_t index) {
  open("elem", ids_.elems, index);
  const wasm::ElemSegment &segment = module_.elements[index];
  if (segment.mode == wasm::SegmentMode::Declarative) out_.put(" declare");
  if (segment.offset) {
    if (raw(segment.table) != 0) {
      out_.put(" (table");
      ids_.tables.use(out_, raw(segment.table));
      out_.put(')');
    }
    TRY(expression(*segment.offset, "offset"));
  }
  out_.put(' ');
  if (segment.are_expressions) code_->val_type(segment.type);
  else out_.put("func");
  TRY(elem_items(segment));
  out_.put(")\n");
  return {};
}

Result<> ModulePrinter::elem_items(const wasm::ElemSegment &segment) {
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment.size() > kItemsPerLine && i % kItemsPerLine == 0) out_.put("\n   ");
    if (!segment.expressions.empty()) {
      TRY(elem_item(segment.expressions[i]));
      continue;
    }
    if (segment.are_expressions) out_.put(" (ref.func");
    ids_.funcs.use(out_, raw(segment.functions[i]));
    if (segment.are_expressions) out_.put(')');
  }
  return {};
}

/// The module keeps no bytes of a ref.func before other expressions.
Result<> ModulePrinter::elem_item(const wasm::ConstExpr &item) {
  if (!item.bytes.empty()) return expression(item, "item");
  out_.put(" (ref.func");
  ids_.funcs.use(out_, item.ops[0].index);
  out_.put(')');
  return {};
}

/// Spec 6.6.10.
Result<> ModulePrinter::data(uint32_t index) {
  open("data", ids_.datas, index);
  const wasm::DataSegment &segment = module_.data[index];
  if (segment.offset) {
    if (raw(segment.memory) != 0) {
      out_.put(" (memory");
      ids_.memories.use(out_, raw(segment.memory));
      out_.put(')');
    }
    TRY(expression(*segment.offset, "offset"));
  }
  out_.byte_lines(segment.bytes, 4);
  out_.put(")\n");
  return {};
}

Identifiers ModulePrinter::local_ids(wasm::FuncIndex func, size_t locals) const {
  if (!names_) return {};
  const auto names = names_->locals.find(raw(func));
  return names == names_->locals.end() ? Identifiers() : Identifiers(names->second, locals);
}

Result<> ModulePrinter::function(wasm::FuncIndex func) {
  wasm::Reader reader = wasm::Reader::of_part(module_.bytes, module_.body(func).bytes);
  std::vector<wasm::ValType> locals;
  open("func", ids_.funcs, raw(func));
  TRY(wasm::read_locals(reader, module_.func_type(func), locals));
  const Identifiers ids = local_ids(func, locals.size());
  code_->type_use(module_.functions[raw(func)], ids);
  TRY(code_->body(func, locals, ids, reader));
  out_.put("\n  )\n");
  return {};
}

/// The annotation of the custom annotations appendix (spec 7.6.2). Without a place it stands behind the last section.
void ModulePrinter::custom(const wasm::CustomSection &section) {
  out_.put("  (@custom ");
  out_.name(section.name);
  if (section.after == 0) {
    out_.put(" (before first)");
  } else {
    out_.put(" (after ");
    out_.put(std::ranges::find(kSections, section.after, &SectionWord::id)->word);
    out_.put(')');
  }
  out_.byte_lines(section.bytes, 4);
  out_.put(")\n");
}

}  // namespace

Result<> print(const wasm::PartialModule &module, const PrintOptions &options, TakeText take) {
  return ModulePrinter(module, options, std::move(take)).run();
}

}  // namespace wasmc::text
