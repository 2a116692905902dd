// Identifiers and what they stand for (spec 6.4.1: identifier contexts).
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/cursor.h"
#include "text/emitter.h"

namespace wasmc::text {

/// One index space. Identifiers are kept without their `$`.
class IndexSpace {
 public:
  /// `kind` is how messages call it: "func", "local".
  explicit IndexSpace(const char *kind) : kind_(kind) {}

  /// The next index, and its identifier, if it has one. Error: "duplicate func $f".
  Result<uint32_t> define(const Label &label);
  uint32_t define_unnamed() {
    names_.emplace_back();
    return size() - 1;
  }
  /// Reads an index or an identifier. Error: "unknown func $f".
  Result<uint32_t> index(Cursor &cursor) const;
  /// Reads an index and writes it, with its place.
  Result<> copy_index(Cursor &cursor, Emitter &out) const;
  bool at_index(const Cursor &cursor) const { return cursor.at(Token::Kind::Number) || cursor.at(Token::Kind::Id); }
  /// An index, or 0 if none comes next.
  Result<uint32_t> optional_index(Cursor &cursor) const;

  uint32_t size() const { return uint32_t(names_.size()); }
  bool has_names() const { return has_names_; }
  /// By index, as for the name section; empty where there is none.
  const std::vector<std::string> &names() const { return names_; }

 private:
  const char *kind_;
  std::map<std::string, uint32_t, std::less<>> by_name_;
  std::vector<std::string> names_;
  bool has_names_ = false;
};

/// The index spaces of a module.
struct ModuleSpaces {
  IndexSpace types{"type"}, funcs{"func"}, tables{"table"}, memories{"memory"}, globals{"global"}, tags{"tag"}, elems{"elem segment"},
      datas{"data segment"};
};

}  // namespace wasmc::text
