// The opcode table as C++: derived from opcodes.def, checked at compile time.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "wasm/types.h"

namespace wasmc::wasm {

/// The proposals that instructions came with. A module may use an instruction if its feature is on.
enum class Feature : uint8_t { Mvp, SignExtension, SaturatingConversions, BulkMemory, ReferenceTypes, FunctionReferences, TailCalls, Threads, WideArithmetic, Simd, RelaxedSimd };

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
  Xchg,
  // Vectors. Loads that widen have the memory's lanes, `S8x8`; those that fill one lane or all have its width.
  V128, S8x8, U8x8, S16x4, U16x4, S32x2, U32x2, Splat8, Splat16, Splat32, Splat64, Zero32, Zero64,
  Not, AndNot, Bitselect, AnyTrue, AllTrue, Bitmask, Swizzle, NarrowS, NarrowU,
  AddSatS, AddSatU, SubSatS, SubSatU, MinS, MinU, MaxS, MaxU, AvgrU, Q15MulrSatS, DotS, Pmin, Pmax,
  ExtendLowS, ExtendHighS, ExtendLowU, ExtendHighU, ExtmulLowS, ExtmulHighS, ExtmulLowU, ExtmulHighU,
  ExtaddPairwiseS, ExtaddPairwiseU, PromoteLow, ConvertLowS, ConvertLowU, TruncSatZeroS, TruncSatZeroU,
  RelaxedSwizzle, RelaxedTruncS, RelaxedTruncU, RelaxedTruncZeroS, RelaxedTruncZeroU, RelaxedMadd, RelaxedNmadd,
  RelaxedLaneselect, RelaxedMin, RelaxedMax, RelaxedQ15MulrS, RelaxedDotS, RelaxedDotAddS,
};

/// The bytes that a load or store with this argument accesses, log 2: its natural alignment.
[[gnu::always_inline]] constexpr uint32_t access_size_log2(Arg arg) {
  using enum Arg;
  switch (arg) {
    case S8: case U8: case Splat8: return 0;
    case S16: case U16: case Splat16: return 1;
    case S32: case U32: case Splat32: case Zero32: return 2;
    case V128: return 4;
    default: return 3;
  }
}

/// The lanes of a vector instruction.
enum class Shape : uint8_t { I8x16, I16x8, I32x4, I64x2, F32x4, F64x2, V128 };
constexpr uint32_t lane_count(Shape shape) {
  switch (shape) {
    case Shape::I8x16: return 16;
    case Shape::I16x8: return 8;
    case Shape::I32x4: case Shape::F32x4: return 4;
    case Shape::I64x2: case Shape::F64x2: return 2;
    case Shape::V128: return 1;
  }
  __builtin_unreachable();
}
/// What the mnemonic begins with: `i8x16` of `i8x16.add`; V128 where it names no lanes.
constexpr Shape shape_of(std::string_view mnemonic) {
  constexpr std::string_view kNames[] = {"i8x16.", "i16x8.", "i32x4.", "i64x2.", "f32x4.", "f64x2."};
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (mnemonic.starts_with(kNames[i])) return Shape(i);
  return Shape::V128;
}

enum class Family : uint8_t {
#define WASM_FAMILY(family, Imm) family,
#include "wasm/opcodes.def"
};

/// A short text in place. Views would be 2,000 pointers in the table, which are written whenever the program starts.
template <size_t N>
class ShortText {
 public:
  constexpr ShortText() = default;
  consteval ShortText(std::string_view text) : size_(uint8_t(text.size())) { std::ranges::copy(text, chars_.begin()); }
  constexpr operator std::string_view() const { return {chars_.data(), size_}; }
  constexpr char operator[](size_t at) const { return chars_[at]; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }

 private:
  std::array<char, N> chars_{};
  uint8_t size_ = 0;
};

/// A signature in opcodes.def's letters; `fixed` is false where the family has a rule of its own.
struct Signature {
  ShortText<3> params, results;
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

/// A fixed signature as types, for 32-bit addresses.
struct FixedSignature {
  uint8_t param_count = 0, result_count = 0;
  std::array<ValType, 3> params{};
  ValType result;
};
consteval FixedSignature types_of(const Signature &signature) {
  if (signature.results.size() > 1) bad_signature("FixedSignature holds one result");
  FixedSignature out{.param_count = uint8_t(signature.params.size()), .result_count = uint8_t(signature.results.size())};
  for (size_t i = 0; i < signature.params.size(); ++i) out.params[i] = type_of_letter(signature.params[i]);
  if (!signature.results.empty()) out.result = type_of_letter(signature.results[0]);
  return out;
}

/// One row of opcodes.def.
struct OpInfo {
  uint32_t code;
  Family family;
  Arg arg;
  Feature feature;
  FixedSignature types;
  Signature signature;
  ShortText<35> text;
};

inline constexpr OpInfo kOpTable[] = {
#define WASM_OP(code, id, text, signature, feature, family, arg) \
  {code, Family::family, Arg::arg, Feature::feature, types_of(parse_signature(signature)), parse_signature(signature), std::string_view(text)},
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

/// Log 2 of the bytes that an instruction of the threads proposal accesses, which is the alignment that it must have. The codes are
/// regular: from 0x10 on, the widths of each operation come in one order.
constexpr uint32_t atomic_size_log2(const OpInfo &op) {
  if (op.code < 0xfe0010) return op.code == op::MemoryAtomicWait64 ? 3 : 2;
  constexpr uint8_t kWidths[] = {2, 3, 0, 1, 0, 1, 2};  // i32, i64, i32 8 16, i64 8 16 32
  return kWidths[(op.code - 0xfe0010) % std::size(kWidths)];
}
constexpr bool is_atomic(const OpInfo &op) { return op.code >> 16 == 0xfe; }
/// Log 2 of the alignment that an access has where the text gives none (spec 6.5.7).
constexpr uint32_t natural_alignment_log2(const OpInfo &op) { return is_atomic(op) ? atomic_size_log2(op) : access_size_log2(op.arg); }

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
struct FenceImm {};
struct ConstImm { uint64_t bits; };  ///< i32 zero-extended, floats as their bits
struct HeapTypeImm { HeapType type; };
struct DataImm { DataIndex data; };
struct ElemImm { ElemIndex elem; };
struct MemoryInitImm { DataIndex data; MemoryIndex memory; };
struct MemoryCopyImm { MemoryIndex destination, source; };
struct TableInitImm { ElemIndex elem; TableIndex table; };
struct LaneImm { uint8_t lane; };
struct MemArgLaneImm { MemArg memarg; uint8_t lane; };
struct ShuffleImm { std::array<uint8_t, 16> lanes; };  ///< of both operands, the first's are 0 to 15
struct V128Imm { uint64_t low, high; };
struct TableCopyImm { TableIndex destination, source; };

}  // namespace wasmc::wasm
