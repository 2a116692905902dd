// The rules of validation: one method per family of opcodes.def, over a stack of operand types and a stack of open blocks
// (spec 3.3 Instructions, 7.3 Validation algorithm). Instructions whose signature is fixed share one rule, which is inline; the
// other rules are in checker.cpp.
#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "wasm/module.h"
#include "wasm/opcode.h"

namespace wasmc::wasm {

/// A fixed signature as types.
struct FixedSignature {
  uint8_t param_count = 0, result_count = 0;
  std::array<ValType, 3> params{};
  ValType result;
};

/// The natural alignment of an access whose row has this argument.
constexpr uint32_t access_size_log2(Arg arg) {
  switch (arg) {
    case Arg::S8: case Arg::U8: return 0;
    case Arg::S16: case Arg::U16: return 1;
    case Arg::S32: case Arg::U32: return 2;
    default: return 3;
  }
}

class Checker {
 public:
  explicit Checker(const Module &module) : module_(module) {}

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

#define WASM_FAMILY(family, Imm) Result<> family(const OpInfo &op, const Imm &imm);
#include "wasm/opcodes.def"

 private:
  struct Frame {
    Family opener;           ///< block, loop, if_, else_
    bool unreachable = false;  ///< the rest of the block is never reached, and its stack yields any type
    bool hidden = false;     ///< opened where the code was unreachable already
    uint32_t height = 0;     ///< of the operand stack below the block's parameters
    BlockType type;
  };

  // Operands.
  void push(ValType type) { operands_.push_back(type); }
  Result<> push_all(std::span<const ValType> types);
  Result<> pop(ValType expected) {
    if (operands_.size() > floor_) [[likely]]
      if (const ValType found = operands_.back(); found == expected) [[likely]] {
        operands_.pop_back();
        return {};
      }
    return pop_slowly(expected);
  }
  Result<> pop_slowly(ValType expected);
  Result<ValType> pop_any();
  Result<> pop_all(std::span<const ValType> types);
  Result<> check_top(std::span<const ValType> types);
  Result<> fixed(const OpInfo &op);
  Result<> fixed_slowly(const FixedSignature &signature);

  // Blocks.
  Result<> open(Family opener, const BlockType &type);
  Result<> close();
  /// The frame that a label means.
  Result<const Frame *> target(uint32_t depth);
  static std::span<const ValType> label_types(const Frame &frame) {
    return frame.opener == Family::loop ? frame.type.params : frame.type.results;
  }
  void set_unreachable();
  void enter_top_frame();

  // Indices.
  Result<> call_type(const FuncType &type);
  Result<ValType> table_element(TableIndex table);
  Result<> memory(MemoryIndex memory);
  Result<> access(const OpInfo &op, const MemArg &imm);
  Result<> data(DataIndex data);
  Result<ValType> element(ElemIndex elem);
  Result<> three_i32();

  // Errors.
  std::unexpected<Error> error(std::string message) const { return fail(std::move(message), at_); }
  std::unexpected<Error> unknown(const char *what, uint32_t index) const;
  std::unexpected<Error> mismatch(ValType expected, ValType found) const;
  std::unexpected<Error> missing(std::string expected) const;
  std::unexpected<Error> bad_alignment() const;
  std::unexpected<Error> bad_offset() const;

  const Module &module_;
  uint64_t at_ = 0;
  std::span<const ValType> locals_;
  std::vector<ValType> operands_;
  std::vector<Frame> frames_;
  // Of the innermost frame, where each instruction looks.
  size_t floor_ = 0;
  bool is_reachable_ = false;
};

/// By row of kOpTable.
inline constexpr auto kFixedSignatures = [] {
  std::array<FixedSignature, std::size(kOpTable)> out{};
  for (size_t row = 0; row < out.size(); ++row) {
    const Signature &from = kOpTable[row].signature;
    out[row].param_count = uint8_t(from.params.size());
    for (size_t i = 0; i < from.params.size(); ++i) out[row].params[i] = type_of_letter(from.params[i]);
    out[row].result_count = uint8_t(from.results.size());
    if (from.results.size() == 1) out[row].result = type_of_letter(from.results[0]);
  }
  return out;
}();
static_assert(std::ranges::all_of(kOpTable, [](const OpInfo &op) { return op.signature.results.size() <= 1; }),
              "FixedSignature holds one result");

inline Result<> Checker::fixed(const OpInfo &op) {
  const FixedSignature &signature = kFixedSignatures[size_t(&op - kOpTable)];
  const size_t count = signature.param_count, size = operands_.size();
  if (size - floor_ < count) [[unlikely]] return fixed_slowly(signature);
  const ValType *operands = operands_.data() + size - count;
  for (size_t i = 0; i < count; ++i)
    if (operands[i] != signature.params[i]) [[unlikely]] return fixed_slowly(signature);
  operands_.resize(size - count);
  if (signature.result_count) push(signature.result);
  return {};
}

inline Result<> Checker::access(const OpInfo &op, const MemArg &imm) {
  TRY(memory(imm.memory));
  if (imm.align_log2 > access_size_log2(op.arg)) [[unlikely]] return bad_alignment();
  if (imm.offset > 0xffffffff) [[unlikely]] return bad_offset();
  return fixed(op);
}

inline Result<> Checker::memory(MemoryIndex memory) {
  if (raw(memory) >= module_.memories.size()) [[unlikely]] return unknown("memory", raw(memory));
  return {};
}

inline Result<> Checker::load(const OpInfo &op, const MemArg &imm) { return access(op, imm); }
inline Result<> Checker::store(const OpInfo &op, const MemArg &imm) { return access(op, imm); }
inline Result<> Checker::constant(const OpInfo &op, const ConstImm &) { return fixed(op); }
inline Result<> Checker::test(const OpInfo &op, const NoImm &) { return fixed(op); }
inline Result<> Checker::compare(const OpInfo &op, const NoImm &) { return fixed(op); }
inline Result<> Checker::unary(const OpInfo &op, const NoImm &) { return fixed(op); }
inline Result<> Checker::binary(const OpInfo &op, const NoImm &) { return fixed(op); }
inline Result<> Checker::convert(const OpInfo &op, const NoImm &) { return fixed(op); }

inline Result<> Checker::local(const OpInfo &op, const LocalImm &imm) {
  if (raw(imm.local) >= locals_.size()) [[unlikely]] return unknown("local", raw(imm.local));
  const ValType type = locals_[raw(imm.local)];
  if (op.arg != Arg::Get) TRY(pop(type));
  if (op.arg != Arg::Set) push(type);
  return {};
}

}  // namespace wasmc::wasm
