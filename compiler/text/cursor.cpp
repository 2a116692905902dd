#include "text/cursor.h"

#include "text/keywords.h"
#include "text/literals.h"
#include "wasm/reader.h"

namespace wasmc::text {

Result<> Cursor::expect(Token::Kind kind) {
  if (!take(kind)) return unexpected();
  return {};
}

Result<> Cursor::expect_keyword(std::string_view word) {
  if (!take_keyword(word)) return unexpected();
  return {};
}

Result<> Cursor::skip_list() {
  for (size_t depth = 1; depth > 0;) {
    if (at(Token::Kind::End)) return unexpected();
    const Token &token = next();
    if (token.is(Token::Kind::LeftParen) || token.is(Token::Kind::Annotation)) ++depth;
    if (token.is(Token::Kind::RightParen)) --depth;
  }
  return {};
}

Result<Label> Cursor::take_label() {
  Label out{take_id()};
  if (!at_annotation("name")) return out;
  next();
  if (!at(Token::Kind::String)) return fail("@name annotation: unexpected token", offset());
  const uint64_t begin = offset();
  out.name = decode(next());
  if (!wasm::is_utf8({reinterpret_cast<const uint8_t *>(out.name->data()), out.name->size()})) return fail("@name annotation: malformed UTF-8 encoding", begin);
  if (!take(Token::Kind::RightParen)) return fail("@name annotation: unexpected token", offset());
  return out;
}

Result<std::string> Cursor::string() {
  if (!at(Token::Kind::String)) return unexpected();
  return decode(next());
}

Result<std::string> Cursor::name() {
  const uint64_t at = offset();
  std::string out = TRY(string());
  if (!wasm::is_utf8({reinterpret_cast<const uint8_t *>(out.data()), out.size()})) return fail("malformed UTF-8 encoding", at);
  return out;
}

Result<uint64_t> Cursor::unsigned_number(unsigned bits) {
  if (!at(Token::Kind::Number)) return unexpected();
  const auto value = parse_unsigned(peek().text, bits);
  if (!value && value.error() == BadLiteral::Malformed) return unexpected();
  if (!value) return fail("i" + std::to_string(bits) + " constant out of range", offset());
  next();
  return *value;
}

std::unexpected<Error> Cursor::unexpected() const {
  const Token &token = peek();
  if (token.is(Token::Kind::Annotation)) {
    const std::string name = '@' + decode(token);
    if (name == "@metadata.code.branch_hint") return fail(name + " annotation: not in a function", token.offset);
    return fail("misplaced " + name + " annotation", token.offset);
  }
  const bool is_number = token.is(Token::Kind::Number) && (parse_integer(token.text, 64) || parse_f64(token.text));
  const bool is_unknown = token.is(Token::Kind::Reserved) || (token.is(Token::Kind::Number) && !is_number) ||
                          (token.is(Token::Kind::Keyword) && !is_keyword(token.text));
  if (is_unknown) return fail("unknown operator " + std::string(token.text), token.offset);
  if (token.is(Token::Kind::End)) return fail("unexpected token: end of the text", token.offset);
  return fail("unexpected token " + std::string(token.text), token.offset);
}

}  // namespace wasmc::text
