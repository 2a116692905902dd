// The type section (spec 3.2.4-3.2.6, 5.3.8-5.3.10): recursion groups of sub types, each validated and made canonical as it is read.
//
// Types are equal if their groups are, member by member (iso-recursive): within a group a reference counts by its place in the group,
// and outside by the canonical type that it means. So a group's key is a list of numbers, and equal keys are equal groups. The runtime does
// the same for the types of all modules of a process (runtime/core/types.h).
#pragma once
#include <map>
#include <vector>

#include "wasm/reader.h"

namespace wasmc::wasm {

/// What other engines allow too; without them a small module makes types that take long to handle wherever they are used.
inline constexpr uint32_t kMaxTypes = 1'000'000, kMaxParams = 1000, kMaxResults = 1000, kMaxSubtypingDepth = 63;

class TypeSectionReader {
 public:
  explicit TypeSectionReader(Module &module) : types_(module.types), module_(module) {}

  /// An entry of the section: a recursion group, or a type that stands alone. Errors: malformed or invalid types; kinds of types of later
  /// proposals, by name.
  Result<> group(Reader &reader);

 private:
  Result<> member(Reader &reader, uint32_t group_end);
  Result<> sub_type(Reader &reader, SubType &type);
  Result<> composite_type(Reader &reader, SubType &type);
  static Result<std::vector<ValType>> type_list(Reader &reader, uint32_t most, const char *what);
  void canonicalise(uint32_t first);
  void add_to_key(ValType type, uint32_t first);
  void add_to_key(TypeIndex type, uint32_t first);
  Result<> check_super(uint32_t index, uint64_t at);

  std::vector<SubType> &types_;
  const Module &module_;
  std::map<std::vector<uint32_t>, uint32_t> known_;  ///< first member of each distinct group
  std::vector<uint32_t> key_;
  std::vector<uint64_t> offsets_;  ///< of the group's members
};

}  // namespace wasmc::wasm
