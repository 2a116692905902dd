// The name section (spec 7.4.1) with the subsections of the extended name section proposal, whole: for tools that show names.
// What the compiler needs of it, the names of module and functions, stands in Module (custom.h).
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "wasm/reader.h"

namespace wasmc::wasm {

/// Indices and names as they come; views into the module. Nothing is said about the indices: they may be unknown, or come twice.
using NameMap = std::vector<std::pair<uint32_t, std::string_view>>;

/// The subsections' ids.
enum class NameSpace : uint8_t { Module, Function, Local, Label, Type, Table, Memory, Global, Elem, Data };
inline constexpr size_t kNameSpaces = 10;

struct NameSection {
  std::optional<std::string_view> module;
  std::array<NameMap, kNameSpaces> maps;     ///< by NameSpace, of those that are not inside functions
  std::map<uint32_t, NameMap> locals, labels;  ///< by function; labels count the function's blocks in order of appearance

  const NameMap &of(NameSpace space) const { return maps[size_t(space)]; }
};

/// Reads a section's payload. Subsections of fields and tags, and unknown ones, are skipped. Errors: malformed, with the offset in the payload.
Result<NameSection> read_name_section(std::span<const uint8_t> payload);

/// A vector of indices and names.
Result<NameMap> read_name_map(Reader &reader);

}  // namespace wasmc::wasm
