#include "text/print_code.h"

#include <algorithm>
#include <type_traits>

#include "wasm/checker.h"
#include "wasm/validator_impl.h"

namespace wasmc::text {
namespace {

using wasm::Family;
using wasm::OpInfo;
using wasm::raw;
using wasm::Status;

/// Deeper blocks are indented no more, or the text would grow with the square of the depth.
constexpr size_t kMaxIndentedDepth = 20, kBodyIndent = 4;

}  // namespace

// Types.

void CodePrinter::heap_type(wasm::HeapType type) {
  if (type.kind == wasm::HeapKind::Concrete) return ids_.types.use(out_, raw(type.index));
  out_.put(' ');
  out_.put(to_string(type));
}

void CodePrinter::val_type(wasm::ValType type) {
  if (!type.is_ref() || type.heap().kind != wasm::HeapKind::Concrete) return out_.put(to_string(type));
  out_.put(type.nullable() ? "(ref null" : "(ref");
  heap_type(type.heap());
  out_.put(')');
}

/// ` (param $x i32) (param i32 i64)`: each that has a name by itself, the others together.
void CodePrinter::types(std::string_view word, std::span<const wasm::ValType> types, uint32_t first, const Identifiers &ids) {
  bool is_open = false;
  for (uint32_t i = 0; i < types.size(); ++i) {
    const bool is_named = ids.has(first + i);
    if (is_open && is_named) out_.put(')');
    if (is_named || !is_open) {
      out_.put(" (");
      out_.put(word);
      ids.define(out_, first + i);
    }
    out_.put(' ');
    val_type(types[i]);
    if (is_named) out_.put(')');
    is_open = !is_named;
  }
  if (is_open) out_.put(')');
}

void CodePrinter::signature(const wasm::FuncType &type, const Identifiers &locals) {
  types("param", type.params, 0, locals);
  types("result", type.results, 0, Identifiers());
}

void CodePrinter::type_use(wasm::TypeIndex type, const Identifiers &locals) {
  out_.put(" (type");
  ids_.types.use(out_, raw(type));
  out_.put(')');
  if (raw(type) < module_.types.size()) signature(module_.func_type(type), locals);
}

// Sequences.

Result<> CodePrinter::body(wasm::FuncIndex func, const std::vector<wasm::ValType> &locals, const Identifiers &local_ids, wasm::Reader code) {
  const size_t params = module_.func_type(func).params.size();
  if (locals.size() > params) {
    out_.put('\n');
    out_.spaces(kBodyIndent - 1);
    types("local", std::span(locals).subspan(params), uint32_t(params), local_ids);
  }
  in_expression_ = finished_ = false;
  locals_ = &local_ids;
  frames_.clear();
  open_labels_.clear();
  labels_.clear();
  blocks_ = 0;
  body_offset_ = module_.body(func).offset;
  if (label_names_)
    if (const auto names = label_names_->find(raw(func)); names != label_names_->end()) labels_.insert(names->second.begin(), names->second.end());
  hints_ = {};
  if (with_hints_)
    if (const auto hints = module_.branch_hints.find(func); hints != module_.branch_hints.end()) hints_ = hints->second;
  static_cast<wasm::Reader &>(reader_) = code;
  while (!finished_) {
    if (reader_.done()) return wasm::missing_end(module_, func);
    TRY(instruction());
    if (!out_.status()) return out_.status();
  }
  if (!reader_.done()) return fail("section size mismatch: code after the function's end", reader_.offset());
  return {};
}

Result<> CodePrinter::expression(std::span<const uint8_t> bytes, bool is_single, std::string_view word) {
  in_expression_ = is_first_ = true;
  finished_ = false;
  locals_ = &no_ids_;
  reader_.start(bytes);
  const bool is_wrapped = is_single || !word.empty();
  out_.put(is_wrapped ? " (" : " ");
  if (!is_single && is_wrapped) {
    out_.put(word);
    out_.put(' ');
  }
  while (!finished_) TRY(instruction());
  if (is_wrapped) out_.put(')');
  return {};
}

Status CodePrinter::instruction() {
  const uint64_t at = reader_.offset();
  const OpInfo *row;
  CHECK(reader_.read(row));
  const OpInfo &op = *row;
  switch (op.family) {
#define WASM_FAMILY(family, Imm)                                                       \
  case Family::family: {                                                               \
    Imm imm{};                                                                         \
    if constexpr (std::is_same_v<Imm, wasm::BlockImm>) block_type_ = reader_;          \
    CHECK(reader_.read(op, imm));                                                      \
    CHECK(begin(op, at));                                                              \
    immediate(op, imm);                                                                \
    return {};                                                                         \
  }
    using namespace wasm;
#include "wasm/opcodes.def"
  }
  __builtin_unreachable();
}

Status CodePrinter::begin(const OpInfo &op, uint64_t at) {
  if (op.family == Family::end) {
    if (frames_.empty() || in_expression_) {
      finished_ = true;
      return {};
    }
    close_block();
    begin_line(op, at);
  } else if (op.family == Family::else_) {
    if (frames_.empty() || !frames_.back().is_if) return fail("else without if", at);
    const Frame frame = frames_.back();
    frames_.pop_back();
    begin_line(op, at);
    frames_.push_back({frame.label, false});
  } else {
    begin_line(op, at);
  }
  out_.put(op.text);
  return {};
}

void CodePrinter::begin_line(const OpInfo &op, uint64_t at) {
  if (in_expression_) {
    if (!is_first_) out_.put(' ');
    is_first_ = false;
    return;
  }
  const size_t indent = kBodyIndent + 2 * std::min(frames_.size(), kMaxIndentedDepth);
  while (!hints_.empty() && hints_.front().offset <= at - body_offset_) {
    out_.put('\n');
    out_.spaces(indent);
    hint(op, at);
  }
  out_.put('\n');
  out_.spaces(indent);
  if (!options_.offsets) return;
  out_.put("(;@");
  out_.hex(at);
  out_.put(";) ");
}

/// The next branch hint, which is an annotation before its instruction. A hint for what is no branch means nothing and may not be written.
void CodePrinter::hint(const OpInfo &op, uint64_t at) {
  const wasm::BranchHint &next = hints_.front();
  const bool is_here = next.offset == at - body_offset_ && (op.family == Family::if_ || op.family == Family::br_if);
  if (!is_here) out_.put("(; not at a branch: ");
  out_.put(next.likely ? "(@metadata.code.branch_hint \"\\01\")" : "(@metadata.code.branch_hint \"\\00\")");
  if (!is_here) out_.put(" ;)");
  hints_ = hints_.subspan(1);
}

// Blocks and labels.

void CodePrinter::open_block(bool is_if) {
  Frame frame{{}, is_if};
  if (const auto name = labels_.find(blocks_++); name != labels_.end() && !name->second.empty() && name->second.size() <= kMaxIdentifier) {
    frame.label = name->second;
    open_labels_[frame.label].push_back(frames_.size());
    out_.put(' ');
    out_.identifier(frame.label);
  } else {
    out_.put(" (;L");
    out_.number(frames_.size() + 1);
    out_.put(";)");
  }
  frames_.push_back(frame);
}

void CodePrinter::close_block() {
  if (const std::string_view label = frames_.back().label; !label.empty()) open_labels_[label].pop_back();
  frames_.pop_back();
}

/// A label's identifier means the innermost block of that name; otherwise its depth.
void CodePrinter::target(uint32_t depth, bool with_comment) {
  out_.put(' ');
  if (depth < frames_.size()) {
    const size_t at = frames_.size() - 1 - depth;
    const std::string_view label = frames_[at].label;
    if (!label.empty() && open_labels_[label].back() == at) return out_.identifier(label);
    out_.number(depth);
    if (!with_comment || !label.empty()) return;
    out_.put(" (;L");
    out_.number(at + 1);
    return out_.put(";)");
  }
  out_.number(depth);
}

// Immediates. Order in the text is not always that of the binary format.

/// The reader has resolved the type; the text wants its index, so the bytes are looked at again (spec 5.4.1).
void CodePrinter::immediate(const OpInfo &op, const wasm::BlockImm &imm) {
  open_block(op.family == Family::if_);
  if (const auto index = block_type_.s33(); index && *index >= 0) return type_use(wasm::TypeIndex(*index), Identifiers());
  types("result", imm.type.results, 0, Identifiers());
}

void CodePrinter::immediate(const OpInfo &, const wasm::LabelImm &imm) { target(imm.depth, true); }

void CodePrinter::immediate(const OpInfo &, const wasm::BrTableImm &imm) {
  for (const uint32_t depth : imm.depths) target(depth, false);
  target(imm.default_depth, false);
}

void CodePrinter::immediate(const OpInfo &, const wasm::TypeImm &imm) { ids_.types.use(out_, raw(imm.type)); }
void CodePrinter::immediate(const OpInfo &, const wasm::FuncImm &imm) { ids_.funcs.use(out_, raw(imm.func)); }
void CodePrinter::immediate(const OpInfo &, const wasm::LocalImm &imm) { locals_->use(out_, raw(imm.local)); }
void CodePrinter::immediate(const OpInfo &, const wasm::GlobalImm &imm) { ids_.globals.use(out_, raw(imm.global)); }
void CodePrinter::immediate(const OpInfo &, const wasm::DataImm &imm) { ids_.datas.use(out_, raw(imm.data)); }
void CodePrinter::immediate(const OpInfo &, const wasm::ElemImm &imm) { ids_.elems.use(out_, raw(imm.elem)); }
void CodePrinter::immediate(const OpInfo &, const wasm::TableImm &imm) { optional(ids_.tables, raw(imm.table)); }
void CodePrinter::immediate(const OpInfo &, const wasm::MemoryImm &imm) { optional(ids_.memories, raw(imm.memory)); }
void CodePrinter::immediate(const OpInfo &, const wasm::HeapTypeImm &imm) { heap_type(imm.type); }

void CodePrinter::immediate(const OpInfo &, const wasm::CallIndirectImm &imm) {
  optional(ids_.tables, raw(imm.table));
  type_use(imm.type, Identifiers());
}

void CodePrinter::immediate(const OpInfo &, const wasm::SelectImm &imm) {
  out_.put(" (result ");
  val_type(imm.type);
  out_.put(')');
}

void CodePrinter::immediate(const OpInfo &op, const wasm::MemArg &imm) {
  optional(ids_.memories, raw(imm.memory));
  if (imm.offset != 0) {
    out_.put(" offset=");
    out_.number(imm.offset);
  }
  if (imm.align_log2 == wasm::natural_alignment_log2(op)) return;
  out_.put(" align=");
  out_.number(uint64_t{1} << imm.align_log2);
}

void CodePrinter::immediate(const OpInfo &op, const wasm::ConstImm &imm) {
  out_.put(' ');
  switch (op.signature.results[0]) {
    case 'i': return out_.signed_number(int32_t(imm.bits));
    case 'l': return out_.signed_number(int64_t(imm.bits));
    case 'f': return out_.f32(uint32_t(imm.bits));
    default: return out_.f64(imm.bits);
  }
}

void CodePrinter::immediate(const OpInfo &, const wasm::V128Imm &imm) {
  out_.put(" i32x4");
  for (uint64_t word : {imm.low, imm.low >> 32, imm.high, imm.high >> 32}) {
    out_.put(" 0x");
    out_.hex(uint32_t(word));
  }
}

void CodePrinter::immediate(const OpInfo &, const wasm::LaneImm &imm) {
  out_.put(' ');
  out_.number(imm.lane);
}

void CodePrinter::immediate(const OpInfo &op, const wasm::MemArgLaneImm &imm) {
  immediate(op, imm.memarg);
  immediate(op, wasm::LaneImm{imm.lane});
}

void CodePrinter::immediate(const OpInfo &op, const wasm::ShuffleImm &imm) {
  for (uint8_t lane : imm.lanes) immediate(op, wasm::LaneImm{lane});
}

void CodePrinter::optional(const Identifiers &ids, uint32_t index) {
  if (index != 0) ids.use(out_, index);
}

void CodePrinter::two_or_none(const Identifiers &ids, uint32_t destination, uint32_t source) {
  if (destination == 0 && source == 0) return;
  ids.use(out_, destination);
  ids.use(out_, source);
}

void CodePrinter::immediate(const OpInfo &, const wasm::MemoryInitImm &imm) {
  optional(ids_.memories, raw(imm.memory));
  ids_.datas.use(out_, raw(imm.data));
}

void CodePrinter::immediate(const OpInfo &, const wasm::TableInitImm &imm) {
  optional(ids_.tables, raw(imm.table));
  ids_.elems.use(out_, raw(imm.elem));
}

void CodePrinter::immediate(const OpInfo &, const wasm::MemoryCopyImm &imm) {
  two_or_none(ids_.memories, raw(imm.destination), raw(imm.source));
}

void CodePrinter::immediate(const OpInfo &, const wasm::TableCopyImm &imm) {
  two_or_none(ids_.tables, raw(imm.destination), raw(imm.source));
}

}  // namespace wasmc::text
