#include "wasm/checker.h"

namespace wasmc::wasm {

namespace {

// Single pushes are bounded by the code's size; a call or block with a thousand results takes two bytes.
constexpr size_t kMaxOperands = 1'000'000;

/// The type of a length that counts in two address types (spec 2.3.11: minimum).
ValType shorter(ValType left, ValType right) { return left == kI64 ? right : left; }

}  // namespace

Checker::Checker(const Module &module) : module_(module) {
  const auto first_64 = std::ranges::find_if(module.memories, [](const MemoryType &memory) { return memory.limits.is_64; });
  plain_memories_ = uint32_t(first_64 - module.memories.begin());
}

void Checker::begin(const FuncType &type, std::span<const ValType> locals) {
  locals_ = locals;
  operands_.clear();
  frames_.clear();
  is_set_.clear();
  set_locals_.clear();
  // Parameters have values; the others without a default are looked for only if there are some.
  some_unset_ = !std::ranges::all_of(locals.subspan(type.params.size()), &ValType::has_default);
  if (some_unset_)
    for (size_t i = 0; i < locals.size(); ++i) is_set_.push_back(i < type.params.size() || locals[i].has_default());
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

Status Checker::push_list(std::span<const ValType> types) {
  if (operands_.size() + types.size() > kMaxOperands)
    return error("too many operands: the limit is " + std::to_string(kMaxOperands));
  operands_.push(types);
  return {};
}

Status Checker::pop_any(ValType &found) {
  if (operands_.available() > 0) {
    found = *operands_.top(1);
    operands_.pop(1);
    return {};
  }
  if (!frames_.back().unreachable) return missing("a value");
  found = kBottom;
  return {};
}

Status Checker::pop_slowly(ValType expected) {
  if (operands_.available() == 0 && !frames_.back().unreachable) return missing(to_string(expected));
  ValType found;
  CHECK(pop_any(found));
  if (!module_.matches(found, expected)) return mismatch(expected, found);
  return {};
}

/// Any reference; bottom in unreachable code becomes a reference to nothing in particular.
Status Checker::pop_ref(ValType &found) {
  CHECK(pop_any(found));
  if (found == kBottom) found = ValType::ref({HeapKind::Bottom, {}}, false);
  if (!found.is_ref()) return error("type mismatch: expected a reference, found " + to_string(found));
  return {};
}

/// As popping and pushing back; bottoms below the stack are left out.
Status Checker::check_top(std::span<const ValType> types) {
  for (size_t i = types.size(); i-- > 0;) {
    const size_t depth = types.size() - i;
    if (depth > operands_.available()) return frames_.back().unreachable ? Status() : missing(to_string(types[i]));
    const ValType found = *operands_.top(depth);
    if (!module_.matches(found, types[i])) return mismatch(types[i], found);
  }
  return {};
}

Status Checker::fixed_slowly(const FixedSignature &signature) {
  CHECK(pop_all({signature.params.data(), signature.param_count}));
  if (signature.result_count) push(signature.result);
  return {};
}

Status Checker::drop(const OpInfo &, const NoImm &) {
  ValType dropped;
  return pop_any(dropped);
}

Status Checker::select(const OpInfo &, const NoImm &) {
  CHECK(pop(kI32));
  ValType first, second;
  CHECK(pop_any(second));
  CHECK(pop_any(first));
  for (ValType type : {first, second})
    if (type.is_ref()) return error("type mismatch: select without a type takes numbers, found " + to_string(type));
  if (first != second && first != kBottom && second != kBottom) return mismatch(first, second);
  push(first == kBottom ? second : first);
  return {};
}

Status Checker::select_typed(const OpInfo &, const SelectImm &imm) {
  CHECK(pop(kI32));
  CHECK(pop(imm.type));
  CHECK(pop(imm.type));
  push(imm.type);
  return {};
}

// Blocks.

void Checker::set_unreachable() {
  operands_.pop_all();
  frames_.back().unreachable = true;
  is_reachable_ = false;
}

Status Checker::open(Family opener, const BlockType &type) {
  CHECK(pop_all(type.params));
  frames_.push_back({.opener = opener, .hidden = !is_reachable_, .height = uint32_t(operands_.size()), .set_locals = uint32_t(set_locals_.size()), .type = type});
  enter_top_frame();
  return push_all(type.params);
}

/// The end of a block's code, or of an if's first half: the stack holds the results, and nothing else.
inline Status Checker::close() {
  CHECK(pop_all(frames_.back().type.results));
  if (const size_t rest = operands_.available(); rest != 0)
    return error("type mismatch: " + std::to_string(rest) + " more values on the stack than the block has results");
  return {};
}

// Locals.

Status Checker::get_unset(uint32_t local) {
  if (is_set_[local]) return {};
  return error("uninitialized local " + std::to_string(local));
}

void Checker::mark_set(uint32_t local) {
  if (is_set_[local]) return;
  is_set_[local] = true;
  set_locals_.push_back(local);
}

void Checker::unset_locals() {
  if (!some_unset_) return;
  for (; set_locals_.size() > frames_.back().set_locals; set_locals_.pop_back()) is_set_[set_locals_.back()] = false;
}

Status Checker::unreachable(const OpInfo &, const NoImm &) {
  set_unreachable();
  return {};
}

Status Checker::nop(const OpInfo &, const NoImm &) { return {}; }

Status Checker::block(const OpInfo &, const BlockImm &imm) { return open(Family::block, imm.type); }

Status Checker::loop(const OpInfo &, const BlockImm &imm) { return open(Family::loop, imm.type); }

Status Checker::if_(const OpInfo &, const BlockImm &imm) {
  CHECK(pop(kI32));
  return open(Family::if_, imm.type);
}

Status Checker::else_(const OpInfo &, const NoImm &) {
  Frame &frame = frames_.back();
  if (frame.opener != Family::if_) return error("END opcode expected: else without an if");
  CHECK(close());
  unset_locals();
  frame.opener = Family::else_;
  frame.unreachable = false;
  enter_top_frame();
  return push_all(frame.type.params);
}

Status Checker::end(const OpInfo &, const NoImm &) {
  CHECK(close());
  unset_locals();
  const Frame &frame = frames_.back();
  const auto matches = [&](ValType from, ValType to) { return module_.matches(from, to); };
  if (frame.opener == Family::if_ && !std::ranges::equal(frame.type.params, frame.type.results, matches))
    return error("type mismatch: an if without else must have results like its parameters");
  const auto results = frame.type.results;
  frames_.pop_back();
  if (finished()) return {};
  enter_top_frame();
  return push_all(results);
}

Status Checker::br(const OpInfo &, const LabelImm &imm) {
  const Frame *frame;
  CHECK(target(imm.depth, frame));
  CHECK(pop_all(label_types(*frame)));
  set_unreachable();
  return {};
}

Status Checker::br_if(const OpInfo &, const LabelImm &imm) {
  const Frame *frame;
  CHECK(target(imm.depth, frame));
  CHECK(pop(kI32));
  CHECK(pop_all(label_types(*frame)));
  return push_all(label_types(*frame));
}

Status Checker::br_table(const OpInfo &, const BrTableImm &imm) {
  CHECK(pop(kI32));
  const Frame *frame;
  CHECK(target(imm.default_depth, frame));
  const auto expected = label_types(*frame);
  for (uint32_t depth : imm.depths) {
    CHECK(target(depth, frame));
    const auto types = label_types(*frame);
    if (types.size() != expected.size())
      return error("type mismatch: label " + std::to_string(depth) + " takes " + std::to_string(types.size()) +
                   " values, the default label " + std::to_string(expected.size()));
    CHECK(check_top(types));
  }
  CHECK(pop_all(expected));
  set_unreachable();
  return {};
}

Status Checker::return_(const OpInfo &, const NoImm &) {
  CHECK(pop_all(frames_.front().type.results));
  set_unreachable();
  return {};
}

// Calls and references to functions.

Status Checker::call_type(const FuncType &type) {
  CHECK(pop_all(type.params));
  return push_all(type.results);
}

Status Checker::call(const OpInfo &, const FuncImm &imm) {
  if (raw(imm.func) >= module_.functions.size()) return unknown("function", raw(imm.func));
  return call_type(module_.func_type(imm.func));
}

Status Checker::function_type(TypeIndex type, const FuncType *&found) {
  if (raw(type) >= module_.types.size()) return unknown("type", raw(type));
  found = &module_.func_type(type);
  return {};
}

/// What is called takes its parameters, and its results are the function's own (spec 3.4.11: return_call).
Status Checker::return_call_type(const FuncType &type) {
  const auto own = frames_.front().type.results;
  const auto matches = [&](ValType from, ValType to) { return module_.matches(from, to); };
  if (!std::ranges::equal(type.results, own, matches))
    return error("type mismatch: a tail call with the results of " + to_string(type) + " from a function with " + std::to_string(own.size()) +
                 " results of other types");
  CHECK(pop_all(type.params));
  set_unreachable();
  return {};
}

Status Checker::return_call(const OpInfo &, const FuncImm &imm) {
  if (raw(imm.func) >= module_.functions.size()) return unknown("function", raw(imm.func));
  return return_call_type(module_.func_type(imm.func));
}

Status Checker::indirect_type(const CallIndirectImm &imm, const FuncType *&type) {
  if (const ValType element = TRY(table_element(imm.table)); !element.is_funcref()) return mismatch(kFuncRef, element);
  CHECK(function_type(imm.type, type));
  return pop(address_type(imm.table));
}

Status Checker::call_indirect(const OpInfo &, const CallIndirectImm &imm) {
  const FuncType *type;
  CHECK(indirect_type(imm, type));
  return call_type(*type);
}

Status Checker::return_call_indirect(const OpInfo &, const CallIndirectImm &imm) {
  const FuncType *type;
  CHECK(indirect_type(imm, type));
  return return_call_type(*type);
}

Status Checker::reference_type(const TypeImm &imm, const FuncType *&type) {
  CHECK(function_type(imm.type, type));
  return pop(ValType::ref({HeapKind::Concrete, imm.type}));
}

Status Checker::call_ref(const OpInfo &, const TypeImm &imm) {
  const FuncType *type;
  CHECK(reference_type(imm, type));
  return call_type(*type);
}

Status Checker::return_call_ref(const OpInfo &, const TypeImm &imm) {
  const FuncType *type;
  CHECK(reference_type(imm, type));
  return return_call_type(*type);
}

Status Checker::ref_as_non_null(const OpInfo &, const NoImm &) {
  ValType type;
  CHECK(pop_ref(type));
  push(type.as_non_null());
  return {};
}

/// The label takes what is below the reference; without a branch the reference stays, known not to be null.
Status Checker::br_on_null(const OpInfo &, const LabelImm &imm) {
  const Frame *frame;
  CHECK(target(imm.depth, frame));
  ValType type;
  CHECK(pop_ref(type));
  CHECK(pop_all(label_types(*frame)));
  CHECK(push_all(label_types(*frame)));
  push(type.as_non_null());
  return {};
}

/// The label's last type is the reference without null; without a branch the reference is gone.
Status Checker::br_on_non_null(const OpInfo &, const LabelImm &imm) {
  const Frame *frame;
  CHECK(target(imm.depth, frame));
  const auto types = label_types(*frame);
  if (types.empty() || !types.back().is_ref()) return error("type mismatch: br_on_non_null needs a label whose last type is a reference");
  CHECK(pop(ValType::ref(types.back().heap())));
  CHECK(pop_all(types.first(types.size() - 1)));
  return push_all(types.first(types.size() - 1));
}

Status Checker::ref_null(const OpInfo &, const HeapTypeImm &imm) {
  push(ValType::ref(imm.type));
  return {};
}

Status Checker::ref_is_null(const OpInfo &, const NoImm &) {
  ValType type;
  CHECK(pop_ref(type));
  push(kI32);
  return {};
}

Status Checker::ref_func(const OpInfo &, const FuncImm &imm) {
  const uint32_t index = raw(imm.func);
  if (index >= module_.functions.size()) return unknown("function", index);
  if (!module_.declared_functions[index]) return error("undeclared function reference " + std::to_string(index));
  push(ValType::ref({HeapKind::Concrete, module_.functions[index]}, false));
  return {};
}

// Globals.

Status Checker::global(const OpInfo &op, const GlobalImm &imm) {
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
Status Checker::three(ValType first, ValType second, ValType third) {
  const ValType operands[] = {first, second, third};
  return pop_all(operands);
}

Status Checker::table(const OpInfo &op, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  if (op.arg == Arg::Set) CHECK(pop(type));
  CHECK(pop(address_type(imm.table)));
  if (op.arg == Arg::Get) push(type);
  return {};
}

Status Checker::table_size(const OpInfo &, const TableImm &imm) {
  TRY(table_element(imm.table));
  push(address_type(imm.table));
  return {};
}

Status Checker::table_grow(const OpInfo &, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  CHECK(pop(address_type(imm.table)));
  CHECK(pop(type));
  push(address_type(imm.table));
  return {};
}

Status Checker::table_fill(const OpInfo &, const TableImm &imm) {
  const ValType type = TRY(table_element(imm.table));
  CHECK(pop(address_type(imm.table)));
  CHECK(pop(type));
  return pop(address_type(imm.table));
}

Status Checker::table_copy(const OpInfo &, const TableCopyImm &imm) {
  const ValType destination = TRY(table_element(imm.destination));
  const ValType source = TRY(table_element(imm.source));
  if (!module_.matches(source, destination)) return mismatch(destination, source);
  const ValType to = address_type(imm.destination), from = address_type(imm.source);
  return three(to, from, shorter(to, from));
}

Status Checker::table_init(const OpInfo &, const TableInitImm &imm) {
  const ValType table = TRY(table_element(imm.table));
  const ValType elem = TRY(element(imm.elem));
  if (!module_.matches(elem, table)) return mismatch(table, elem);
  return three(address_type(imm.table), kI32, kI32);
}

Status Checker::elem_drop(const OpInfo &, const ElemImm &imm) {
  TRY(element(imm.elem));
  return {};
}

// Memories.

/// Code comes before the data section, so the data count section tells how many segments there are.
Status Checker::data(DataIndex data) {
  if (!module_.data_count) return error("data count section required");
  if (raw(data) >= *module_.data_count) return unknown("data segment", raw(data));
  return {};
}

Status Checker::access_slowly(const MemArg &imm, Arg arg) {
  CHECK(memory(imm.memory));
  if (imm.align_log2 > access_size_log2(arg)) return bad_alignment();
  if (address_type(imm.memory) == kI32 && imm.offset > 0xffffffff) return bad_offset();
  return {};
}

Status Checker::fixed_at_slowly(const OpInfo &op, MemoryIndex memory) {
  FixedSignature signature = op.types;
  const ValType address = address_type(memory);
  for (size_t i = 0; i < signature.param_count; ++i) signature.params[i] = type_of_letter(op.signature.params[i], address);
  if (signature.result_count) signature.result = type_of_letter(op.signature.results[0], address);
  return fixed_slowly(signature);
}

/// Proposal threads: the alignment is neither larger nor smaller.
Status Checker::atomic_access(const OpInfo &op, const MemArg &imm) {
  CHECK(memory(imm.memory));
  if (imm.align_log2 != atomic_size_log2(op)) return error("atomic alignment must be natural");
  if (address_type(imm.memory) == kI32 && imm.offset > 0xffffffff) return bad_offset();
  return fixed_at_slowly(op, imm.memory);
}

Status Checker::atomic_notify(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_wait(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_load(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_store(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_rmw(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_cmpxchg(const OpInfo &op, const MemArg &imm) { return atomic_access(op, imm); }
Status Checker::atomic_fence(const OpInfo &, const FenceImm &) { return {}; }

Status Checker::memory_size(const OpInfo &op, const MemoryImm &imm) {
  CHECK(memory(imm.memory));
  return fixed_at<Family::memory_size>(op, imm.memory);
}

Status Checker::memory_grow(const OpInfo &op, const MemoryImm &imm) {
  CHECK(memory(imm.memory));
  return fixed_at<Family::memory_grow>(op, imm.memory);
}

Status Checker::memory_fill(const OpInfo &, const MemoryImm &imm) {
  CHECK(memory(imm.memory));
  return three(address_type(imm.memory), kI32, address_type(imm.memory));
}

Status Checker::memory_copy(const OpInfo &, const MemoryCopyImm &imm) {
  CHECK(memory(imm.destination));
  CHECK(memory(imm.source));
  const ValType to = address_type(imm.destination), from = address_type(imm.source);
  return three(to, from, shorter(to, from));
}

Status Checker::memory_init(const OpInfo &, const MemoryInitImm &imm) {
  CHECK(memory(imm.memory));
  CHECK(data(imm.data));
  return three(address_type(imm.memory), kI32, kI32);
}

Status Checker::data_drop(const OpInfo &, const DataImm &imm) { return data(imm.data); }

// Vectors.

Status Checker::lane(uint8_t lane, uint32_t lanes) {
  if (lane >= lanes) return error("invalid lane index " + std::to_string(lane) + ": there are " + std::to_string(lanes) + " lanes");
  return {};
}

Status Checker::v128_load(const OpInfo &op, const MemArg &imm) {
  CHECK(access(imm, op.arg));
  return fixed_at<Family::v128_load>(op, imm.memory);
}

Status Checker::v128_store(const OpInfo &op, const MemArg &imm) {
  CHECK(access(imm, op.arg));
  return fixed_at<Family::v128_store>(op, imm.memory);
}

Status Checker::v128_load_lane(const OpInfo &op, const MemArgLaneImm &imm) {
  CHECK(access(imm.memarg, op.arg));
  CHECK(lane(imm.lane, 16u >> access_size_log2(op.arg)));
  return fixed_at<Family::v128_load_lane>(op, imm.memarg.memory);
}

Status Checker::v128_store_lane(const OpInfo &op, const MemArgLaneImm &imm) {
  CHECK(access(imm.memarg, op.arg));
  CHECK(lane(imm.lane, 16u >> access_size_log2(op.arg)));
  return fixed_at<Family::v128_store_lane>(op, imm.memarg.memory);
}

Status Checker::v128_constant(const OpInfo &op, const V128Imm &) { return fixed<Family::v128_constant>(op); }

Status Checker::v128_shuffle(const OpInfo &op, const ShuffleImm &imm) {
  for (uint8_t index : imm.lanes) CHECK(lane(index, 32));
  return fixed<Family::v128_shuffle>(op);
}

Status Checker::v128_splat(const OpInfo &op, const NoImm &) { return fixed<Family::v128_splat>(op); }

Status Checker::v128_extract(const OpInfo &op, const LaneImm &imm) {
  CHECK(lane(imm.lane, lane_count(shape_of(op.text))));
  return fixed<Family::v128_extract>(op);
}

Status Checker::v128_replace(const OpInfo &op, const LaneImm &imm) {
  CHECK(lane(imm.lane, lane_count(shape_of(op.text))));
  return fixed<Family::v128_replace>(op);
}

Status Checker::v128_test(const OpInfo &op, const NoImm &) { return fixed<Family::v128_test>(op); }
Status Checker::v128_ternary(const OpInfo &op, const NoImm &) { return fixed<Family::v128_ternary>(op); }
Status Checker::v128_shift(const OpInfo &op, const NoImm &) { return fixed<Family::v128_shift>(op); }

// Wide arithmetic: numbers of 128 bits are two i64, the low half first.

Status Checker::wide_add(const OpInfo &, const NoImm &) {
  static constexpr ValType kTypes[] = {kI64, kI64, kI64, kI64};
  CHECK(pop_all(kTypes));
  return push_all(std::span(kTypes).first(2));
}

Status Checker::wide_multiply(const OpInfo &, const NoImm &) {
  static constexpr ValType kTypes[] = {kI64, kI64};
  CHECK(pop_all(kTypes));
  return push_all(kTypes);
}

}  // namespace wasmc::wasm
