// decode_module: the sections of a binary module (spec 5.5), each validated as it is read (spec 3.4), which works because
// sections come in an order in which each refers only to earlier ones.
#include <algorithm>

#include "wasm/constant.h"
#include "wasm/custom.h"
#include "wasm/export_names.h"
#include "wasm/module.h"
#include "wasm/reader.h"
#include "wasm/type_section.h"
#include "wasm/validator.h"

namespace wasmc::wasm {

namespace {

// These are what other engines allow. What a module has of them takes room in its context area, whose offsets are 32 bits.
constexpr uint32_t kMaxDefinitions = 1'000'000, kMaxTables = 100'000;
constexpr uint32_t kMaxMemories = 100;
// Bits of the flags of limits (spec 5.3.11, and the proposals threads and custom page sizes).
constexpr uint8_t kHasMax = 1, kIsShared = 2, kIs64 = 4, kHasPageSize = 8;

class ModuleDecoder {
 public:
  explicit ModuleDecoder(std::span<const uint8_t> bytes) : reader_(bytes) { module_.bytes = bytes; }

  Result<Module> decode() {
    TRY(header());
    TRY(sections());
    TRY(check_lengths());
    read_custom_sections(module_);
    return std::move(module_);
  }

  PartialModule decode_partially() {
    const Result<> result = all_sections();
    read_custom_sections(module_);
    return {std::move(module_), result ? std::nullopt : std::optional(result.error())};
  }

 private:
  using SectionReader = Result<> (ModuleDecoder::*)(Reader &);
  struct SectionRow {
    uint8_t id;
    SectionReader read;
  };
  /// In the order in which they must come.
  static const SectionRow kSections[];

  /// Without a look at the code.
  Result<> all_sections() {
    TRY(header());
    while (!reader_.done()) TRY(section());
    return check_lengths();
  }

  Result<> header();
  Result<> sections();
  Result<> section();
  Result<> check_lengths();

  Result<> custom_section(Reader &reader);
  Result<> type_section(Reader &reader);
  Result<> import_section(Reader &reader);
  Result<> function_section(Reader &reader);
  Result<> table_section(Reader &reader);
  Result<> memory_section(Reader &reader);
  Result<> global_section(Reader &reader);
  Result<> export_section(Reader &reader);
  Result<> start_section(Reader &reader);
  Result<> element_section(Reader &reader);
  Result<> data_count_section(Reader &reader);
  Result<> code_section(Reader &reader);
  Result<> data_section(Reader &reader);

  /// The length of a vector of at most `most` elements, called `what` in the message.
  static Result<uint32_t> count(Reader &reader, uint32_t most, const char *what) {
    const uint64_t at = reader.offset();
    const uint32_t count = TRY(reader.count());
    if (count > most) return fail(std::string("too many ") + what + ": the limit is " + std::to_string(most), at);
    return count;
  }

  /// Calls `read_one(reader)` for each element of a vector, which the length of the file limits.
  template <class ReadOne> static Result<> each(Reader &reader, ReadOne read_one) { return each(reader, UINT32_MAX, "elements", read_one); }
  template <class ReadOne> static Result<> each(Reader &reader, uint32_t most, const char *what, ReadOne read_one) {
    const uint32_t count = TRY(ModuleDecoder::count(reader, most, what));
    for (uint32_t i = 0; i < count; ++i) TRY(read_one(reader));
    return {};
  }

  /// Not yet judged, see check_limits. `allowed`: flags that may be set.
  static Result<Limits> limits(Reader &reader, uint8_t allowed);
  static Result<> check_limits(const Limits &limits, uint64_t most, std::string_view too_large, uint64_t at);
  static Result<uint8_t> page_size_log2(Reader &reader);
  Result<TypeIndex> function_type(Reader &reader);
  Result<TableType> table_type(Reader &reader);
  Result<MemoryType> memory_type(Reader &reader);
  Result<GlobalType> global_type(Reader &reader);
  Result<> add_memory(Reader &reader);

  Result<ExternKind> extern_kind(Reader &reader, const char *what);
  Result<> import(Reader &reader);
  Result<> import_of(ExternKind kind, Reader &reader);
  Result<> export_(Reader &reader);
  Result<> mark_export(const Export &item);
  /// The index space of a kind: how messages call it, and its size.
  std::pair<const char *, size_t> index_space(ExternKind kind) const;
  template <class Index> Result<Index> index(Reader &reader, const char *what, size_t size);

  Result<> element_segment(Reader &reader);
  Result<ValType> element_kind(Reader &reader);
  Result<> element_functions(Reader &reader, ElemSegment &segment);
  Result<> element_expressions(Reader &reader, ElemSegment &segment);
  Result<> data_segment(Reader &reader);

  Module module_;
  Reader reader_;
  const SectionRow *last_section_ = nullptr;
  ExportNames export_names_;
  uint64_t code_at_ = 0, data_at_ = 0;  ///< offset of these sections' counts, 0 if absent
};

const ModuleDecoder::SectionRow ModuleDecoder::kSections[] = {
    {1, &ModuleDecoder::type_section},     {2, &ModuleDecoder::import_section},      {3, &ModuleDecoder::function_section},
    {4, &ModuleDecoder::table_section},    {5, &ModuleDecoder::memory_section},      {6, &ModuleDecoder::global_section},
    {7, &ModuleDecoder::export_section},   {8, &ModuleDecoder::start_section},       {9, &ModuleDecoder::element_section},
    {12, &ModuleDecoder::data_count_section}, {10, &ModuleDecoder::code_section},    {11, &ModuleDecoder::data_section},
};

// The module as a whole.

Result<> ModuleDecoder::header() {
  if (TRY(reader_.fixed32()) != 0x6d736100) return fail("magic header not detected", 0);
  if (TRY(reader_.fixed32()) != 1) return fail("unknown binary version", 4);
  return {};
}

/// Code is validated later, but if a section after it is bad, an error in the code comes first.
Result<> ModuleDecoder::sections() {
  while (!reader_.done()) {
    Result<> result = section();
    if (result) continue;
    const size_t functions = std::min(module_.functions.size(), module_.imported_functions + module_.bodies.size());
    for (size_t func = module_.imported_functions; func < functions; ++func)
      TRY(validate_function(module_, FuncIndex(func)));
    return result;
  }
  return {};
}

Result<> ModuleDecoder::section() {
  const uint64_t at = reader_.offset();
  const uint8_t id = TRY(reader_.byte());
  const auto row = std::ranges::find(kSections, id, &SectionRow::id);
  const bool is_known = id == 0 || row != std::end(kSections);
  if (!is_known) return fail(later_proposal(CodeSpace::Section, id).value_or("malformed section id"), at);
  Reader payload = TRY(reader_.slice(TRY(reader_.u32())));
  if (id == 0) return custom_section(payload);
  if (last_section_ && row <= last_section_) return fail("unexpected content after last section", at);
  last_section_ = row;
  TRY((this->*row->read)(payload));
  if (!payload.done()) return fail("section size mismatch", payload.offset());
  return {};
}

Result<> ModuleDecoder::check_lengths() {
  const uint64_t end = reader_.offset();
  if (module_.bodies.size() != module_.functions.size() - module_.imported_functions)
    return fail("function and code section have inconsistent lengths", code_at_ ? code_at_ : end);
  if (module_.data_count && *module_.data_count != module_.data.size())
    return fail("data count and data section have inconsistent lengths", data_at_ ? data_at_ : end);
  return {};
}

Result<> ModuleDecoder::custom_section(Reader &reader) {
  CustomSection section;
  section.name = TRY(reader.name());
  section.offset = reader.offset();
  section.bytes = TRY(reader.bytes(reader.remaining()));
  if (last_section_) section.after = last_section_->id;
  module_.custom_sections.push_back(section);
  return {};
}

// Types.

Result<> ModuleDecoder::type_section(Reader &reader) {
  TypeSectionReader types(module_);
  TRY(each(reader, kMaxTypes, "types", [&](Reader &reader) { return types.group(reader); }));
  reader_.know_types(uint32_t(module_.types.size()));
  return {};
}

/// Spec 5.3.11. Sizes are u64 in the format, whatever the address type.
Result<Limits> ModuleDecoder::limits(Reader &reader, uint8_t allowed) {
  const uint64_t at = reader.offset();
  const uint8_t flags = TRY(reader.byte());
  if (flags & ~allowed) return fail("malformed limits flags", at);
  Limits limits{.min = TRY(reader.u64()), .max = {}, .is_64 = (flags & kIs64) != 0, .is_shared = (flags & kIsShared) != 0};
  if (flags & kHasMax) limits.max = TRY(reader.u64());
  return limits;
}

/// Spec 3.2.8.
Result<> ModuleDecoder::check_limits(const Limits &limits, uint64_t most, std::string_view too_large, uint64_t at) {
  if (limits.min > most || limits.max.value_or(0) > most) return fail(std::string(too_large), at);
  if (limits.max && limits.min > *limits.max) return fail("size minimum must not be greater than maximum", at);
  return {};
}

Result<TableType> ModuleDecoder::table_type(Reader &reader) {
  TableType type;
  type.element = TRY(reader.ref_type());
  const uint64_t at = reader.offset();
  type.limits = TRY(limits(reader, kHasMax | kIs64));
  TRY(check_limits(type.limits, type.limits.is_64 ? UINT64_MAX : UINT32_MAX, "table size must be at most 4294967295 elements", at + 1));
  return type;
}

/// Proposal custom page sizes: a power of two, of which two are valid.
Result<uint8_t> ModuleDecoder::page_size_log2(Reader &reader) {
  const uint64_t at = reader.offset();
  const uint32_t log2 = TRY(reader.u32());
  if (log2 != 0 && log2 != 16) return fail("invalid custom page size: neither 1 nor 65536 bytes", at);
  return uint8_t(log2);
}

/// A memory's size in bytes is below 2^32 or 2^64 (or that, with pages of 64 KiB: memory.size can say it then).
Result<MemoryType> ModuleDecoder::memory_type(Reader &reader) {
  MemoryType type;
  const uint64_t at = reader.offset();
  const bool has_page_size = reader.peek() & kHasPageSize;
  type.limits = TRY(limits(reader, kHasMax | kIsShared | kIs64 | kHasPageSize));
  if (has_page_size) type.page_size_log2 = TRY(page_size_log2(reader));
  const bool is_byte = type.page_size_log2 == 0;
  if (type.limits.is_64) {
    TRY(check_limits(type.limits, is_byte ? UINT64_MAX : uint64_t{1} << 48, "memory size must be at most 281474976710656 pages (16 EiB)", at + 1));
  } else {
    TRY(check_limits(type.limits, is_byte ? UINT32_MAX : 65536,
                     is_byte ? "memory size must be at most 4294967295 pages of one byte" : "memory size must be at most 65536 pages (4GiB)", at + 1));
  }
  if (type.limits.is_shared && !type.limits.max) return fail("shared memory must have maximum", at);
  return type;
}

Result<GlobalType> ModuleDecoder::global_type(Reader &reader) {
  GlobalType type;
  type.type = TRY(reader.val_type());
  const uint64_t at = reader.offset();
  const uint8_t mutability = TRY(reader.byte());
  if (mutability > 1) return fail("malformed mutability", at);
  type.is_mutable = mutability == 1;
  return type;
}

Result<TypeIndex> ModuleDecoder::function_type(Reader &reader) {
  return index<TypeIndex>(reader, "type", module_.types.size());
}

template <class Index> Result<Index> ModuleDecoder::index(Reader &reader, const char *what, size_t size) {
  const uint64_t at = reader.offset();
  const uint32_t index = TRY(reader.u32());
  if (index >= size) return fail("unknown " + std::string(what) + " " + std::to_string(index), at);
  return Index(index);
}

// Imports and exports.

Result<ExternKind> ModuleDecoder::extern_kind(Reader &reader, const char *what) {
  const uint64_t at = reader.offset();
  const uint8_t kind = TRY(reader.byte());
  if (kind <= uint8_t(ExternKind::Global)) return ExternKind(kind);
  return fail(later_proposal(CodeSpace::Extern, kind).value_or("malformed " + std::string(what) + " kind"), at);
}

std::pair<const char *, size_t> ModuleDecoder::index_space(ExternKind kind) const {
  switch (kind) {
    case ExternKind::Func: return {"function", module_.functions.size()};
    case ExternKind::Table: return {"table", module_.tables.size()};
    case ExternKind::Memory: return {"memory", module_.memories.size()};
    case ExternKind::Global: return {"global", module_.globals.size()};
    case ExternKind::Tag: return {"tag", 0};
  }
  __builtin_unreachable();
}

Result<> ModuleDecoder::import_section(Reader &reader) {
  TRY(each(reader, kMaxDefinitions, "imports", [this](Reader &reader) { return import(reader); }));
  module_.imported_functions = uint32_t(module_.functions.size());
  module_.imported_tables = uint32_t(module_.tables.size());
  module_.imported_memories = uint32_t(module_.memories.size());
  module_.imported_globals = uint32_t(module_.globals.size());
  module_.declared_functions.resize(module_.functions.size());
  return {};
}

Result<> ModuleDecoder::import(Reader &reader) {
  Import item{};
  item.offset = reader.offset();
  item.module = TRY(reader.name());
  item.name = TRY(reader.name());
  item.kind = TRY(extern_kind(reader, "import"));
  item.index = uint32_t(index_space(item.kind).second);
  TRY(import_of(item.kind, reader));
  module_.imports.push_back(item);
  return {};
}

Result<> ModuleDecoder::import_of(ExternKind kind, Reader &reader) {
  switch (kind) {
    case ExternKind::Func: module_.functions.push_back(TRY(function_type(reader))); return {};
    case ExternKind::Table: module_.tables.push_back({.type = TRY(table_type(reader)), .init = {}}); return {};
    case ExternKind::Memory: return add_memory(reader);
    case ExternKind::Global: module_.globals.push_back({.type = TRY(global_type(reader)), .init = {}}); return {};
    case ExternKind::Tag: break;
  }
  __builtin_unreachable();
}

Result<> ModuleDecoder::export_section(Reader &reader) {
  return each(reader, [this](Reader &reader) { return export_(reader); });
}

Result<> ModuleDecoder::export_(Reader &reader) {
  const uint64_t at = reader.offset();
  Export item{};
  item.name = TRY(reader.name());
  item.kind = TRY(extern_kind(reader, "export"));
  const auto [space, size] = index_space(item.kind);
  item.index = TRY(index<uint32_t>(reader, space, size));
  module_.exports.push_back(item);
  if (!export_names_.add_last(module_.exports)) {
    module_.exports.pop_back();
    return fail("duplicate export name", at);
  }
  if (item.kind != ExternKind::Func) return {};
  module_.exported_as.resize(module_.functions.size());
  if (std::string_view &first = module_.exported_as[item.index]; !first.data()) first = item.name;
  module_.declared_functions[item.index] = true;
  return {};
}

// Definitions.

Result<> ModuleDecoder::function_section(Reader &reader) {
  TRY(each(reader, kMaxDefinitions, "functions", [this](Reader &reader) -> Result<> {
    module_.functions.push_back(TRY(function_type(reader)));
    return {};
  }));
  module_.declared_functions.resize(module_.functions.size());
  return {};
}

Result<> ModuleDecoder::table_section(Reader &reader) {
  return each(reader, kMaxTables, "tables", [this](Reader &reader) -> Result<> {
    const uint64_t at = reader.offset();
    const bool has_init = reader.peek() == 0x40;
    if (has_init) {
      TRY(reader.byte());
      const uint64_t reserved_at = reader.offset();
      if (TRY(reader.byte()) != 0) return fail("malformed table: zero byte expected", reserved_at);
    }
    Table table{.type = TRY(table_type(reader)), .init = {}};
    if (has_init) table.init = TRY(read_constant_expression(reader, module_, table.type.element));
    else if (!table.type.element.has_default()) return fail("type mismatch: a table of " + to_string(table.type.element) + " needs an initial value", at);
    module_.tables.push_back(std::move(table));
    return {};
  });
}

Result<> ModuleDecoder::memory_section(Reader &reader) {
  return each(reader, [this](Reader &reader) { return add_memory(reader); });
}

Result<> ModuleDecoder::add_memory(Reader &reader) {
  const uint64_t at = reader.offset();
  if (module_.memories.size() == kMaxMemories) return fail("too many memories: the limit is " + std::to_string(kMaxMemories), at);
  module_.memories.push_back(TRY(memory_type(reader)));
  return {};
}

Result<> ModuleDecoder::global_section(Reader &reader) {
  return each(reader, kMaxDefinitions, "globals", [this](Reader &reader) -> Result<> {
    Global global;
    global.type = TRY(global_type(reader));
    global.init = TRY(read_constant_expression(reader, module_, global.type.type));
    module_.globals.push_back(std::move(global));
    return {};
  });
}

Result<> ModuleDecoder::start_section(Reader &reader) {
  const uint64_t at = reader.offset();
  const auto func = TRY(index<FuncIndex>(reader, "function", module_.functions.size()));
  if (module_.func_type(func) != FuncType{})
    return fail("start function must have no parameters and no results, not " + to_string(module_.func_type(func)), at);
  module_.start = func;
  return {};
}

// Element segments.

Result<> ModuleDecoder::element_section(Reader &reader) {
  return each(reader, [this](Reader &reader) { return element_segment(reader); });
}

/// Spec 5.5.12: bit 0 tells passive or declarative; bit 1 declarative, or an explicit table; bit 2 expressions for items.
Result<> ModuleDecoder::element_segment(Reader &reader) {
  const uint64_t at = reader.offset();
  const uint32_t flags = TRY(reader.u32());
  if (flags > 7) return fail("malformed elements segment kind", at);
  const bool is_active = !(flags & 1), has_details = flags & 3, has_expressions = flags & 4;
  ElemSegment segment{};
  segment.mode = is_active ? SegmentMode::Active : flags & 2 ? SegmentMode::Declarative : SegmentMode::Passive;
  if (is_active) {
    segment.table = TableIndex(0);
    const uint64_t table_at = has_details ? reader.offset() : at;
    if (has_details) segment.table = TableIndex(TRY(reader.u32()));
    if (raw(segment.table) >= module_.tables.size()) return fail("unknown table " + std::to_string(raw(segment.table)), table_at);
    segment.offset = TRY(read_constant_expression(reader, module_, module_.tables[raw(segment.table)].type.limits.address()));
  }
  segment.type = has_expressions ? kFuncRef : kFuncRef.as_non_null();
  if (has_details) segment.type = has_expressions ? TRY(reader.ref_type()) : TRY(element_kind(reader));
  if (is_active)
    if (const ValType element = module_.tables[raw(segment.table)].type.element; !module_.matches(segment.type, element))
      return fail("type mismatch: a segment of " + to_string(segment.type) + " for a table of " + to_string(element), at);
  segment.are_expressions = has_expressions;
  TRY(has_expressions ? element_expressions(reader, segment) : element_functions(reader, segment));
  module_.elements.push_back(std::move(segment));
  return {};
}

Result<ValType> ModuleDecoder::element_kind(Reader &reader) {
  const uint64_t at = reader.offset();
  if (TRY(reader.byte()) != 0) return fail("malformed element kind", at);
  return kFuncRef.as_non_null();
}

Result<> ModuleDecoder::element_functions(Reader &reader, ElemSegment &segment) {
  return each(reader, [&](Reader &reader) -> Result<> {
    const auto func = TRY(index<FuncIndex>(reader, "function", module_.functions.size()));
    module_.declared_functions[raw(func)] = true;
    segment.functions.push_back(func);
    return {};
  });
}

/// The expressions are kept as plain functions up to the first that is not a ref.func, which turns all into expressions.
Result<> ModuleDecoder::element_expressions(Reader &reader, ElemSegment &segment) {
  return each(reader, [&](Reader &reader) -> Result<> {
    ConstExpr item = TRY(read_constant_expression(reader, module_, segment.type));
    const bool is_function = item.ops.size() == 1 && item.ops[0].code == op::RefFunc;
    if (is_function && segment.expressions.empty()) {
      segment.functions.push_back(FuncIndex(item.ops[0].index));
      return {};
    }
    for (FuncIndex func : segment.functions)
      segment.expressions.push_back({{{.code = op::RefFunc, .index = raw(func)}}});
    segment.functions.clear();
    segment.expressions.push_back(std::move(item));
    return {};
  });
}

// Code and data.

Result<> ModuleDecoder::data_count_section(Reader &reader) {
  module_.data_count = TRY(reader.u32());
  return {};
}

Result<> ModuleDecoder::code_section(Reader &reader) {
  code_at_ = reader.offset();
  return each(reader, [this](Reader &reader) -> Result<> {
    const uint32_t size = TRY(reader.u32());
    const uint64_t offset = reader.offset();
    module_.bodies.push_back({.bytes = TRY(reader.bytes(size)), .offset = offset});
    return {};
  });
}

Result<> ModuleDecoder::data_section(Reader &reader) {
  data_at_ = reader.offset();
  return each(reader, [this](Reader &reader) { return data_segment(reader); });
}

/// Spec 5.5.14.
Result<> ModuleDecoder::data_segment(Reader &reader) {
  const uint64_t at = reader.offset();
  const uint32_t flags = TRY(reader.u32());
  if (flags > 2) return fail("malformed data segment kind", at);
  DataSegment segment{};
  segment.mode = flags == 1 ? SegmentMode::Passive : SegmentMode::Active;
  if (segment.mode == SegmentMode::Active) {
    const uint64_t memory_at = flags == 2 ? reader.offset() : at;
    if (flags == 2) segment.memory = MemoryIndex(TRY(reader.u32()));
    if (raw(segment.memory) >= module_.memories.size()) return fail("unknown memory " + std::to_string(raw(segment.memory)), memory_at);
    segment.offset = TRY(read_constant_expression(reader, module_, module_.memories[raw(segment.memory)].limits.address()));
  }
  segment.bytes = TRY(reader.bytes(TRY(reader.u32())));
  module_.data.push_back(std::move(segment));
  return {};
}

}  // namespace

Result<Module> decode_module(std::span<const uint8_t> bytes) { return ModuleDecoder(bytes).decode(); }
PartialModule decode_partially(std::span<const uint8_t> bytes) { return ModuleDecoder(bytes).decode_partially(); }

}  // namespace wasmc::wasm
