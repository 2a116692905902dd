#include "wasm/checker.h"

namespace wasmc::wasm {

namespace {

// Single pushes are bounded by the code's size; a call or block with a thousand results takes two bytes.
constexpr size_t kMaxOperands = 1'000'000;

}  // namespace

void Checker::begin(const FuncType &type, std::span<const ValType> locals) {
  locals_ = locals;
  operands_.clear();
  frames_.clear();
  frames_.push_back({.opener = Family::block, .type = {{}, type.results}});
  enter_top_frame();
}

// Errors.

std::unexpected<Error> Checker::unknown(const char *what, uint32_t index) const {
  return error("unknown " + std::string(what) + " " + std::to_string(index));
}

std::unexpected<Error> Checker::mismatch(ValType expected, ValType found) const {
  return error("type mismatch: expected " + to_string(expected) + ", found " + to_string(found));
}

std::unexpected<Error> Checker::missing(std::string expected) const {
  return error("type mismatch: expected " + std::move(expected) + ", found nothing");
}

std::unexpected<Error> Checker::bad_alignment() const { return error("alignment must not be larger than natural"); }

std::unexpected<Error> Checker::bad_offset() const { return error("offset out of range"); }

// Operands.

Result<> Checker::push_all(std::span<const ValType> types) {
  if (types.size() > kMaxOperands - operands_.size())
    return error("too many operands: the limit is " + std::to_string(kMaxOperands));
  operands_.insert(operands_.end(), types.begin(), types.end());
  return {};
}

Result<ValType> Checker::pop_any() {
  if (operands_.size() > floor_) {
    const ValType found = operands_.back();
    operands_.pop_back();
    return found;
  }
  if (frames_.back().unreachable) return kBottom;
  return missing("a value");
}

Result<> Checker::pop_slowly(ValType expected) {
  if (operands_.size() == floor_ && !frames_.back().unreachable) return missing(to_string(expected));
  const ValType found = TRY(pop_any());
  if (found != expected && found != kBottom) return mismatch(expected, found);
  return {};
}

Result<> Checker::pop_all(std::span<const ValType> types) {
  for (size_t i = types.size(); i-- > 0;) TRY(pop(types[i]));
  return {};
}

/// As popping and pushing back; bottoms below the stack are left out.
Result<> Checker::check_top(std::span<const ValType> types) {
  size_t left = operands_.size() - floor_;
  for (size_t i = types.size(); i-- > 0; --left) {
    if (left == 0 && frames_.back().unreachable) return {};
    if (left == 0) return missing(to_string(types[i]));
    const ValType found = operands_[floor_ + left - 1];
    if (found != types[i] && found != kBottom) return mismatch(types[i], found);
  }
  return {};
}

Result<> Checker::fixed_slowly(const FixedSignature &signature) {
  TRY(pop_all({signature.params.data(), signature.param_count}));
  if (signature.result_count) push(signature.result);
  return {};
}

Result<> Checker::drop(const OpInfo &, const NoImm &) {
  TRY(pop_any());
  return {};
}

Result<> Checker::select(const OpInfo &, const NoImm &) {
  TRY(pop(kI32));
  const ValType second = TRY(pop_any());
  const ValType first = TRY(pop_any());
  for (ValType type : {first, second})
    if (type.is_ref()) return error("type mismatch: select without a type takes numbers, found " + to_string(type));
  if (first != second && first != kBottom && second != kBottom) return mismatch(first, second);
  push(first == kBottom ? second : first);
  return {};
}

Result<> Checker::select_typed(const OpInfo &, const SelectImm &imm) {
  TRY(pop(kI32));
  TRY(pop(imm.type));
  TRY(pop(imm.type));
  push(imm.type);
  return {};
}

// Blocks.

void Checker::enter_top_frame() {
  const Frame &frame = frames_.back();
  floor_ = frame.height;
  is_reachable_ = !frame.unreachable && !frame.hidden;
}

void Checker::set_unreachable() {
  operands_.resize(floor_);
  frames_.back().unreachable = true;
  is_reachable_ = false;
}

Result<> Checker::open(Family opener, const BlockType &type) {
  TRY(pop_all(type.params));
  frames_.push_back({.opener = opener, .hidden = !is_reachable_, .height = uint32_t(operands_.size()), .type = type});
  enter_top_frame();
  return push_all(type.params);
}

/// The end of a block's code, or of an if's first half: the stack holds the results, and nothing else.
Result<> Checker::close() {
  TRY(pop_all(frames_.back().type.results));
  if (const size_t rest = operands_.size() - floor_; rest != 0)
    return error("type mismatch: " + std::to_string(rest) + " more values on the stack than the block has results");
  return {};
}

Result<const Checker::Frame *> Checker::target(uint32_t depth) {
  if (depth >= frames_.size()) return unknown("label", depth);
  return &frames_[frames_.size() - 1 - depth];
}

Result<> Checker::unreachable(const OpInfo &, const NoImm &) {
  set_unreachable();
  return {};
}

Result<> Checker::nop(const OpInfo &, const NoImm &) { return {}; }

Result<> Checker::block(const OpInfo &, const BlockImm &imm) { return open(Family::block, imm.type); }

Result<> Checker::loop(const OpInfo &, const BlockImm &imm) { return open(Family::loop, imm.type); }

Result<> Checker::if_(const OpInfo &, const BlockImm &imm) {
  TRY(pop(kI32));
  return open(Family::if_, imm.type);
}

Result<> Checker::else_(const OpInfo &, const NoImm &) {
  Frame &frame = frames_.back();
  if (frame.opener != Family::if_) return error("END opcode expected: else without an if");
  TRY(close());
  frame.opener = Family::else_;
  frame.unreachable = false;
  enter_top_frame();
  return push_all(frame.type.params);
}

Result<> Checker::end(const OpInfo &, const NoImm &) {
  TRY(close());
  const Frame frame = frames_.back();
  if (frame.opener == Family::if_ && !std::ranges::equal(frame.type.params, frame.type.results))
    return error("type mismatch: an if without else must have results like its parameters");
  frames_.pop_back();
  if (finished()) return {};
  enter_top_frame();
  return push_all(frame.type.results);
}

Result<> Checker::br(const OpInfo &, const LabelImm &imm) {
  TRY(pop_all(label_types(*TRY(target(imm.depth)))));
  set_unreachable();
  return {};
}

Result<> Checker::br_if(const OpInfo &, const LabelImm &imm) {
  const Frame &frame = *TRY(target(imm.depth));
  TRY(pop(kI32));
  TRY(pop_all(label_types(frame)));
  return push_all(label_types(frame));
}

Result<> Checker::br_table(const OpInfo &, const BrTableImm &imm) {
  TRY(pop(kI32));
  const auto expected = label_types(*TRY(target(imm.default_depth)));
  for (uint32_t depth : imm.depths) {
    const auto types = label_types(*TRY(target(depth)));
    if (types.size() != expected.size())
      return error("type mismatch: label " + std::to_string(depth) + " takes " + std::to_string(types.size()) +
                   " values, the default label " + std::to_string(expected.size()));
    TRY(check_top(types));
  }
  TRY(pop_all(expected));
  set_unreachable();
  return {};
}

Result<> Checker::return_(const OpInfo &, const NoImm &) {
  TRY(pop_all(frames_.front().type.results));
  set_unreachable();
  return {};
}

// Calls and references to functions.

Result<> Checker::call_type(const FuncType &type) {
  TRY(pop_all(type.params));
  return push_all(type.results);
}

Result<> Checker::call(const OpInfo &, const FuncImm &imm) {
  if (raw(imm.func) >= module_.functions.size()) return unknown("function", raw(imm.func));
  return call_type(module_.func_type(imm.func));
}

Result<> Checker::call_indirect(const OpInfo &, const CallIndirectImm &imm) {
  if (const ValType type = TRY(table_element(imm.table)); !type.is_funcref()) return mismatch(kFuncRef, type);
  if (raw(imm.type) >= module_.types.size()) return unknown("type", raw(imm.type));
  TRY(pop(kI32));
  return call_type(module_.types[raw(imm.type)]);
}

Result<> Checker::ref_null(const OpInfo &, const HeapTypeImm &imm) {
  push(ValType::ref(imm.type));
  return {};
}

Result<> Checker::ref_is_null(const OpInfo &, const NoImm &) {
  const ValType type = TRY(pop_any());
  if (!type.is_ref() && type != kBottom) return error("type mismatch: expected a reference, found " + to_string(type));
  push(kI32);
  return {};
}

Result<> Checker::ref_func(const OpInfo &, const FuncImm &imm) {
  const uint32_t index = raw(imm.func);
  if (index >= module_.functions.size()) return unknown("function", index);
  if (!module_.declared_functions[index]) return error("undeclared function reference " + std::to_string(index));
  push(kFuncRef);
  return {};
}

// Globals.

Result<> Checker::global(const OpInfo &op, const GlobalImm &imm) {
  if (raw(imm.global) >= module_.globals.size()) return unknown("global", raw(imm.global));
  const GlobalType &global = module_.globals[raw(imm.global)].type;
  if (op.arg == Arg::Get) {
    push(global.type);
    return {};
  }
  if (!global.is_mutable) return error("immutable global " + std::to_string(raw(imm.global)));
  return pop(global.type);
}

// Tables.

Result<ValType> Checker::table_element(TableIndex table) {
  if (raw(table) >= module_.tables.size()) return unknown("table", raw(table));
  return module_.tables[raw(table)].type.element;
}

Result<ValType> Checker::element(ElemIndex elem) {
  if (raw(elem) >= module_.elements.size()) return unknown("elem segment", raw(elem));
  return module_.elements[raw(elem)].type;
}

/// The operands of copying, filling and the like: place, place or value, length.
Result<> Checker::three_i32() {
  static constexpr ValType kOperands[] = {kI32, kI32, kI32};
  return pop_all(kOperands);
}

Result<> Checker::table(const OpInfo &op, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  if (op.arg == Arg::Set) TRY(pop(type));
  TRY(pop(kI32));
  if (op.arg == Arg::Get) push(type);
  return {};
}

Result<> Checker::table_size(const OpInfo &, const TableImm &imm) {
  TRY(table_element(imm.table));
  push(kI32);
  return {};
}

Result<> Checker::table_grow(const OpInfo &, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  TRY(pop(kI32));
  TRY(pop(type));
  push(kI32);
  return {};
}

Result<> Checker::table_fill(const OpInfo &, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  TRY(pop(kI32));
  TRY(pop(type));
  return pop(kI32);
}

Result<> Checker::table_copy(const OpInfo &, const TableCopyImm &imm) {
  const ValType destination = TRY(table_element(imm.destination));
  const ValType source = TRY(table_element(imm.source));
  if (destination != source) return mismatch(destination, source);
  return three_i32();
}

Result<> Checker::table_init(const OpInfo &, const TableInitImm &imm) {
  const ValType table = TRY(table_element(imm.table));
  const ValType elem = TRY(element(imm.elem));
  if (table != elem) return mismatch(table, elem);
  return three_i32();
}

Result<> Checker::elem_drop(const OpInfo &, const ElemImm &imm) {
  TRY(element(imm.elem));
  return {};
}

// Memories.

/// Code comes before the data section, so the data count section tells how many segments there are.
Result<> Checker::data(DataIndex data) {
  if (!module_.data_count) return error("data count section required");
  if (raw(data) >= *module_.data_count) return unknown("data segment", raw(data));
  return {};
}

Result<> Checker::memory_size(const OpInfo &op, const MemoryImm &imm) {
  TRY(memory(imm.memory));
  return fixed(op);
}

Result<> Checker::memory_grow(const OpInfo &op, const MemoryImm &imm) {
  TRY(memory(imm.memory));
  return fixed(op);
}

Result<> Checker::memory_fill(const OpInfo &, const MemoryImm &imm) {
  TRY(memory(imm.memory));
  return three_i32();
}

Result<> Checker::memory_copy(const OpInfo &, const MemoryCopyImm &imm) {
  TRY(memory(imm.destination));
  TRY(memory(imm.source));
  return three_i32();
}

Result<> Checker::memory_init(const OpInfo &, const MemoryInitImm &imm) {
  TRY(memory(imm.memory));
  TRY(data(imm.data));
  return three_i32();
}

Result<> Checker::data_drop(const OpInfo &, const DataImm &imm) { return data(imm.data); }

}  // namespace wasmc::wasm
