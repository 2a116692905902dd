// Identifiers of a module that is printed: names of the name section, made unique in their index space.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/writer.h"
#include "wasm/name_section.h"

namespace wasmc::text {

/// Longer names are no identifiers, only annotations: each use would repeat them, and a small module could make a huge text.
inline constexpr size_t kMaxIdentifier = 1000;

/// One index space's identifiers.
class Identifiers {
 public:
  Identifiers() = default;
  /// Names of indices from `size` on are left out. The names must outlive this.
  Identifiers(const wasm::NameMap &names, size_t size);

  /// Empty if there is none.
  std::string_view at(uint32_t index) const { return index < identifiers_.size() ? identifiers_[index] : std::string_view(); }
  /// A use: ` $f`, or ` 12`.
  void use(TextWriter &out, uint32_t index) const;
  /// What follows the keyword of a definition: ` $f`, and if the name is another one ` (@name "f")`.
  void define(TextWriter &out, uint32_t index) const;
  bool has_any(uint32_t from, uint32_t to) const;
  bool has(uint32_t index) const { return !at(index).empty() || other_names_.contains(index); }

 private:
  std::vector<std::string_view> identifiers_;         ///< by index; may be short
  std::map<uint32_t, std::string> changed_;           ///< identifiers that are not names
  std::map<uint32_t, std::string_view> other_names_;  ///< names that are not identifiers
};

}  // namespace wasmc::text
