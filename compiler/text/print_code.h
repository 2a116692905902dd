// Prints types and instructions. Instructions are read once more from the bytes, all of them: what is unreachable too. Nesting takes no stack.
#pragma once
#include <map>
#include <string_view>
#include <vector>

#include "text/identifiers.h"
#include "text/print.h"
#include "wasm/reader.h"

namespace wasmc::text {

/// A module's identifiers.
struct ModuleIdentifiers {
  Identifiers types, funcs, tables, memories, globals, elems, datas;
};

class CodePrinter {
 public:
  /// `labels` are names by function, or nullptr. All must outlive this.
  CodePrinter(const wasm::Module &module, const ModuleIdentifiers &ids, const std::map<uint32_t, wasm::NameMap> *labels, bool with_hints,
              const PrintOptions &options, TextWriter &out)
      : module_(module), ids_(ids), label_names_(labels), with_hints_(with_hints), options_(options), out_(out), reader_(module) {}

  void val_type(wasm::ValType type);
  /// ` (type $t) (param $x i32) (result i32)`
  void type_use(wasm::TypeIndex type, const Identifiers &locals);
  /// ` (param i32) (result i32)`
  void signature(const wasm::FuncType &type, const Identifiers &locals);

  /// Locals and instructions of a defined function, each on a line of its own. Errors: malformed.
  Result<> body(wasm::FuncIndex func, const std::vector<wasm::ValType> &locals, const Identifiers &local_ids, wasm::Reader code);
  /// A constant expression on one line, folded if it is a single instruction: ` (i32.const 0)`. A longer one is ` i32.const 0 i32.const 1
  /// i32.add`, with a word around it, ` (offset …)`, if there is one.
  Result<> expression(std::span<const uint8_t> bytes, bool is_single, std::string_view word = {});

 private:
  struct Frame {
    std::string_view label;
    bool is_if;
  };

  wasm::Status instruction();
  /// Opens and closes blocks, and starts the line.
  wasm::Status begin(const wasm::OpInfo &op, uint64_t at);
  void begin_line(const wasm::OpInfo &op, uint64_t at);
  void hint(const wasm::OpInfo &op, uint64_t at);
  void open_block(bool is_if);
  void close_block();
  void types(std::string_view word, std::span<const wasm::ValType> types, uint32_t first, const Identifiers &ids);
  void target(uint32_t depth, bool with_comment);
  void heap_type(wasm::HeapType type);
  /// Of an index that is left out if it is 0.
  void optional(const Identifiers &ids, uint32_t index);
  void two_or_none(const Identifiers &ids, uint32_t destination, uint32_t source);

  // One method per immediate type: leaving one out does not compile.
  void immediate(const wasm::OpInfo &, const wasm::NoImm &) {}
  void immediate(const wasm::OpInfo &, const wasm::FenceImm &) {}
  void immediate(const wasm::OpInfo &op, const wasm::BlockImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::LabelImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::BrTableImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::TypeImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::FuncImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::CallIndirectImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::SelectImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::LocalImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::GlobalImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::TableImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::MemArg &imm);
  void immediate(const wasm::OpInfo &op, const wasm::MemoryImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::ConstImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::V128Imm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::LaneImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::MemArgLaneImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::ShuffleImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::HeapTypeImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::DataImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::ElemImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::MemoryInitImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::MemoryCopyImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::TableInitImm &imm);
  void immediate(const wasm::OpInfo &op, const wasm::TableCopyImm &imm);

  const wasm::Module &module_;
  const ModuleIdentifiers &ids_;
  const std::map<uint32_t, wasm::NameMap> *label_names_;
  const bool with_hints_;
  const Identifiers no_ids_;
  const PrintOptions &options_;
  TextWriter &out_;
  wasm::CodeReader reader_;
  wasm::Reader block_type_;  ///< at the immediate of the last instruction that opens a block

  bool in_expression_ = false, is_first_ = true;  ///< of an expression: the next instruction is the first
  bool finished_ = false;                         ///< the last `end` has come
  const Identifiers *locals_ = &no_ids_;
  std::vector<Frame> frames_;                                      ///< open blocks, innermost last
  std::map<std::string_view, std::vector<size_t>> open_labels_;  ///< where in frames_ the labels of a name are
  std::map<uint32_t, std::string_view> labels_;                    ///< of the function, by number of the block
  uint32_t blocks_ = 0;                                            ///< so far in the function
  uint64_t body_offset_ = 0;
  std::span<const wasm::BranchHint> hints_;  ///< those of the function that come next
};

}  // namespace wasmc::text
