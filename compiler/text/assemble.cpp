#include "text/assemble.h"

#include <algorithm>
#include <array>

#include "text/code.h"
#include "text/cursor.h"
#include "text/sections.h"
#include "text/lexer.h"
#include "text/names.h"
#include "text/types.h"
#include "wasm/custom.h"
#include "wasm/reader.h"

namespace wasmc::text {
namespace {

using enum Token::Kind;

/// Kinds of imports and exports as the binary format numbers them.
enum class Extern : uint8_t { Func, Table, Memory, Global, Tag };
constexpr std::array<std::string_view, 5> kExternWords = {"func", "table", "memory", "global", "tag"};

/// A section's entries while they are collected.
struct Section {
  uint32_t count = 0;
  Emitter entries;

  Emitter &add() { return ++count, entries; }
};

EncodedType func_ref() { return {"\x70"}; }

enum class ElementMode : uint8_t { Passive, Active, Declarative };

/// An element segment.
struct Elements {
  ElementMode mode = ElementMode::Passive;
  uint32_t table = 0;
  uint64_t table_at = 0;     ///< where the text names the table
  Emitter place{};           ///< the offset expression of an active segment
  bool are_indices = false;  ///< items are functions' indices, not expressions
  bool are_functions = false;  ///< indices that have to be written as expressions, for the sake of `type`
  EncodedType type = func_ref();
  uint32_t count = 0;
  Emitter items{};
};

/// Labels of a function.
using NumberedNames = std::vector<std::pair<uint32_t, std::string>>;

class ModuleAssembler {
 public:
  ModuleAssembler(Cursor &cursor, const Token *id) : cursor_(cursor), label_{id} {}

  Result<Assembled> run() {
    TRY(module_name());
    const size_t begin = cursor_.position();
    TRY(each_field(&ModuleAssembler::collect_field));
    cursor_.go_to(begin);
    TRY(each_field(&ModuleAssembler::type_field));
    cursor_.go_to(begin);
    TRY(each_field(&ModuleAssembler::field));
    return finish();
  }

 private:
  using FieldReader = Result<> (ModuleAssembler::*)();

  Result<> module_name();
  Result<> each_field(FieldReader read);
  // First walk: which identifier is which index.
  Result<> collect_field();
  Result<> collect_import();
  /// `(export "n")* (import "m" "n")?`, skipped; whether there was an import.
  Result<bool> skip_inline();
  IndexSpace &space_of(Extern kind);
  /// The kind that a keyword names. Error: "unexpected token".
  Result<Extern> extern_kind();
  std::optional<Extern> at_extern_kind() const;

  // Second walk: the types that the text defines.
  Result<> type_field();

  // Third walk: everything else.
  Result<> field();
  Result<> import_field();
  Result<> export_field();
  Result<> start_field();
  Result<> definition(Extern kind);
  Result<> function(uint32_t index);
  Result<> table(uint32_t index);
  Result<> memory(uint32_t index);
  Result<> global();
  Result<> elem_field();
  Result<> data_field();
  Result<> inline_exports(Extern kind, uint32_t index);
  Result<> custom_annotation();
  Result<size_t> custom_place();
  /// The type of an import after its identifier.
  Result<> extern_type(Extern kind, Emitter &out);
  Result<> name_imported_params(const std::vector<NamedLocal> &names);
  Result<> table_type(Emitter &out, bool is_64);
  Result<> memory_type(Emitter &out, bool is_64);
  Result<> global_type(Emitter &out);

  Result<> locals(CodeParser &code, Emitter &out);
  /// Instructions up to a closing parenthesis, and the `end`.
  Result<> expression(Emitter &out);
  /// `(offset …)` or one folded instruction.
  Result<> offset_expression(Emitter &out);
  Result<> folded_expression(Emitter &out);
  Result<> element_list(Elements &segment);
  bool at_bare_index() const;
  Result<uint32_t> segment_target(std::string_view word, const IndexSpace &space);
  void emit_elements(uint64_t at, const Elements &segment);
  Result<std::string> strings();

  Emitter section_contents(uint8_t id) const;
  Emitter branch_hints() const;
  Result<Assembled> finish();
  Emitter name_section() const;

  Cursor &cursor_;
  Label label_;
  ModuleSpaces spaces_;
  TypeSection types_{spaces_.types};
  CodeContext code_context_{spaces_, types_};
  std::array<uint32_t, 5> next_{};  ///< index of the next definition of each kind, in the third walk
  const char *defined_ = nullptr;  ///< a kind of which there is a definition that is no import
  std::optional<Emitter> start_;
  Section imports_, functions_, tables_, memories_, tags_, globals_, exports_, elems_, code_, datas_;
  std::vector<std::pair<uint32_t, IndexSpace>> local_names_;  ///< of the functions that have some
  std::vector<std::pair<uint32_t, NumberedNames>> label_names_;  ///< likewise
  std::vector<std::pair<uint32_t, std::vector<Hint>>> hints_;  ///< likewise
  std::array<std::vector<Emitter>, 2 * kSections.size()> customs_;  ///< custom sections, by custom_place
};

std::optional<Extern> ModuleAssembler::at_extern_kind() const {
  if (!cursor_.at(Keyword)) return std::nullopt;
  const auto found = std::ranges::find(kExternWords, cursor_.peek().text);
  if (found == kExternWords.end()) return std::nullopt;
  return Extern(found - kExternWords.begin());
}

Result<Extern> ModuleAssembler::extern_kind() {
  const auto kind = at_extern_kind();
  if (!kind) return cursor_.unexpected();
  cursor_.next();
  return *kind;
}

IndexSpace &ModuleAssembler::space_of(Extern kind) {
  switch (kind) {
    case Extern::Func: return spaces_.funcs;
    case Extern::Table: return spaces_.tables;
    case Extern::Memory: return spaces_.memories;
    case Extern::Global: return spaces_.globals;
    case Extern::Tag: return spaces_.tags;
  }
  __builtin_unreachable();
}

Result<> ModuleAssembler::module_name() {
  while (cursor_.at_annotation("name")) {
    if (label_.name) return fail("@name annotation: multiple module names", cursor_.offset());
    label_.name = TRY(cursor_.take_label()).name;
  }
  return {};
}

Result<> ModuleAssembler::each_field(FieldReader read) {
  while (cursor_.at(LeftParen) || cursor_.at_annotation("custom")) {
    if (cursor_.next().is(LeftParen)) TRY((this->*read)());
    else if (read == &ModuleAssembler::field) TRY(custom_annotation());
    else TRY(cursor_.skip_list());
  }
  if (!cursor_.at(RightParen) && !cursor_.at(End)) return cursor_.unexpected();
  return {};
}

// First walk.

Result<> ModuleAssembler::collect_field() {
  const uint64_t at = cursor_.offset();
  if (cursor_.at_keyword("import")) {
    if (defined_) return fail(std::string("import after ") + defined_, at);
    cursor_.next();
    TRY(collect_import());
  } else if (cursor_.take_keyword("type")) {
    TRY(spaces_.types.define(TRY(cursor_.take_label())));
  } else if (cursor_.take_keyword("rec")) {
    while (cursor_.take_list("type")) {
      TRY(spaces_.types.define(TRY(cursor_.take_label())));
      TRY(cursor_.skip_list());
    }
  } else if (cursor_.take_keyword("elem")) {
    TRY(spaces_.elems.define(TRY(cursor_.take_label())));
  } else if (cursor_.take_keyword("data")) {
    TRY(spaces_.datas.define(TRY(cursor_.take_label())));
  } else if (const auto kind = at_extern_kind()) {
    cursor_.next();
    TRY(space_of(*kind).define(TRY(cursor_.take_label())));
    const bool is_import = TRY(skip_inline());
    constexpr std::array kNames = {"function", "table", "memory", "global", "tag"};
    if (is_import && defined_) return fail(std::string("import after ") + defined_, at);
    if (!is_import && !defined_) defined_ = kNames[size_t(*kind)];
    // An inline segment takes an index too.
    if (!is_import && *kind == Extern::Table && !cursor_.at(RightParen)) {
      address_type(cursor_);
      if (types_.at_reference_type(cursor_)) spaces_.elems.define_unnamed();
    }
    if (!is_import && *kind == Extern::Memory) {
      address_type(cursor_);
      TRY(page_size(cursor_));
      if (cursor_.at_list("data")) spaces_.datas.define_unnamed();
    }
  } else if (!cursor_.at_keyword("export") && !cursor_.at_keyword("start")) {
    return cursor_.unexpected();
  }
  return cursor_.skip_list();
}

Result<> ModuleAssembler::collect_import() {
  TRY(cursor_.name());
  TRY(cursor_.name());
  TRY(cursor_.expect(LeftParen));
  const Extern kind = TRY(extern_kind());
  TRY(space_of(kind).define(TRY(cursor_.take_label())));
  return cursor_.skip_list();
}

Result<bool> ModuleAssembler::skip_inline() {
  while (cursor_.take_list("export")) TRY(cursor_.skip_list());
  if (!cursor_.take_list("import")) return false;
  TRY(cursor_.skip_list());
  return true;
}

// Second walk.

Result<> ModuleAssembler::type_field() {
  if (cursor_.take_keyword("type")) return types_.define(cursor_);
  if (cursor_.take_keyword("rec")) return types_.define_group(cursor_);
  return cursor_.skip_list();
}

// Third walk.

Result<> ModuleAssembler::field() {
  if (cursor_.at_keyword("type") || cursor_.at_keyword("rec")) return cursor_.skip_list();
  if (cursor_.take_keyword("import")) {
    TRY(import_field());
  } else if (cursor_.take_keyword("export")) {
    TRY(export_field());
  } else if (cursor_.at_keyword("start")) {
    TRY(start_field());
  } else if (cursor_.take_keyword("elem")) {
    TRY(elem_field());
  } else if (cursor_.take_keyword("data")) {
    TRY(data_field());
  } else {
    TRY(definition(TRY(extern_kind())));
  }
  return cursor_.close();
}

Result<> ModuleAssembler::import_field() {
  Emitter &out = imports_.add();
  out.mark(cursor_.offset());
  out.name(TRY(cursor_.name()));
  out.name(TRY(cursor_.name()));
  TRY(cursor_.expect(LeftParen));
  const Extern kind = TRY(extern_kind());
  TRY(cursor_.take_label());
  ++next_[size_t(kind)];
  TRY(extern_type(kind, out));
  return cursor_.close();
}

Result<> ModuleAssembler::extern_type(Extern kind, Emitter &out) {
  out.mark(cursor_.offset());
  out.byte(uint8_t(kind));
  switch (kind) {
    case Extern::Func: {
      std::vector<NamedLocal> names;
      out.u(TRY(types_.use(cursor_, &names)));
      return name_imported_params(names);
    }
    case Extern::Table: return table_type(out, address_type(cursor_));
    case Extern::Memory: return memory_type(out, address_type(cursor_));
    case Extern::Global: return global_type(out);
    case Extern::Tag: {
      std::vector<NamedLocal> names;
      out.byte(0);
      out.u(TRY(types_.use(cursor_, &names)));
      return {};
    }
  }
  __builtin_unreachable();
}

/// Of the last function so far.
Result<> ModuleAssembler::name_imported_params(const std::vector<NamedLocal> &names) {
  IndexSpace params("local");
  for (const NamedLocal &name : names) {
    while (params.size() < name.index) params.define_unnamed();
    TRY(params.define(name.label));
  }
  if (params.has_names()) local_names_.emplace_back(next_[size_t(Extern::Func)] - 1, std::move(params));
  return {};
}

Result<> ModuleAssembler::table_type(Emitter &out, bool is_64) {
  const TextLimits size = TRY(limits(cursor_, is_64));
  TRY(types_.reference_type(cursor_)).emit(out);
  size.emit(out);
  return {};
}

Result<> ModuleAssembler::memory_type(Emitter &out, bool is_64) {
  TextLimits size = TRY(limits(cursor_, is_64));
  size.is_shared = cursor_.take_keyword("shared");
  size.page_size = TRY(page_size(cursor_));
  size.emit(out);
  return {};
}

Result<> ModuleAssembler::global_type(Emitter &out) {
  const bool is_mutable = cursor_.take_list("mut");
  TRY(types_.value_type(cursor_)).emit(out);
  out.byte(is_mutable);
  if (is_mutable) TRY(cursor_.close());
  return {};
}

Result<> ModuleAssembler::export_field() {
  Emitter &out = exports_.add();
  out.mark(cursor_.offset());
  out.name(TRY(cursor_.name()));
  TRY(cursor_.expect(LeftParen));
  const Extern kind = TRY(extern_kind());
  out.byte(uint8_t(kind));
  TRY(space_of(kind).copy_index(cursor_, out));
  return cursor_.close();
}

Result<> ModuleAssembler::start_field() {
  if (start_) return fail("multiple start sections", cursor_.offset());
  cursor_.next();
  return spaces_.funcs.copy_index(cursor_, start_.emplace());
}

Result<> ModuleAssembler::definition(Extern kind) {
  const uint64_t at = cursor_.offset();
  TRY(cursor_.take_label());
  const uint32_t index = next_[size_t(kind)]++;
  TRY(inline_exports(kind, index));
  if (cursor_.take_list("import")) {
    Emitter &out = imports_.add();
    out.mark(at);
    out.name(TRY(cursor_.name()));
    out.name(TRY(cursor_.name()));
    TRY(cursor_.close());
    return extern_type(kind, out);
  }
  switch (kind) {
    case Extern::Func: return function(index);
    case Extern::Table: return table(index);
    case Extern::Memory: return memory(index);
    case Extern::Global: return global();
    case Extern::Tag: {
      std::vector<NamedLocal> names;
      Emitter &out = tags_.add();
      out.mark(at);
      out.byte(0);
      out.u(TRY(types_.use(cursor_, &names)));
      return {};
    }
  }
  __builtin_unreachable();
}

Result<> ModuleAssembler::inline_exports(Extern kind, uint32_t index) {
  while (cursor_.take_list("export")) {
    Emitter &out = exports_.add();
    out.mark(cursor_.offset());
    out.name(TRY(cursor_.name()));
    TRY(cursor_.close());
    out.byte(uint8_t(kind));
    out.u(index);
  }
  return {};
}

Result<> ModuleAssembler::function(uint32_t index) {
  std::vector<NamedLocal> names;
  functions_.entries.mark(cursor_.offset());
  const uint32_t type = TRY(types_.use(cursor_, &names));
  functions_.add().u(type);

  CodeParser code(cursor_, code_context_, true);
  // Parameters that only the named type tells have indices, but no identifiers.
  const Signature *signature = types_.signature_of(type);
  auto name = names.begin();
  for (uint32_t i = 0; signature && i < signature->params.size(); ++i)
    TRY(code.locals.define(name != names.end() && name->index == i ? (name++)->label : Label()));
  Emitter body;
  body.mark(cursor_.offset());
  TRY(locals(code, body));
  TRY(code.sequence(body));
  body.mark(cursor_.offset());
  body.opcode(wasm::op::End);
  code_.add().sized(body);
  if (!code.label_names.empty()) label_names_.emplace_back(index, std::move(code.label_names));
  if (!body.hints().empty()) hints_.emplace_back(index, body.hints());
  if (code.locals.has_names()) local_names_.emplace_back(index, std::move(code.locals));
  return {};
}

/// `(local $id? type)` or `(local type*)`, any number of times; runs of one type become one entry.
Result<> ModuleAssembler::locals(CodeParser &code, Emitter &out) {
  struct Run {
    uint32_t count;
    EncodedType type;  ///< with the place of the first
  };
  std::vector<Run> runs;
  const auto add_next = [&]() -> Result<> {
    EncodedType type = TRY(types_.value_type(cursor_));
    if (runs.empty() || runs.back().type != type) runs.emplace_back(0, std::move(type));
    ++runs.back().count;
    return {};
  };
  while (cursor_.take_list("local")) {
    if (const Label label = TRY(cursor_.take_label()); !label.is_empty()) {
      TRY(code.locals.define(label));
      TRY(add_next());
    } else {
      for (; !cursor_.at(RightParen); code.locals.define_unnamed()) TRY(add_next());
    }
    TRY(cursor_.close());
  }
  out.u(runs.size());
  for (const Run &run : runs) {
    out.mark(run.type.offset);
    out.u(run.count);
    run.type.emit(out);
  }
  return {};
}

Result<> ModuleAssembler::expression(Emitter &out) {
  out.mark(cursor_.offset());
  TRY(CodeParser(cursor_, code_context_, false).sequence(out));
  out.opcode(wasm::op::End);
  return {};
}

Result<> ModuleAssembler::offset_expression(Emitter &out) {
  if (cursor_.take_list("offset")) {
    TRY(expression(out));
    return cursor_.close();
  }
  return folded_expression(out);
}

Result<> ModuleAssembler::folded_expression(Emitter &out) {
  out.mark(cursor_.offset());
  TRY(CodeParser(cursor_, code_context_, false).folded(out));
  out.opcode(wasm::op::End);
  return {};
}

/// Where an inline segment begins.
void emit_zero_offset(Emitter &out, bool is_64) {
  out.opcode(is_64 ? wasm::op::I64Const : wasm::op::I32Const);
  out.s(0);
  out.opcode(wasm::op::End);
}

Result<> ModuleAssembler::table(uint32_t index) {
  const uint64_t at = cursor_.offset();
  const bool is_64 = address_type(cursor_);
  if (!types_.at_reference_type(cursor_)) {
    Emitter type;
    TRY(table_type(type, is_64));
    Emitter &out = tables_.add();
    out.mark(at);
    if (cursor_.at(RightParen)) {
      out.append(type);
      return {};
    }
    out.bytes(std::string_view("\x40\x00", 2));
    out.append(type);
    return expression(out);
  }
  const EncodedType element = TRY(types_.reference_type(cursor_));
  if (!cursor_.take_list("elem")) return cursor_.unexpected();
  Elements segment{.mode = ElementMode::Active, .table = index, .table_at = at, .type = element};
  segment.are_indices = spaces_.funcs.at_index(cursor_) || cursor_.at(RightParen);
  emit_zero_offset(segment.place, is_64);
  segment.are_functions = segment.are_indices && element != func_ref();
  TRY(element_list(segment));
  TRY(cursor_.close());
  Emitter &out = tables_.add();
  out.mark(at);
  element.emit(out);
  TextLimits{.is_64 = is_64, .min = segment.count, .max = segment.count}.emit(out);
  emit_elements(at, segment);
  return {};
}

/// Spec 5.5.12. The short forms mean table 0 and funcref.
void ModuleAssembler::emit_elements(uint64_t at, const Elements &segment) {
  const bool are_indices = segment.are_indices && !segment.are_functions;
  const bool is_active = segment.mode == ElementMode::Active;
  const bool needs_details = !is_active || segment.table != 0 || (!are_indices && segment.type != func_ref());
  Emitter &out = elems_.add();
  out.mark(at);
  out.u((is_active ? (needs_details ? 2 : 0) : segment.mode == ElementMode::Declarative ? 3 : 1) | (are_indices ? 0 : 4));
  if (is_active && needs_details) {
    out.mark(segment.table_at);
    out.u(segment.table);
  }
  out.append(segment.place);
  if (needs_details) are_indices ? out.byte(0) : segment.type.emit(out);
  out.u(segment.count);
  out.append(segment.items);
}

Result<> ModuleAssembler::memory(uint32_t index) {
  const uint64_t at = cursor_.offset();
  const bool is_64 = address_type(cursor_);
  const size_t start = cursor_.position();
  const auto page = TRY(page_size(cursor_));
  if (!cursor_.take_list("data")) {
    cursor_.go_to(start);
    Emitter &out = memories_.add();
    out.mark(at);
    return memory_type(out, is_64);
  }
  const std::string bytes = TRY(strings());
  TRY(cursor_.close());
  const uint64_t page_bytes = uint64_t{1} << (page ? page->log2 : 16), pages = (bytes.size() + page_bytes - 1) / page_bytes;
  Emitter &out = memories_.add();
  out.mark(at);
  TextLimits{.is_64 = is_64, .min = pages, .max = pages, .page_size = page}.emit(out);
  Emitter &segment = datas_.add();
  segment.mark(at);
  segment.u(index == 0 ? 0 : 2);
  if (index != 0) segment.u(index);
  emit_zero_offset(segment, is_64);
  segment.name(bytes);
  return {};
}

Result<> ModuleAssembler::global() {
  Emitter &out = globals_.add();
  out.mark(cursor_.offset());
  TRY(global_type(out));
  return expression(out);
}

/// Functions' indices, or `(item instr*)` or `(instr …)`, up to the closing parenthesis.
Result<> ModuleAssembler::element_list(Elements &segment) {
  Emitter &items = segment.items;
  for (; !cursor_.at(RightParen); ++segment.count) {
    if (segment.are_indices) {
      if (segment.are_functions) {
        items.mark(cursor_.offset());
        items.opcode(wasm::op::RefFunc);
      }
      TRY(spaces_.funcs.copy_index(cursor_, items));
      if (segment.are_functions) items.opcode(wasm::op::End);
    } else if (cursor_.take_list("item")) {
      TRY(expression(items));
      TRY(cursor_.close());
    } else {
      TRY(folded_expression(items));
    }
  }
  return {};
}

/// `0 (`, as WebAssembly 1.0 had it: for `(table 0) (` or `(memory 0) (`.
bool ModuleAssembler::at_bare_index() const { return cursor_.at(Number) && cursor_.peek(1).is(LeftParen); }

/// The table or memory of a segment: `(table x)`, or a bare index.
Result<uint32_t> ModuleAssembler::segment_target(std::string_view word, const IndexSpace &space) {
  if (!cursor_.take_list(word)) return space.index(cursor_);
  const uint32_t index = TRY(space.index(cursor_));
  TRY(cursor_.close());
  return index;
}

/// Spec 6.6.9.
Result<> ModuleAssembler::elem_field() {
  const uint64_t at = cursor_.offset();
  TRY(cursor_.take_label());
  Elements segment;
  bool names_table = false, is_bare = false;
  if (cursor_.take_keyword("declare")) {
    segment.mode = ElementMode::Declarative;
  } else {
    is_bare = at_bare_index();
    names_table = is_bare || cursor_.at_list("table");
    segment.table_at = cursor_.offset();
    if (names_table) segment.table = TRY(segment_target("table", spaces_.tables));
    // A parenthesis here is an offset, unless it is a reference type.
    if (cursor_.at(LeftParen) && !cursor_.at_list("ref")) {
      segment.mode = ElementMode::Active;
      TRY(offset_expression(segment.place));
    } else if (names_table) {
      return cursor_.unexpected();
    }
  }
  const bool is_short = segment.mode == ElementMode::Active && (!names_table || is_bare) && (spaces_.funcs.at_index(cursor_) || cursor_.at(RightParen));
  segment.are_indices = is_short || cursor_.take_keyword("func");
  if (!segment.are_indices) segment.type = TRY(types_.reference_type(cursor_));
  TRY(element_list(segment));
  emit_elements(at, segment);
  return {};
}

Result<std::string> ModuleAssembler::strings() {
  std::string out;
  while (cursor_.at(String)) out += decode(cursor_.next());
  return out;
}

/// Spec 6.6.10 and 5.5.14.
Result<> ModuleAssembler::data_field() {
  const uint64_t at = cursor_.offset();
  TRY(cursor_.take_label());
  uint32_t memory = 0;
  const uint64_t memory_at = cursor_.offset();
  const bool names_memory = cursor_.at_list("memory") || at_bare_index();
  if (names_memory) memory = TRY(segment_target("memory", spaces_.memories));
  Emitter place;
  const bool is_active = cursor_.at(LeftParen);
  if (names_memory && !is_active) return cursor_.unexpected();
  if (is_active) TRY(offset_expression(place));
  Emitter &out = datas_.add();
  out.mark(at);
  out.u(!is_active ? 1 : memory == 0 ? 0 : 2);
  if (memory != 0) {
    out.mark(memory_at);
    out.u(memory);
  }
  out.append(place);
  out.name(TRY(strings()));
  return {};
}

// Annotations.

/// `(@custom "name" (before|after section)? "…"*)`, whose opening has been read.
Result<> ModuleAssembler::custom_annotation() {
  if (!cursor_.at(String)) return fail("@custom annotation: missing section name", cursor_.offset());
  const uint64_t at = cursor_.offset();
  const std::string name = decode(cursor_.next());
  if (!wasm::is_utf8({reinterpret_cast<const uint8_t *>(name.data()), name.size()})) return fail("@custom annotation: malformed UTF-8 encoding", at);
  Emitter &out = customs_[TRY(custom_place())].emplace_back();
  out.mark(at);
  out.name(name);
  out.bytes(TRY(strings()));
  if (!cursor_.take(RightParen)) return fail("@custom annotation: unexpected token", cursor_.offset());
  return {};
}

/// Twice the number of a section, and one more for the place after it.
Result<size_t> ModuleAssembler::custom_place() {
  if (!cursor_.take(LeftParen)) return 2 * kSections.size() - 1;
  const bool is_before = cursor_.take_keyword("before");
  if (!is_before && !cursor_.take_keyword("after")) return fail("@custom annotation: malformed placement", cursor_.offset());
  const auto section = std::ranges::find(kSections, cursor_.peek().text, &SectionWord::word);
  const bool is_end = section != kSections.end() && section->id == kNoSection;
  if (section == kSections.end() || (is_end && is_before != (section->word == "first"))) return fail("@custom annotation: malformed section kind", cursor_.offset());
  cursor_.next();
  if (!cursor_.take(RightParen)) return fail("@custom annotation: unexpected token", cursor_.offset());
  return 2 * size_t(section - kSections.begin()) + !is_before;
}

/// The contents of the branch hint section (branch hinting proposal); empty if there are no hints.
Emitter ModuleAssembler::branch_hints() const {
  Emitter out;
  if (hints_.empty()) return out;
  out.name(wasm::kBranchHintSection);
  out.u(hints_.size());
  for (const auto &[function, hints] : hints_) {
    out.u(function);
    out.u(hints.size());
    for (const Hint &hint : hints) {
      out.u(hint.position);
      out.u(1);
      out.byte(hint.is_likely);
    }
  }
  return out;
}

// Putting it together.

Emitter counted(uint32_t count, const Emitter &entries) {
  Emitter out;
  if (count == 0) return out;
  out.u(count);
  out.append(entries);
  return out;
}
Emitter counted(const Section &section) { return counted(section.count, section.entries); }
Emitter only(uint32_t number) {
  Emitter out;
  out.u(number);
  return out;
}

void emit_section(Emitter &out, uint8_t id, const Emitter &contents) {
  if (contents.empty()) return;
  if (!contents.marks().empty()) out.mark(contents.marks().front().offset);  // an error about the section is one about the first in it
  out.byte(id);
  out.sized(contents);
}

/// Empty if the module has no such section.
Emitter ModuleAssembler::section_contents(uint8_t id) const {
  switch (id) {
    case 1: return counted(types_.groups(), types_.encoding());
    case 2: return counted(imports_);
    case 3: return counted(functions_);
    case 4: return counted(tables_);
    case 5: return counted(memories_);
    case 6: return counted(globals_);
    case 7: return counted(exports_);
    case 8: return start_ ? *start_ : Emitter();
    case 9: return counted(elems_);
    case kCodeSection: return counted(code_);
    case 11: return counted(datas_);
    case 12: return code_context_.names_data ? only(datas_.count) : Emitter();
    case 13: return counted(tags_);
    default: return {};
  }
}

Result<Assembled> ModuleAssembler::finish() {
  Emitter out;
  out.bytes(std::string_view("\0asm\1\0\0\0", 8));
  const auto emit_customs = [&](size_t place) {
    for (const Emitter &contents : customs_[place]) emit_section(out, kCustomSection, contents);
  };
  for (size_t i = 0; i < kSections.size(); ++i) {
    emit_customs(2 * i);
    if (kSections[i].id == kCodeSection) emit_section(out, kCustomSection, branch_hints());
    if (kSections[i].id != kNoSection) emit_section(out, kSections[i].id, section_contents(kSections[i].id));
    emit_customs(2 * i + 1);
  }
  if (const Emitter names = name_section(); !names.empty()) {
    Emitter contents;
    contents.name("name");
    contents.append(names);
    emit_section(out, kCustomSection, contents);
  }
  return Assembled{out.data(), out.marks()};
}

void emit_subsection(Emitter &out, uint8_t id, const Emitter &contents) {
  out.byte(id);
  out.sized(contents);
}

/// Index and name of each that has one.
Emitter name_map(const IndexSpace &space) {
  Emitter entries;
  uint32_t count = 0;
  for (uint32_t i = 0; i < space.size(); ++i) {
    if (space.names()[i].empty()) continue;
    ++count;
    entries.u(i);
    entries.name(space.names()[i]);
  }
  Emitter out;
  out.u(count);
  out.append(entries);
  return out;
}

Emitter name_map(const NumberedNames &names) {
  Emitter out;
  out.u(names.size());
  for (const auto &[index, name] : names) {
    out.u(index);
    out.name(name);
  }
  return out;
}

/// A name map for each of several things.
template <class Spaces> Emitter indirect_name_map(const Spaces &spaces) {
  Emitter out;
  out.u(uint64_t(std::ranges::distance(spaces)));
  for (const auto &[index, space] : spaces) {
    out.u(index);
    out.append(name_map(space));
  }
  return out;
}

/// The name section with the subsections of the extended name section proposal, in the order of their numbers.
Emitter ModuleAssembler::name_section() const {
  Emitter out;
  if (!label_.is_empty()) {
    Emitter name;
    name.name(label_.shown());
    emit_subsection(out, 0, name);
  }
  const auto add = [&](uint8_t id, const IndexSpace &space) {
    if (space.has_names()) emit_subsection(out, id, name_map(space));
  };
  add(1, spaces_.funcs);
  if (!local_names_.empty()) emit_subsection(out, 2, indirect_name_map(local_names_));
  if (!label_names_.empty()) emit_subsection(out, 3, indirect_name_map(label_names_));
  add(4, spaces_.types);
  add(5, spaces_.tables);
  add(6, spaces_.memories);
  add(7, spaces_.globals);
  add(8, spaces_.elems);
  add(9, spaces_.datas);
  std::vector<std::pair<uint32_t, IndexSpace>> fields;
  for (const auto &[type, space] : types_.fields())
    if (space.has_names()) fields.emplace_back(type, space);
  if (!fields.empty()) emit_subsection(out, 10, indirect_name_map(fields));
  add(11, spaces_.tags);
  return out;
}

/// The strings that come next, one after the other.
Result<std::string> joined_strings(Cursor &cursor) {
  std::string out;
  while (cursor.at(String)) out += TRY(cursor.string());
  return out;
}

/// What is told by strings has one place in the text: where these begin.
Assembled at_one_place(std::vector<uint8_t> bytes, uint64_t offset) { return {std::move(bytes), {{0, offset}}}; }

Result<Assembled> quoted(Cursor &cursor) {
  const uint64_t offset = cursor.offset();
  auto inner = assemble(TRY(joined_strings(cursor)));
  if (!inner) {
    Error error = std::move(inner.error()).in("in the quoted text");
    error.offset = offset;
    return std::unexpected(std::move(error));
  }
  return at_one_place(std::move(inner->bytes), offset);
}

/// A module's contents, whichever form scripts (the reference interpreter's grammar) give them.
Result<Assembled> module_contents(Cursor &cursor, const Token *id) {
  const uint64_t offset = cursor.offset();
  if (cursor.take_keyword("quote")) return quoted(cursor);
  if (!cursor.take_keyword("binary")) return ModuleAssembler(cursor, id).run();
  const std::string bytes = TRY(joined_strings(cursor));
  return at_one_place({bytes.begin(), bytes.end()}, offset);
}

}  // namespace

Result<Assembled> assemble(std::string_view text) {
  const std::vector<Token> tokens = TRY(tokenize(text, {"custom", "name", wasm::kBranchHintSection}));
  Cursor cursor(tokens);
  const bool is_wrapped = cursor.take_list("module");
  if (is_wrapped) (void)cursor.take_keyword("definition");
  const Token *id = is_wrapped ? cursor.take_id() : nullptr;
  Assembled out = is_wrapped ? TRY(module_contents(cursor, id)) : TRY(ModuleAssembler(cursor, id).run());
  if (is_wrapped) TRY(cursor.close());
  if (!cursor.at(End)) return cursor.unexpected();
  return out;
}

}  // namespace wasmc::text
