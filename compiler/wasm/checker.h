// The rules of validation: one method per family of opcodes.def, over a stack of operand types and a stack of open blocks
// (spec 3.3 Instructions, 7.3 Validation algorithm). Instructions whose signature is fixed share one rule, which is inline; the
// other rules are in checker.cpp.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wasm/module.h"
#include "wasm/opcode.h"
#include "wasm/operands.h"
#include "wasm/status.h"

namespace wasmc::wasm {

class Checker {
 public:
  explicit Checker(const Module &module);

  /// Starts a function. `locals` (parameters first) must stay in place until the next one.
  void begin(const FuncType &type, std::span<const ValType> locals);
  /// The offset that errors of the next instruction get.
  void at(uint64_t offset) { at_ = offset; }
  /// Whether the function's own `end` has come.
  bool finished() const { return frames_.empty(); }

  /// Whether a sink should see the next instruction: all that is reachable, and `else_` and `end` of the blocks it has seen open.
  bool is_shown(Family family) const {
    const bool closes = family == Family::end || family == Family::else_;
    return is_reachable_ || (closes && !frames_.back().hidden);
  }

#define WASM_FAMILY(family, Imm) Status family(const OpInfo &op, const Imm &imm);
#include "wasm/opcodes.def"

 private:
  struct Frame {
    Family opener;           ///< block, loop, if_, else_
    bool unreachable = false;  ///< the rest of the block is never reached, and its stack yields any type
    bool hidden = false;     ///< opened where the code was unreachable already
    uint32_t height = 0;     ///< of the operand stack below the block's parameters
    uint32_t set_locals = 0; ///< how many entries of set_locals_ were there before it
    BlockType type;
  };

  // Operands.
  [[gnu::always_inline]] void push(ValType type) { operands_.push(type); }
  [[gnu::always_inline]] Status push_all(std::span<const ValType> types) { return types.empty() ? Status() : push_list(types); }
  Status push_list(std::span<const ValType> types);
  [[gnu::always_inline]] Status pop(ValType expected) {
    if (operands_.available() == 0 || *operands_.top(1) != expected) [[unlikely]] return pop_slowly(expected);
    operands_.pop(1);
    return {};
  }
  Status pop_slowly(ValType expected);
  Status pop_any(ValType &found);
  Status pop_ref(ValType &found);
  [[gnu::always_inline]] Status pop_all(std::span<const ValType> types) {
    for (size_t i = types.size(); i-- > 0;) CHECK(pop(types[i]));
    return {};
  }
  Status check_top(std::span<const ValType> types);
  /// The rule of a family whose rows all have a fixed signature, with as many parameters each.
  template <Family kFamily> Status fixed(const OpInfo &op);
  /// The same where the address type of an existing memory stands for the letter 'a'.
  template <Family kFamily> Status fixed_at(const OpInfo &op, MemoryIndex memory);
  Status fixed_at_slowly(const OpInfo &op, MemoryIndex memory);
  Status fixed_slowly(const FixedSignature &signature);

  // Blocks.
  Status open(Family opener, const BlockType &type);
  Status close();
  /// The frame that a label means.
  [[gnu::always_inline]] Status target(uint32_t depth, const Frame *&frame) {
    if (depth >= frames_.size()) [[unlikely]] return unknown("label", depth);
    frame = &frames_.back() - depth;
    return {};
  }
  static std::span<const ValType> label_types(const Frame &frame) {
    return frame.opener == Family::loop ? frame.type.params : frame.type.results;
  }
  void set_unreachable();
  void enter_top_frame() {
    const Frame &frame = frames_.back();
    operands_.set_floor(frame.height);
    is_reachable_ = !frame.unreachable && !frame.hidden;
  }

  // Indices.
  Status call_type(const FuncType &type);
  Status return_call_type(const FuncType &type);
  Status function_type(TypeIndex type, const FuncType *&found);
  // The type that a call through a table or a reference asks for, with the operand that says which function it is popped.
  Status indirect_type(const CallIndirectImm &imm, const FuncType *&type);
  Status reference_type(const TypeImm &imm, const FuncType *&type);
  Result<ValType> table_element(TableIndex table);
  Status memory(MemoryIndex memory);
  /// Memory, alignment and offset of an access.
  Status access(const MemArg &imm, Arg arg);
  Status access_slowly(const MemArg &imm, Arg arg);
  Status atomic_access(const OpInfo &op, const MemArg &imm);
  ValType address_type(MemoryIndex memory) const { return module_.memories[raw(memory)].limits.address(); }
  ValType address_type(TableIndex table) const { return module_.tables[raw(table)].type.limits.address(); }
  Status lane(uint8_t lane, uint32_t lanes);
  Status data(DataIndex data);
  Result<ValType> element(ElemIndex elem);
  Status three(ValType first, ValType second, ValType third);

  // Locals that have no default value (spec 3.3.1: the initialisation status of locals).
  Status get_unset(uint32_t local);
  void mark_set(uint32_t local);
  /// Forgets what was set in the innermost frame.
  void unset_locals();

  // Errors.
  std::unexpected<Error> error(std::string message) const { return fail(std::move(message), at_); }
  std::unexpected<Error> unknown(const char *what, uint32_t index) const;
  std::unexpected<Error> mismatch(ValType expected, ValType found) const;
  std::unexpected<Error> missing(std::string expected) const;
  std::unexpected<Error> bad_alignment() const;
  std::unexpected<Error> bad_offset() const;

  const Module &module_;
  uint32_t plain_memories_ = 0;  ///< memories with a lower index have 32-bit addresses, as OpInfo::types has it
  uint64_t at_ = 0;
  std::span<const ValType> locals_;
  Operands operands_;
  std::vector<Frame> frames_;
  bool some_unset_ = false;           ///< whether there are locals without a default value
  std::vector<bool> is_set_;          ///< by local; empty if there are none
  std::vector<uint32_t> set_locals_;  ///< those without a default that have been set in the open frames, in order
  bool is_reachable_ = false;  ///< of the innermost frame, where each instruction looks
};

/// How many parameters and results the rows of a family have.
struct Arity {
  size_t params = 0, results = 0;
  friend bool operator==(Arity, Arity) = default;
};
consteval Arity arity_of(Family family) {
  std::optional<Arity> arity;
  for (const OpInfo &op : kOpTable) {
    if (op.family != family) continue;
    const Arity own{op.signature.params.size(), op.signature.results.size()};
    if (arity && *arity != own) bad_signature("the rows of a family with fixed signatures differ in arity");
    arity = own;
  }
  return *arity;
}

template <Family kFamily> [[gnu::always_inline]] inline Status Checker::fixed(const OpInfo &op) {
  constexpr Arity kArity = arity_of(kFamily);
  const FixedSignature &signature = op.types;
  if (operands_.available() < kArity.params) [[unlikely]] return fixed_slowly(signature);
  ValType *params = operands_.top(kArity.params);
  for (size_t i = 0; i < kArity.params; ++i)
    if (params[i] != signature.params[i]) [[unlikely]] return fixed_slowly(signature);
  if constexpr (kArity.params > 0 && kArity.results == 1) {
    params[0] = signature.result;
    operands_.pop(kArity.params - 1);
  } else {
    operands_.pop(kArity.params);
    if (kArity.results == 1) push(signature.result);
  }
  return {};
}

template <Family kFamily> [[gnu::always_inline]] inline Status Checker::fixed_at(const OpInfo &op, MemoryIndex memory) {
  if (raw(memory) >= plain_memories_) [[unlikely]] return fixed_at_slowly(op, memory);
  return fixed<kFamily>(op);
}

[[gnu::always_inline]] inline Status Checker::access(const MemArg &imm, Arg arg) {
  if (raw(imm.memory) >= plain_memories_) [[unlikely]] return access_slowly(imm, arg);
  if (imm.align_log2 > access_size_log2(arg)) [[unlikely]] return bad_alignment();
  if (imm.offset > 0xffffffff) [[unlikely]] return bad_offset();
  return {};
}

[[gnu::always_inline]] inline Status Checker::memory(MemoryIndex memory) {
  if (raw(memory) >= module_.memories.size()) [[unlikely]] return unknown("memory", raw(memory));
  return {};
}

[[gnu::always_inline]] inline Status Checker::load(const OpInfo &op, const MemArg &imm) {
  CHECK(access(imm, op.arg));
  return fixed_at<Family::load>(op, imm.memory);
}

[[gnu::always_inline]] inline Status Checker::store(const OpInfo &op, const MemArg &imm) {
  CHECK(access(imm, op.arg));
  return fixed_at<Family::store>(op, imm.memory);
}

[[gnu::always_inline]] inline Status Checker::constant(const OpInfo &op, const ConstImm &) { return fixed<Family::constant>(op); }
[[gnu::always_inline]] inline Status Checker::test(const OpInfo &op, const NoImm &) { return fixed<Family::test>(op); }
[[gnu::always_inline]] inline Status Checker::compare(const OpInfo &op, const NoImm &) { return fixed<Family::compare>(op); }
[[gnu::always_inline]] inline Status Checker::unary(const OpInfo &op, const NoImm &) { return fixed<Family::unary>(op); }
[[gnu::always_inline]] inline Status Checker::binary(const OpInfo &op, const NoImm &) { return fixed<Family::binary>(op); }
[[gnu::always_inline]] inline Status Checker::v128_compare(const OpInfo &op, const NoImm &) { return fixed<Family::v128_compare>(op); }
[[gnu::always_inline]] inline Status Checker::v128_unary(const OpInfo &op, const NoImm &) { return fixed<Family::v128_unary>(op); }
[[gnu::always_inline]] inline Status Checker::v128_binary(const OpInfo &op, const NoImm &) { return fixed<Family::v128_binary>(op); }
[[gnu::always_inline]] inline Status Checker::convert(const OpInfo &op, const NoImm &) { return fixed<Family::convert>(op); }

[[gnu::always_inline]] inline Status Checker::local(const OpInfo &op, const LocalImm &imm) {
  if (raw(imm.local) >= locals_.size()) [[unlikely]] return unknown("local", raw(imm.local));
  const ValType type = locals_[raw(imm.local)];
  if (some_unset_) [[unlikely]] {
    if (op.arg == Arg::Get) {
      CHECK(get_unset(raw(imm.local)));
    } else {
      mark_set(raw(imm.local));
    }
  }
  if (op.arg != Arg::Get) CHECK(pop(type));
  if (op.arg != Arg::Set) push(type);
  return {};
}

}  // namespace wasmc::wasm
