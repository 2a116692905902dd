#include "text/constants.h"

#include "text/keywords.h"
#include "text/literals.h"

namespace wasmc::text {

using enum Token::Kind;

namespace {

struct LaneShape {
  std::string_view keyword;
  Literals kind;
  unsigned bits;
};
constexpr LaneShape kLaneShapes[] = {{"i8x16", Literals::Integer, 8},  {"i16x8", Literals::Integer, 16}, {"i32x4", Literals::Integer, 32},
                                     {"i64x2", Literals::Integer, 64}, {"f32x4", Literals::Float, 32},   {"f64x2", Literals::Float, 64}};

/// `inf` and `nan` are keywords to the lexer.
bool at_number(const Cursor &cursor) {
  return cursor.at(Number) || (cursor.at(Keyword) && (cursor.peek().text.starts_with("nan") || cursor.peek().text.starts_with("inf")));
}

Literal<uint64_t> parse(std::string_view text, Literals kind, unsigned bits) {
  if (kind == Literals::Integer) return parse_integer(text, bits);
  if (bits == 64) return parse_f64(text);
  return parse_f32(text);
}

}  // namespace

Result<uint64_t> number_literal(Cursor &cursor, Literals kind, unsigned bits) {
  const Token token = cursor.peek();
  if (!token.is(Number) && !token.is(Keyword)) return cursor.unexpected();
  const auto value = parse(token.text, kind, bits);
  if (!value && value.error() == BadLiteral::OutOfRange) return fail("constant out of range", token.offset);
  if (!value && is_keyword(token.text)) return cursor.unexpected();
  if (!value) return fail("unknown operator " + std::string(token.text), token.offset);
  cursor.next();
  return *value;
}

Result<V128Bytes> v128_lanes(Cursor &cursor) {
  const LaneShape *shape = std::ranges::find(kLaneShapes, cursor.peek().text, &LaneShape::keyword);
  if (!cursor.at(Keyword) || shape == std::end(kLaneShapes)) return cursor.unexpected();
  cursor.next();
  V128Bytes out;
  const unsigned size = shape->bits / 8;
  for (unsigned at = 0; at < out.size(); at += size) {
    if (!at_number(cursor)) return fail("wrong number of lane literals: " + std::string(shape->keyword) + " has " + std::to_string(16 / size), cursor.offset());
    const uint64_t lane = TRY(number_literal(cursor, shape->kind, shape->bits));
    for (unsigned byte = 0; byte < size; ++byte) out[at + byte] = uint8_t(lane >> (8 * byte));
  }
  if (at_number(cursor)) return fail("wrong number of lane literals: " + std::string(shape->keyword) + " has " + std::to_string(16 / size), cursor.offset());
  return out;
}

}  // namespace wasmc::text
