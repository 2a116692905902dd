// A reader for S-expressions, as far as test scripts with binary modules need it (spec 6.2 Lexical Format): lists, strings with
// their escapes decoded, and everything else as atoms. It knows nothing of modules in text form.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/result.h"

namespace wasmc::spec {

struct Node {
  enum class Kind : uint8_t { List, Atom, String };
  Kind kind = Kind::List;
  uint32_t line = 0;        ///< where it begins, from 1
  std::string text;         ///< the atom, or the string's bytes
  std::vector<Node> items;  ///< of a list

  bool is_atom(std::string_view wanted) const { return kind == Kind::Atom && text == wanted; }
  /// The first item's text, if this is a list that begins with an atom: `(invoke …)` has the head `invoke`.
  std::string_view head() const;
  /// Whether the node is an identifier, `$name`.
  bool is_id() const { return kind == Kind::Atom && text.starts_with('$'); }
};

/// Reads a whole script. Errors: unbalanced parentheses, a string without end, a bad escape, with the line in the message.
Result<std::vector<Node>> read_script(std::string_view text);

}  // namespace wasmc::spec
