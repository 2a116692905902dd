// Types of WebAssembly (spec 2.3 Types), laid out so that typed references, GC and SIMD only add values, not shapes.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wasmc::wasm {

// Strong indices: one index space each.
enum class TypeIndex : uint32_t {};
enum class FuncIndex : uint32_t {};
enum class TableIndex : uint32_t {};
enum class MemoryIndex : uint32_t {};
enum class GlobalIndex : uint32_t {};
enum class ElemIndex : uint32_t {};
enum class DataIndex : uint32_t {};
enum class LocalIndex : uint32_t {};
template <class Index> constexpr uint32_t raw(Index index) { return static_cast<uint32_t>(index); }

/// What a reference may point to: an abstract heap type, or with `Concrete` the type at an index. `NoFunc` is the bottom of all function
/// types: only null is one. `Bottom` is the validator's heap type of references in unreachable code.
enum class HeapKind : uint8_t { Func, Extern, Concrete, NoFunc, Bottom };

struct HeapType {
  HeapKind kind = HeapKind::Func;
  TypeIndex index{};  ///< of Concrete
  friend constexpr bool operator==(HeapType, HeapType) = default;
};

/// A value type. `Bottom` is the validator's type of values in unreachable code.
/// Packed into one word, so that the validator compares types by one compare.
class ValType {
 public:
  enum class Kind : uint8_t { I32, I64, F32, F64, V128, Ref, Bottom };

  constexpr ValType() : ValType(Kind::Bottom) {}
  constexpr ValType(Kind kind) : bits_(uint64_t(kind)) {}
  static constexpr ValType ref(HeapType heap, bool nullable = true) {
    ValType type(Kind::Ref);
    type.bits_ |= uint64_t(nullable) << 8 | uint64_t(heap.kind) << 16 | uint64_t(raw(heap.index)) << 32;
    return type;
  }

  constexpr Kind kind() const { return Kind(bits_ & 0xff); }
  constexpr bool nullable() const { return bits_ >> 8 & 1; }
  constexpr HeapType heap() const { return {HeapKind(bits_ >> 16 & 0xff), TypeIndex(uint32_t(bits_ >> 32))}; }
  constexpr bool is_ref() const { return kind() == Kind::Ref; }
  constexpr bool is_num() const { return kind() <= Kind::F64; }
  constexpr bool is_funcref() const { return is_ref() && heap().kind != HeapKind::Extern; }
  /// Whether a local or table element of the type has a value before it is given one.
  constexpr bool has_default() const { return !is_ref() || nullable(); }
  /// The reference type without null.
  constexpr ValType as_non_null() const { return ref(heap(), false); }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  uint64_t bits_;  ///< kind, nullable, heap kind, and from bit 32 the type index
};
inline constexpr ValType kI32 = ValType::Kind::I32, kI64 = ValType::Kind::I64, kF32 = ValType::Kind::F32,
                         kF64 = ValType::Kind::F64, kV128 = ValType::Kind::V128, kBottom = ValType::Kind::Bottom;
inline constexpr ValType kFuncRef = ValType::ref({HeapKind::Func, {}}), kExternRef = ValType::ref({HeapKind::Extern, {}});

/// The type's name in the text format: `i32`, `funcref`.
std::string to_string(ValType type);
/// `func`, or a type's index.
std::string to_string(HeapType type);

struct FuncType {
  std::vector<ValType> params, results;
  friend bool operator==(const FuncType &, const FuncType &) = default;
};
/// `(i32 i64) -> (f32)`
std::string to_string(const FuncType &type);

/// An entry of the type section (spec 2.3.9 Recursive Types, 2.3.10 Sub Types). Struct and array types of the GC proposal will be further
/// kinds of it.
struct SubType {
  FuncType func;
  std::optional<TypeIndex> super{};  ///< the declared supertype, which comes earlier
  bool is_final = true;
  TypeIndex group{};                 ///< first member of its recursion group
  uint32_t group_size = 1;
  TypeIndex canonical{};             ///< first type of the module that is the same type; see type_section.h
  uint32_t depth = 0;                ///< how many supertypes it has, one above the other
};

struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  bool is_64 = false;
  bool is_shared = false;
  /// The type of indices (spec 2.3.11 Address Types).
  ValType address() const { return is_64 ? kI64 : kI32; }
};

struct TableType {
  ValType element;
  Limits limits;  ///< elements
};
struct MemoryType {
  Limits limits;  ///< pages
  uint8_t page_size_log2 = 16;
};
struct GlobalType {
  ValType type;
  bool is_mutable = false;
};

/// The type of a block: views into the module, or into the block type's own single result.
struct BlockType {
  std::span<const ValType> params, results;
};

}  // namespace wasmc::wasm
