// Walks over tokens, and words the errors of a walk that does not go on.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "abi/result.h"
#include "text/lexer.h"

namespace wasmc::text {

/// An identifier, and the name that an annotation gives in its stead: `$lambda (@name "λ")` (spec, appendix: name annotations).
struct Label {
  const Token *id = nullptr;
  std::optional<std::string> name{};

  bool is_empty() const { return !id && !name; }
  /// What goes into the name section; empty if there is neither.
  std::string shown() const { return name ? *name : id ? decode(*id) : std::string(); }
};

class Cursor {
 public:
  /// `tokens` end with one of kind End.
  explicit Cursor(std::span<const Token> tokens) : tokens_(tokens) {}

  const Token &peek(size_t ahead = 0) const { return tokens_[std::min(position_ + ahead, tokens_.size() - 1)]; }
  bool at(Token::Kind kind) const { return peek().is(kind); }
  bool at_keyword(std::string_view word) const { return peek().is(Token::Kind::Keyword, word); }
  /// Whether a list that begins with the keyword comes next: `(param`.
  bool at_list(std::string_view word) const { return at(Token::Kind::LeftParen) && peek(1).is(Token::Kind::Keyword, word); }
  uint64_t offset() const { return peek().offset; }
  size_t position() const { return position_; }
  void go_to(size_t position) { position_ = position; }

  const Token &next() {
    const Token &token = peek();
    if (position_ + 1 < tokens_.size()) ++position_;
    return token;
  }
  bool take(Token::Kind kind) { return at(kind) && (next(), true); }
  bool take_keyword(std::string_view word) { return at_keyword(word) && (next(), true); }
  /// Enters a list that begins with the keyword, if one comes next.
  bool take_list(std::string_view word) { return at_list(word) && (next(), next(), true); }

  Result<> expect(Token::Kind kind);
  Result<> expect_keyword(std::string_view word);
  /// `)`
  Result<> close() { return expect(Token::Kind::RightParen); }
  /// Past the end of the list whose opening parenthesis has been read. Error: it has no end.
  Result<> skip_list();

  /// An identifier, if one comes next.
  const Token *take_id() { return at(Token::Kind::Id) ? &next() : nullptr; }
  /// What a definition may be called: `$id? (@name "…")?`.
  Result<Label> take_label();
  bool at_annotation(std::string_view name) const { return at(Token::Kind::Annotation) && decode(peek()) == name; }
  /// The bytes of a string.
  Result<std::string> string();
  /// A string that is UTF-8. Error: "malformed UTF-8 encoding".
  Result<std::string> name();
  /// Errors: "unknown operator 0x", "i32 constant out of range".
  Result<uint64_t> unsigned_number(unsigned bits);

  /// The error of a token that may not stand here: "unexpected token", or for what is no word of the format "unknown operator";
  /// "misplaced @custom annotation".
  std::unexpected<Error> unexpected() const;

 private:
  std::span<const Token> tokens_;
  size_t position_ = 0;
};

}  // namespace wasmc::text
