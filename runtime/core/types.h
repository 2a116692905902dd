// Canonical types: equal function types have equal ids everywhere in an engine, whichever module defines them.
#pragma once
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/runtime.h"

namespace wasmc::core {

/// A type of a module, with its indices: as the description has it.
struct DefinedType {
  std::span<const abi::ValueType> params, results;
  uint32_t super = abi::kNone;
  uint32_t group_size = 1;  ///< of the recursion group that begins here; 0 inside of one
  bool is_final = true;
};

/// All that is known of a type; the types in it are canonical.
struct TypeInfo {
  FuncType face;                      ///< as hosts see it
  std::vector<abi::ValueType> params;
  std::vector<uint32_t> supers;       ///< ids of its supertypes, topmost first, and last its own
  bool is_face = false;                 ///< it is the type that a host means who says no more than `face`
  bool takes_typed_references = false;  ///< a parameter is a reference that not every reference of its face's type fits

  size_t depth() const { return supers.size() - 1; }
};

/// A value type as hosts name it: references may be null.
abi::ValueType plain(ValType type);

class TypeRegistry {
 public:
  TypeRegistry() = default;
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry &) = delete;

  /// The id of a type that stands alone and is final.
  uint32_t intern(const FuncType &type);
  /// The ids of a module's types, in order. 0 is no type.
  std::vector<uint32_t> intern(std::span<const DefinedType> types);

  // These need no lock: what has an id never changes.
  const TypeInfo &info(uint32_t id) const;
  FuncType type(uint32_t id) const { return info(id).face; }
  /// Spec 3.3.6. The display makes it one compare, however far up the supertype is.
  bool is_subtype(uint32_t sub, uint32_t super) const;
  bool matches(abi::ValueType sub, abi::ValueType super) const;
  /// Whether a reference that a host hands in is a value of the type.
  bool holds(abi::ValueType type, const void *reference) const;

 private:
  using Key = std::vector<uint32_t>;
  /// The id of a group's first member; the others follow. `ids` are those of the module's types before `first`.
  uint32_t intern_group(std::span<const DefinedType> types, uint32_t first, uint32_t count, std::span<const uint32_t> ids);
  uint32_t add(const DefinedType &type, uint32_t first, uint32_t first_id, std::span<const uint32_t> ids);

  /// Chunk k holds the ids from 2^k on, and never moves.
  std::array<std::atomic<TypeInfo *>, 32> chunks_{};
  std::mutex mutex_;
  uint32_t next_ = 1;
  std::map<Key, uint32_t> groups_;
};

}  // namespace wasmc::core
