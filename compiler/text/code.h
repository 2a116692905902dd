// Instructions of the text format (spec 6.5), plain and folded, turned into the binary format. Nesting takes no stack.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "text/cursor.h"
#include "text/emitter.h"
#include "text/names.h"
#include "text/types.h"
#include "wasm/opcode.h"

namespace wasmc::text {

/// What instructions refer to.
struct CodeContext {
  const ModuleSpaces &spaces;
  TypeSection &types;
  bool names_data = false;    ///< an instruction named a data segment: the module needs a data count
};

class CodeParser {
 public:
  /// `in_function`: branch hints may stand here.
  CodeParser(Cursor &cursor, CodeContext &context, bool in_function) : cursor_(cursor), context_(context), in_function_(in_function) {}

  /// Instructions up to the parenthesis that closes what holds them, which stays.
  Result<> sequence(Emitter &out);
  /// One folded instruction, parentheses included.
  Result<> folded(Emitter &out);

  IndexSpace locals{"local"};
  /// Blocks that have an identifier, by their number among all blocks in the order of the binary format.
  std::vector<std::pair<uint32_t, std::string>> label_names;

 private:
  /// An open construct.
  struct Frame {
    enum class Kind : uint8_t {
      Folded,     ///< `(i32.add …`: the instruction comes after its operands
      Block,      ///< `(block …`, `(loop …`
      Condition,  ///< `(if …` before its `(then`
      AfterThen,  ///< `(if …` after it
      Then,
      Else,
      FlatBlock,  ///< up to an `end`: block, loop, or if after its else
      FlatIf,     ///< up to an `else` or `end`
    };
    Kind kind;
    std::string label;
    Emitter later{};  ///< of Folded and Condition: what to write after the operands
  };
  using Kind = Frame::Kind;

  Result<> step(Emitter &out);
  Result<> branch_hint();
  /// An instruction is written next: its place, and the hint before it.
  Result<> begin(const wasm::OpInfo &op, Emitter &out);
  /// Error: a hint before what is no branch.
  Result<> expect_no_hint() const;
  Result<> open(Emitter &out);
  Result<> close(Emitter &out);
  Result<> plain(Emitter &out);
  Result<> open_then_or_else(Emitter &out);
  Result<> open_block(const wasm::OpInfo &op, Emitter &out);
  /// Of a block whose opcode is being written.
  void enter(const std::string &label);
  Result<> flat_else(Emitter &out);
  Result<> flat_end(Emitter &out);
  /// The identifier after `else` or `end`, which must be the block's if there is one.
  Result<> repeat_label(const Frame &frame);
  Result<std::string> label();
  Result<> block_type(Emitter &out);
  Result<const wasm::OpInfo *> mnemonic();
  bool in(Kind kind) const { return !frames_.empty() && frames_.back().kind == kind; }

  Result<> instruction(const wasm::OpInfo &op, Emitter &out);
  Result<uint32_t> label_depth();
  Result<> memarg(const wasm::OpInfo &op, uint32_t memory, Emitter &out);

  // The immediates, by their types; each writes the opcode too, because the text decides between rows that share a mnemonic.
  template <class Imm> Result<> immediate(const wasm::OpInfo &op, Emitter &out);

  Cursor &cursor_;
  CodeContext &context_;
  const bool in_function_;
  std::vector<Frame> frames_;
  std::optional<bool> hint_{};  ///< for the next instruction
  uint64_t hint_offset_ = 0;    ///< of its annotation
  std::vector<std::string> labels_;  ///< of the open blocks, innermost last; empty where there is none
  uint32_t blocks_ = 0;              ///< so far
};

}  // namespace wasmc::text
