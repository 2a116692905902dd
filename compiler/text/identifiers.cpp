#include "text/identifiers.h"

#include <algorithm>

namespace wasmc::text {

Identifiers::Identifiers(const wasm::NameMap &names, size_t size) {
  // By name, then by index: of equal names the first index keeps it. Sorted, not hashed: no names make it slow.
  std::vector<std::pair<std::string_view, uint32_t>> sorted;
  for (const auto &[index, name] : names) {
    if (index >= size) continue;
    if (name.empty() || name.size() > kMaxIdentifier) other_names_[index] = name;
    else sorted.emplace_back(name, index);
  }
  if (sorted.empty()) return;
  std::ranges::sort(sorted);
  identifiers_.resize(1 + std::ranges::max(sorted, {}, [](const auto &entry) { return entry.second; }).second);
  const auto is_name = [&](std::string_view text) {
    const auto at = std::ranges::lower_bound(sorted, text, {}, [](const auto &entry) { return entry.first; });
    return at != sorted.end() && at->first == text;
  };
  std::string_view last;
  for (const auto &[name, index] : sorted) {
    if (name != last) {
      last = identifiers_[index] = name;
      continue;
    }
    // What ends in the index differs from all that end in others, so that it must only be no name.
    std::string changed(name);
    do changed += '.' + std::to_string(index);
    while (is_name(changed));
    identifiers_[index] = changed_[index] = std::move(changed);
    other_names_[index] = name;
  }
}

void Identifiers::use(TextWriter &out, uint32_t index) const {
  out.put(' ');
  if (const std::string_view identifier = at(index); !identifier.empty()) out.identifier(identifier);
  else out.number(index);
}

void Identifiers::define(TextWriter &out, uint32_t index) const {
  if (const std::string_view identifier = at(index); !identifier.empty()) {
    out.put(' ');
    out.identifier(identifier);
  }
  if (const auto other = other_names_.find(index); other != other_names_.end()) {
    out.put(" (@name ");
    out.name(other->second);
    out.put(')');
  }
}

bool Identifiers::has_any(uint32_t from, uint32_t to) const {
  for (uint32_t index = from; index < to; ++index)
    if (has(index)) return true;
  return false;
}

}  // namespace wasmc::text
