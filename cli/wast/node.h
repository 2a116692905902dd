// Spec scripts as trees of their tokens: lists, strings, atoms. Modules stay text, for the assembler to read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/result.h"

namespace wasmc::wast {

struct Node {
  enum class Kind : uint8_t {
    List,
    Atom,    ///< whatever is neither a list nor a string
    String,
    Module,  ///< `(module …)`, or the fields of one without that: only the words before its contents are items
  };
  Kind kind = Kind::List;
  uint32_t line = 0;        ///< where it begins, from 1
  std::string text;         ///< the atom, or the string's bytes
  std::vector<Node> items;  ///< of a list or module
  std::string_view source;  ///< of a module: the text of all of it, which lies in the script's

  bool is_atom(std::string_view wanted) const { return kind == Kind::Atom && text == wanted; }
  bool is_list() const { return kind == Kind::List || kind == Kind::Module; }
  /// The first item's text, if this is a list that begins with an atom: `(invoke …)` has the head `invoke`.
  std::string_view head() const;
  /// Whether the node is an identifier, `$name`.
  bool is_id() const { return kind == Kind::Atom && text.starts_with('$'); }
  /// Item `index` if there is one of that kind, else an empty node: scripts are input, and may leave anything out.
  const Node &item(size_t index) const;
  const std::string &string(size_t index) const;
};

/// The commands of a script, which must outlive them. A file with nothing but the fields of a module is one command, that module.
/// Errors, with the offset: text that has no tokens, unbalanced parentheses, lists that nest too deeply for a script.
Result<std::vector<Node>> read_script(std::string_view text);

}  // namespace wasmc::wast
