// The lexical format of the text format (spec 6.3): characters to tokens. White space and comments are gone afterwards, and so
// are annotations that the reader has no use for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/result.h"

namespace wasmc::text {

struct Token {
  enum class Kind : uint8_t {
    LeftParen,
    RightParen,
    Annotation,  ///< `(@name`, its parenthesis included
    Keyword,     ///< begins with a lower-case letter: mnemonics, but also `inf` and `nan:0x1`
    Number,      ///< begins with a digit or a sign; whether it is one is for its reader to say
    Id,          ///< `$name` or `$"name"`
    String,
    Reserved,  ///< what the grammar has no use for: `0"a"`
    End,       ///< of the text
  };
  Kind kind;
  uint64_t offset;        ///< of its first byte in the text
  std::string_view text;  ///< as written

  bool is(Kind wanted) const { return kind == wanted; }
  bool is(Kind wanted, std::string_view spelling) const { return kind == wanted && text == spelling; }
};

/// Spec 6.3.5: what names and keywords are made of.
constexpr bool is_idchar(char c) { return c > ' ' && c < 0x7f && std::string_view("\"(),;[]{}").find(c) == std::string_view::npos; }

/// All tokens of a text, `End` last. They are views into it. Annotations stay only if their name is in `annotations`.
/// Errors: "malformed UTF-8 encoding", "illegal character", "unclosed string", "unclosed comment", "illegal escape",
/// "empty identifier", "empty annotation id", "unclosed annotation".
Result<std::vector<Token>> tokenize(std::string_view text, const std::vector<std::string_view> &annotations);

/// The bytes that a token of kind String stands for, or what follows the `$` or `(@` of an Id or Annotation.
std::string decode(const Token &token);

}  // namespace wasmc::text
