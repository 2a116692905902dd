// A decoded module: everything but the code. Strings and bytes are views into the module's bytes, which must outlive it.
// Imported items come first in each index space.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "abi/result.h"
#include "wasm/types.h"

namespace wasmc::wasm {

enum class ExternKind : uint8_t { Func, Table, Memory, Global, Tag };

struct Import {
  std::string_view module, name;
  ExternKind kind;
  uint32_t index;   ///< in the index space of the kind
  uint64_t offset;  ///< of the import in the module
};

struct Export {
  std::string_view name;
  ExternKind kind;
  uint32_t index;
};

/// One instruction of a constant expression; `code` is an opcode of opcodes.def (op::I32Const, op::RefFunc, op::I32Add, …).
struct ConstOp {
  uint32_t code;
  uint32_t index = 0;  ///< ref.func: function; global.get: global
  uint64_t bits = 0;   ///< constants
  uint64_t high = 0;   ///< v128.const: the high half
};
struct ConstExpr {
  std::vector<ConstOp> ops;
  std::span<const uint8_t> bytes{};  ///< as in the module, `end` included; empty if it does not stand there
  /// The value, if the expression is one plain i32.const or i64.const.
  std::optional<uint64_t> constant() const;
};

struct Table {
  TableType type;
  std::optional<ConstExpr> init;
};
struct Global {
  GlobalType type;
  std::optional<ConstExpr> init;  ///< absent if imported
};

enum class SegmentMode : uint8_t { Active, Passive, Declarative };

struct ElemSegment {
  SegmentMode mode;
  ValType type;
  TableIndex table{};
  std::optional<ConstExpr> offset{};     ///< active
  std::vector<FuncIndex> functions{};    ///< items, if none is an expression other than ref.func
  std::vector<ConstExpr> expressions{};  ///< items otherwise
  bool are_expressions = false;          ///< in the binary format, also if all are ref.func
  size_t size() const { return functions.size() + expressions.size(); }
};
struct DataSegment {
  SegmentMode mode;
  MemoryIndex memory{};
  std::optional<ConstExpr> offset;  ///< active
  std::span<const uint8_t> bytes;
};

/// The body of a defined function: local declarations and code.
struct FunctionBody {
  std::span<const uint8_t> bytes;
  uint64_t offset;  ///< in the module
};

/// A custom section, as found.
struct CustomSection {
  std::string_view name;
  std::span<const uint8_t> bytes;
  uint64_t offset;  ///< of the payload after the name, in the module
  uint8_t after = 0;  ///< id of the last section before it that is not custom; 0: there is none
};

/// A hint of the `metadata.code.branch_hint` section: the branch at `offset` bytes from the body's start is likely taken or not.
struct BranchHint {
  uint32_t offset;
  bool likely;
};

struct Module {
  std::span<const uint8_t> bytes;
  std::vector<SubType> types;
  std::vector<Import> imports;
  std::vector<TypeIndex> functions;  ///< type of each function, imported ones first
  std::vector<Table> tables;
  std::vector<MemoryType> memories;
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::vector<std::string_view> exported_as;  ///< by function index: the first export's name, null where there is none; may be empty
  std::optional<FuncIndex> start;
  std::vector<ElemSegment> elements;
  std::vector<DataSegment> data;
  std::vector<FunctionBody> bodies;  ///< of the defined functions
  std::optional<uint32_t> data_count;
  std::vector<CustomSection> custom_sections;
  uint32_t imported_functions = 0, imported_tables = 0, imported_memories = 0, imported_globals = 0;

  // From custom sections; a malformed one is dropped without an error, as the spec asks.
  std::string_view name;
  std::vector<std::string_view> function_names;                  ///< by function index; empty where unknown, may be short
  std::map<FuncIndex, std::vector<BranchHint>> branch_hints;  ///< sorted by offset

  /// Functions whose reference a ref.func in a body may take (spec 3.1.1: C.refs).
  std::vector<bool> declared_functions;

  const FuncType &func_type(TypeIndex type) const { return types[raw(type)].func; }
  const FuncType &func_type(FuncIndex func) const { return func_type(functions[raw(func)]); }
  /// Spec 3.3.4 Reference Types: whether a value of type `sub` is one of type `super` too. Bottom types match every type.
  bool matches(ValType sub, ValType super) const { return sub == super || matches_slowly(sub, super); }
  bool matches(HeapType sub, HeapType super) const;
  /// Spec 3.3.6: whether the type is `super` or declares it as a supertype, at whatever distance.
  bool matches(TypeIndex sub, TypeIndex super) const;
  /// Whether the two are the same type, maybe under different indices.
  bool equivalent(ValType a, ValType b) const { return a == b || (matches_slowly(a, b) && matches_slowly(b, a)); }
  bool is_imported(FuncIndex func) const { return raw(func) < imported_functions; }
  const FunctionBody &body(FuncIndex func) const { return bodies[raw(func) - imported_functions]; }
  /// The name section's name, else an export's, else "".
  std::string_view function_name(FuncIndex func) const;
  /// `function 12 "quick_sort"`: how messages call a function. Control characters in the name are escaped.
  std::string describe(FuncIndex func) const;

 private:
  bool matches_slowly(ValType sub, ValType super) const;
};

/// Decodes and validates all sections of a binary module (spec 5.5 Modules, 3.4 Modules), but not the code in function bodies.
/// Errors: malformed or invalid module, with the offset of the first bad byte; a proposal that is not supported yet, by its name.
Result<Module> decode_module(std::span<const uint8_t> bytes);

/// What of a module can be decoded: everything before the error, if there is one.
struct PartialModule {
  Module module;
  std::optional<Error> error;
};
/// Decodes as far as possible, for looking at modules that may be broken. Indices are valid, and each function has a type, but it may lack a body.
PartialModule decode_partially(std::span<const uint8_t> bytes);

}  // namespace wasmc::wasm
