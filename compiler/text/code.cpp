#include "text/code.h"

#include <bit>

#include "text/constants.h"
#include "text/keywords.h"
#include "text/literals.h"
#include "wasm/custom.h"

namespace wasmc::text {

using enum Token::Kind;
using wasm::OpInfo;

Result<> CodeParser::sequence(Emitter &out) {
  while (!frames_.empty() || !cursor_.at(RightParen)) TRY(step(out));
  return expect_no_hint();
}

Result<> CodeParser::folded(Emitter &out) {
  if (!cursor_.at(LeftParen)) return cursor_.unexpected();
  do TRY(step(out));
  while (!frames_.empty());
  return {};
}

Result<> CodeParser::step(Emitter &out) {
  if (cursor_.at_annotation(wasm::kBranchHintSection)) return branch_hint();
  const bool was_hinted = hint_.has_value();
  TRY(cursor_.at(LeftParen) ? open(out) : cursor_.at(RightParen) ? close(out) : plain(out));
  return was_hinted ? expect_no_hint() : Result<>();
}

/// `(@metadata.code.branch_hint "\00")`: unlikely, or `"\01"`: likely.
Result<> CodeParser::branch_hint() {
  if (!in_function_) return cursor_.unexpected();
  const auto fail_here = [this](const char *why) { return fail("@" + std::string(wasm::kBranchHintSection) + " annotation: " + why, cursor_.offset()); };
  if (hint_) return fail_here("duplicate annotation");
  hint_offset_ = cursor_.offset();
  cursor_.next();
  if (!cursor_.at(String)) return fail_here("unexpected token");
  const std::string value = decode(cursor_.peek());
  if (value.size() != 1 || uint8_t(value[0]) > 1) return fail_here("malformed hint");
  cursor_.next();
  hint_ = value[0] == 1;
  if (!cursor_.take(RightParen)) return fail_here("unexpected token");
  return {};
}

Result<> CodeParser::expect_no_hint() const {
  if (hint_) return fail("@" + std::string(wasm::kBranchHintSection) + " annotation: invalid target", hint_offset_);
  return {};
}

Result<> CodeParser::begin(const OpInfo &op, Emitter &out) {
  out.mark(cursor_.offset());
  if (op.family != wasm::Family::if_ && op.family != wasm::Family::br_if) return expect_no_hint();
  if (hint_) out.hint(*hint_);
  hint_.reset();
  return {};
}

Result<const OpInfo *> CodeParser::mnemonic() {
  if (!cursor_.at(Keyword)) return cursor_.unexpected();
  const OpInfo *op = find_mnemonic(cursor_.peek().text);
  if (op) return op;
  if (auto later = later_mnemonic(cursor_.peek().text)) return fail(*later, cursor_.offset());
  return cursor_.unexpected();
}

Result<> CodeParser::open(Emitter &out) {
  cursor_.next();
  if (cursor_.at_keyword("then") || cursor_.at_keyword("else")) return open_then_or_else(out);
  if (in(Kind::AfterThen)) return cursor_.unexpected();
  const OpInfo *op = TRY(mnemonic());
  switch (op->family) {
    case wasm::Family::block:
    case wasm::Family::loop: {
      TRY(open_block(*op, out));
      frames_.back().kind = Kind::Block;
      return {};
    }
    case wasm::Family::if_: {
      // The label is in scope only after the condition.
      Frame frame{Kind::Condition, {}};
      TRY(begin(*op, frame.later));
      cursor_.next();
      frame.label = TRY(label());
      frame.later.opcode(op->code);
      TRY(block_type(frame.later));
      frames_.push_back(std::move(frame));
      return {};
    }
    case wasm::Family::else_:
    case wasm::Family::end: return cursor_.unexpected();
    default: {
      Frame frame{Kind::Folded, {}};
      TRY(instruction(*op, frame.later));
      frames_.push_back(std::move(frame));
      return {};
    }
  }
}

Result<> CodeParser::open_then_or_else(Emitter &out) {
  const bool is_then = cursor_.at_keyword("then");
  if (!in(is_then ? Kind::Condition : Kind::AfterThen)) return cursor_.unexpected();
  Frame &frame = frames_.back();
  if (is_then) {
    out.append(frame.later);
    enter(frame.label);
  } else {
    out.mark(cursor_.offset());
    out.opcode(wasm::op::Else);
  }
  cursor_.next();
  frame.kind = Kind::AfterThen;
  frames_.push_back({is_then ? Kind::Then : Kind::Else, {}});
  return {};
}

Result<> CodeParser::close(Emitter &out) {
  if (frames_.empty()) return cursor_.unexpected();
  Frame &frame = frames_.back();
  switch (frame.kind) {
    case Kind::Folded: out.append(frame.later); break;
    case Kind::Block:
    case Kind::AfterThen:
      out.mark(cursor_.offset());
      out.opcode(wasm::op::End);
      labels_.pop_back();
      break;
    case Kind::Then:
    case Kind::Else: break;
    case Kind::Condition:
    case Kind::FlatBlock:
    case Kind::FlatIf: return cursor_.unexpected();
  }
  frames_.pop_back();
  cursor_.next();
  return {};
}

Result<> CodeParser::plain(Emitter &out) {
  if (in(Kind::Folded) || in(Kind::Condition) || in(Kind::AfterThen)) return cursor_.unexpected();
  const OpInfo *op = TRY(mnemonic());
  switch (op->family) {
    case wasm::Family::block:
    case wasm::Family::loop:
    case wasm::Family::if_: return open_block(*op, out);
    case wasm::Family::else_: return flat_else(out);
    case wasm::Family::end: return flat_end(out);
    default: return instruction(*op, out);
  }
}

Result<> CodeParser::open_block(const OpInfo &op, Emitter &out) {
  TRY(begin(op, out));
  cursor_.next();
  frames_.push_back({op.family == wasm::Family::if_ ? Kind::FlatIf : Kind::FlatBlock, TRY(label())});
  enter(frames_.back().label);
  out.opcode(op.code);
  return block_type(out);
}

void CodeParser::enter(const std::string &label) {
  labels_.push_back(label);
  if (!label.empty()) label_names.emplace_back(blocks_, label);
  ++blocks_;
}

Result<> CodeParser::flat_else(Emitter &out) {
  if (!in(Kind::FlatIf)) return cursor_.unexpected();
  out.mark(cursor_.offset());
  out.opcode(wasm::op::Else);
  cursor_.next();
  frames_.back().kind = Kind::FlatBlock;
  return repeat_label(frames_.back());
}

Result<> CodeParser::flat_end(Emitter &out) {
  if (!in(Kind::FlatIf) && !in(Kind::FlatBlock)) return cursor_.unexpected();
  out.mark(cursor_.offset());
  out.opcode(wasm::op::End);
  cursor_.next();
  TRY(repeat_label(frames_.back()));
  frames_.pop_back();
  labels_.pop_back();
  return {};
}

Result<std::string> CodeParser::label() {
  const Label label = TRY(cursor_.take_label());
  return label.id ? decode(*label.id) : std::string();
}

Result<> CodeParser::repeat_label(const Frame &frame) {
  const uint64_t at = cursor_.offset();
  if (const Token *id = cursor_.take_id(); id && decode(*id) != frame.label) return fail("mismatching label " + std::string(id->text), at);
  return {};
}

/// Spec 6.5.2: nothing, a single result, or a type use.
Result<> CodeParser::block_type(Emitter &out) {
  if (!cursor_.at_list("type")) {
    const size_t start = cursor_.position();
    const Signature written = TRY(context_.types.signature(cursor_, nullptr));
    if (written.params.empty() && written.results.size() <= 1) {
      if (written.results.empty()) out.byte(0x40);
      else written.results[0].emit(out);
      return {};
    }
    cursor_.go_to(start);
  }
  out.s(TRY(context_.types.use(cursor_, nullptr)));
  return {};
}

Result<uint32_t> CodeParser::label_depth() {
  if (!cursor_.at(Id)) return uint32_t(TRY(cursor_.unsigned_number(32)));
  const Token &id = cursor_.next();
  const std::string name = decode(id);
  for (size_t depth = 0; depth < labels_.size(); ++depth)
    if (labels_[labels_.size() - 1 - depth] == name) return uint32_t(depth);
  return fail("unknown label " + std::string(id.text), id.offset);
}

// Immediates. Order in the text is not always that of the binary format.

template <> Result<> CodeParser::immediate<wasm::NoImm>(const OpInfo &op, Emitter &out) {
  if (op.code == wasm::op::Select && cursor_.at_list("result")) {
    const Signature types = TRY(context_.types.signature(cursor_, nullptr));
    out.opcode(wasm::op::SelectTyped);
    out.u(types.results.size());
    for (const EncodedType &type : types.results) type.emit(out);
    return {};
  }
  out.opcode(op.code);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::BlockImm>(const OpInfo &, Emitter &) { __builtin_unreachable(); }
template <> Result<> CodeParser::immediate<wasm::SelectImm>(const OpInfo &, Emitter &) { __builtin_unreachable(); }

template <> Result<> CodeParser::immediate<wasm::FenceImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.byte(0);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::LabelImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(label_depth()));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::BrTableImm>(const OpInfo &op, Emitter &out) {
  std::vector<uint32_t> depths;
  do depths.push_back(TRY(label_depth()));
  while (cursor_.at(Number) || cursor_.at(Id));
  out.opcode(op.code);
  out.u(depths.size() - 1);
  for (uint32_t depth : depths) out.u(depth);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::FuncImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.funcs.index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::TypeImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.types.index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::CallIndirectImm>(const OpInfo &op, Emitter &out) {
  const uint32_t table = TRY(context_.spaces.tables.optional_index(cursor_));
  out.opcode(op.code);
  out.u(TRY(context_.types.use(cursor_, nullptr)));
  out.u(table);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::LocalImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(locals.index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::GlobalImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.globals.index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::TableImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.tables.optional_index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::MemoryImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.memories.optional_index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::DataImm>(const OpInfo &op, Emitter &out) {
  context_.names_data = true;
  out.opcode(op.code);
  out.u(TRY(context_.spaces.datas.index(cursor_)));
  return {};
}

template <> Result<> CodeParser::immediate<wasm::ElemImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.u(TRY(context_.spaces.elems.index(cursor_)));
  return {};
}

namespace {

/// `first? second`: an index that is 0 if only one is there, and one that must be. Two index spaces that are told apart by number.
Result<std::pair<uint32_t, uint32_t>> one_or_two(Cursor &cursor, const IndexSpace &first, const IndexSpace &second) {
  const bool both = second.at_index(cursor) && (cursor.peek(1).is(Number) || cursor.peek(1).is(Id));
  const uint32_t optional = both ? TRY(first.index(cursor)) : 0;
  return std::pair(optional, TRY(second.index(cursor)));
}

/// `destination source`, or neither.
Result<std::pair<uint32_t, uint32_t>> two_or_none(Cursor &cursor, const IndexSpace &space) {
  if (!space.at_index(cursor)) return std::pair(0u, 0u);
  const uint32_t destination = TRY(space.index(cursor));
  return std::pair(destination, TRY(space.index(cursor)));
}

/// The number of an `align=8`, if the keyword comes next.
Result<std::optional<uint64_t>> keyword_number(Cursor &cursor, std::string_view keyword) {
  const Token token = cursor.peek();
  if (!token.is(Keyword) || !token.text.starts_with(keyword)) return std::nullopt;
  const auto value = parse_unsigned(token.text.substr(keyword.size()), 64);
  if (!value && value.error() == BadLiteral::Malformed) return fail("unknown operator " + std::string(token.text), token.offset);
  if (!value) return fail("i64 constant out of range", token.offset);
  cursor.next();
  return *value;
}

}  // namespace

template <> Result<> CodeParser::immediate<wasm::MemoryInitImm>(const OpInfo &op, Emitter &out) {
  context_.names_data = true;
  const auto [memory, data] = TRY(one_or_two(cursor_, context_.spaces.memories, context_.spaces.datas));
  out.opcode(op.code);
  out.u(data);
  out.u(memory);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::TableInitImm>(const OpInfo &op, Emitter &out) {
  const auto [table, elem] = TRY(one_or_two(cursor_, context_.spaces.tables, context_.spaces.elems));
  out.opcode(op.code);
  out.u(elem);
  out.u(table);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::MemoryCopyImm>(const OpInfo &op, Emitter &out) {
  const auto [destination, source] = TRY(two_or_none(cursor_, context_.spaces.memories));
  out.opcode(op.code);
  out.u(destination);
  out.u(source);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::TableCopyImm>(const OpInfo &op, Emitter &out) {
  const auto [destination, source] = TRY(two_or_none(cursor_, context_.spaces.tables));
  out.opcode(op.code);
  out.u(destination);
  out.u(source);
  return {};
}

/// `memory? offset=…? align=…?`, after the opcode.
Result<> CodeParser::memarg(const OpInfo &op, uint32_t memory, Emitter &out) {
  const uint64_t offset = TRY(keyword_number(cursor_, "offset=")).value_or(0);
  const uint64_t at = cursor_.offset();
  uint32_t align_log2 = wasm::natural_alignment_log2(op);
  if (const auto align = TRY(keyword_number(cursor_, "align="))) {
    if (!std::has_single_bit(*align)) return fail("alignment must be a power of two", at);
    align_log2 = uint32_t(std::countr_zero(*align));
  }
  out.opcode(op.code);
  out.u(memory == 0 ? align_log2 : align_log2 | 0x40);
  if (memory != 0) out.u(memory);
  out.u(offset);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::MemArg>(const OpInfo &op, Emitter &out) {
  return memarg(op, TRY(context_.spaces.memories.optional_index(cursor_)), out);
}

namespace {

/// A lane's index, one byte.
Result<uint8_t> lane_index(Cursor &cursor) {
  const Token &token = cursor.peek();
  if (!token.is(Number)) return cursor.unexpected();
  const auto value = parse_unsigned(token.text, 8);
  if (!value && value.error() == BadLiteral::Malformed) return fail("unexpected token " + std::string(token.text), token.offset);
  if (!value) return fail("i8 constant out of range: lane index " + std::string(token.text), token.offset);
  cursor.next();
  return uint8_t(*value);
}

}  // namespace

template <> Result<> CodeParser::immediate<wasm::LaneImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  out.fixed(TRY(lane_index(cursor_)), 1);
  return {};
}

/// A lone number is the lane, not the memory.
template <> Result<> CodeParser::immediate<wasm::MemArgLaneImm>(const OpInfo &op, Emitter &out) {
  const Token &second = cursor_.peek(1);
  const bool has_offset = second.is(Keyword) && (second.text.starts_with("offset=") || second.text.starts_with("align="));
  const bool names_memory = cursor_.at(Id) || (cursor_.at(Number) && (second.is(Number) || has_offset));
  TRY(memarg(op, names_memory ? TRY(context_.spaces.memories.index(cursor_)) : 0, out));
  out.fixed(TRY(lane_index(cursor_)), 1);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::ShuffleImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  for (int i = 0; i < 16; ++i) {
    if (!cursor_.at(Number)) return fail("invalid lane length: i8x16.shuffle takes 16 lane indices", cursor_.offset());
    out.fixed(TRY(lane_index(cursor_)), 1);
  }
  if (cursor_.at(Number)) return fail("invalid lane length: i8x16.shuffle takes 16 lane indices", cursor_.offset());
  return {};
}

template <> Result<> CodeParser::immediate<wasm::V128Imm>(const OpInfo &op, Emitter &out) {
  const V128Bytes bytes = TRY(v128_lanes(cursor_));
  out.opcode(op.code);
  out.bytes({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
  return {};
}

template <> Result<> CodeParser::immediate<wasm::HeapTypeImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  TRY(context_.types.heap_type(cursor_)).emit(out);
  return {};
}

template <> Result<> CodeParser::immediate<wasm::ConstImm>(const OpInfo &op, Emitter &out) {
  out.opcode(op.code);
  switch (op.signature.results[0]) {
    case 'i': out.s(int32_t(TRY(number_literal(cursor_, Literals::Integer, 32)))); break;
    case 'l': out.s(int64_t(TRY(number_literal(cursor_, Literals::Integer, 64)))); break;
    case 'f': out.fixed(TRY(number_literal(cursor_, Literals::Float, 32)), 4); break;
    default: out.fixed(TRY(number_literal(cursor_, Literals::Float, 64)), 8); break;
  }
  return {};
}

Result<> CodeParser::instruction(const OpInfo &op, Emitter &out) {
  TRY(begin(op, out));
  cursor_.next();
  switch (op.family) {
#define WASM_FAMILY(family, Imm) \
  case wasm::Family::family: return immediate<wasm::Imm>(op, out);
#include "wasm/opcodes.def"
  }
  __builtin_unreachable();
}

}  // namespace wasmc::text
