// The opcode table as C++: derived from opcodes.def, checked at compile time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "wasm/types.h"

namespace wasmc::wasm {

/// The proposals that instructions came with. A module may use an instruction if its feature is on.
enum class Feature : uint8_t { Mvp, SignExtension, SaturatingConversions, BulkMemory, ReferenceTypes, FunctionReferences, TailCalls };

/// Tells the rows of a family apart. Access widths are in bits, with the kind of extension.
enum class Arg : uint8_t {
  None,
  Get, Set, Tee,
  S8, U8, S16, U16, S32, U32, U64,
  Eqz, Eq, Ne, LtS, LtU, GtS, GtU, LeS, LeU, GeS, GeU, Lt, Gt, Le, Ge,
  Clz, Ctz, Popcnt, Abs, Neg, Ceil, Floor, Trunc, Nearest, Sqrt,
  Add, Sub, Mul, Div, DivS, DivU, RemS, RemU, And, Or, Xor, Shl, ShrS, ShrU, Rotl, Rotr, Min, Max, Copysign,
  Wrap, ExtendS, ExtendU, Extend8S, Extend16S, Extend32S, TruncS, TruncU, TruncSatS, TruncSatU, ConvertS, ConvertU,
  Demote, Promote, Reinterpret,
};

enum class Family : uint8_t {
#define WASM_FAMILY(family, Imm) family,
#include "wasm/opcodes.def"
};

/// A signature in opcodes.def's letters; `fixed` is false where the family has a rule of its own.
struct Signature {
  std::string_view params, results;
  bool fixed = false;
};
/// Not constexpr on purpose: reaching it while compiling is the error.
void bad_signature(const char *why);
consteval Signature parse_signature(std::string_view text) {
  if (text == "*") return {};
  const auto colon = text.find(':');
  if (colon == text.npos) bad_signature("a signature needs a ':'");
  for (char c : text)
    if (std::string_view("ilfdva:").find(c) == std::string_view::npos) bad_signature("unknown type letter");
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

/// One row of opcodes.def.
struct OpInfo {
  uint32_t code;
  std::string_view text;
  Signature signature;
  Feature feature;
  Family family;
  Arg arg;
};

inline constexpr OpInfo kOpTable[] = {
#define WASM_OP(code, id, text, signature, feature, family, arg) \
  {code, text, parse_signature(signature), Feature::feature, Family::family, Arg::arg},
#include "wasm/opcodes.def"
};
static_assert(std::ranges::adjacent_find(kOpTable, std::ranges::greater_equal{}, &OpInfo::code) == std::end(kOpTable),
              "opcodes.def: rows must be sorted by code, each code once");

/// Opcodes by name, e.g. `op::I32Add`, as `code` values.
namespace op {
#define WASM_OP(code, id, text, signature, feature, family, arg) inline constexpr uint32_t id = code;
#include "wasm/opcodes.def"
}  // namespace op

/// The row of a code, or nullptr.
constexpr const OpInfo *find_op(uint32_t code) {
  auto it = std::ranges::lower_bound(kOpTable, code, {}, &OpInfo::code);
  return it != std::end(kOpTable) && it->code == code ? it : nullptr;
}

/// The value type of a signature letter; `address` stands for 'a'.
constexpr ValType type_of_letter(char letter, ValType address = kI32) {
  switch (letter) {
    case 'i': return kI32;
    case 'l': return kI64;
    case 'f': return kF32;
    case 'd': return kF64;
    case 'v': return kV128;
    default: return address;
  }
}

// Immediates, by family. Indices are validated before a sink sees them.
struct NoImm {};
struct BlockImm { BlockType type; };
struct LabelImm { uint32_t depth; };
struct BrTableImm { std::span<const uint32_t> depths; uint32_t default_depth; };  ///< valid until the next instruction
struct FuncImm { FuncIndex func; };
struct TypeImm { TypeIndex type; };
struct CallIndirectImm { TypeIndex type; TableIndex table; };
struct SelectImm { ValType type; };
struct LocalImm { LocalIndex local; };
struct GlobalImm { GlobalIndex global; };
struct TableImm { TableIndex table; };
struct MemArg { uint32_t align_log2; uint64_t offset; MemoryIndex memory; };
struct MemoryImm { MemoryIndex memory; };
struct ConstImm { uint64_t bits; };  ///< i32 zero-extended, floats as their bits
struct HeapTypeImm { HeapType type; };
struct DataImm { DataIndex data; };
struct ElemImm { ElemIndex elem; };
struct MemoryInitImm { DataIndex data; MemoryIndex memory; };
struct MemoryCopyImm { MemoryIndex destination, source; };
struct TableInitImm { ElemIndex elem; TableIndex table; };
struct TableCopyImm { TableIndex destination, source; };

}  // namespace wasmc::wasm
