#include "text/lexer.h"

#include <gtest/gtest.h>

namespace wasmc::text {
namespace {

using enum Token::Kind;

std::vector<Token> tokens(std::string_view text) {
  auto out = tokenize(text, {"kept"});
  EXPECT_TRUE(out) << (out ? "" : out.error().describe());
  return out ? *out : std::vector<Token>();
}

std::vector<Token::Kind> kinds(std::string_view text) {
  std::vector<Token::Kind> out;
  for (const Token &token : tokens(text)) out.push_back(token.kind);
  return out;
}

std::string error(std::string_view text) {
  const auto out = tokenize(text, {});
  return out ? "accepted" : out.error().describe();
}

TEST(Lexer, Kinds) {
  EXPECT_EQ(kinds("(func $f 1 -2 \"a\" i32.add)"), (std::vector{LeftParen, Keyword, Id, Number, Number, String, Keyword, RightParen, End}));
  EXPECT_EQ(kinds(""), (std::vector{End}));
  EXPECT_EQ(kinds("A _x ,"), (std::vector{Reserved, Reserved, Reserved, End}));
}

TEST(Lexer, TokensNeedSpaceBetweenThem) {
  EXPECT_EQ(kinds("0\"a\" \"a\"\"b\" \"a\"x $x\"a\" 0drop"), (std::vector{Reserved, Reserved, Reserved, Reserved, Number, End}));
  EXPECT_EQ(kinds("(a)(b)"), (std::vector{LeftParen, Keyword, RightParen, LeftParen, Keyword, RightParen, End}));
  EXPECT_EQ(kinds("a;;b\nc"), (std::vector{Keyword, Keyword, End}));
}

TEST(Lexer, Comments) {
  EXPECT_EQ(kinds(";; (\n (; (; \xc3\xa9 ;) ;) a"), (std::vector{Keyword, End}));
  EXPECT_EQ(kinds(";; to the end"), (std::vector{End}));
  EXPECT_EQ(error("a (; (; ;)"), "offset 0x2: unclosed comment");
}

TEST(Lexer, Strings) {
  EXPECT_EQ(decode(tokens(R"("\t\n\r\"\'\\\41\u{e9}\u{1F_600}")")[0]), "\t\n\r\"'\\A\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(decode(tokens(R"("\00\ff")")[0]), std::string("\0\xff", 2));
  EXPECT_EQ(error("\"a"), "offset 0x0: unclosed string");
  EXPECT_EQ(error("\"a\nb\""), "offset 0x0: unclosed string");
  EXPECT_EQ(error("\"a\tb\""), "offset 0x2: illegal character in a string");
  for (const char *bad : {R"("\x")", R"("\0g")", R"("\u{d800}")", R"("\u{110000}")", R"("\u{}")", R"("\u{1__0}")", R"("\u{1_}")", R"("\u0041")"})
    EXPECT_EQ(error(bad), "offset 0x1: illegal escape") << bad;
}

TEST(Lexer, Identifiers) {
  EXPECT_EQ(decode(tokens("$a-b!")[0]), "a-b!");
  EXPECT_EQ(decode(tokens(R"($"a b\41")")[0]), "a bA");
  EXPECT_EQ(error("$"), "offset 0x0: empty identifier");
  EXPECT_EQ(error("$\"\""), "offset 0x1: empty identifier");
  EXPECT_EQ(error(R"($"\ff")"), "offset 0x1: malformed UTF-8 encoding");
}

TEST(Lexer, Annotations) {
  EXPECT_EQ(kinds("a (@x (b \"c)\" ;; )\n (@y)) d) e"), (std::vector{Keyword, Keyword, End}));
  EXPECT_EQ(kinds("(@kept a)"), (std::vector{Annotation, Keyword, RightParen, End}));
  EXPECT_EQ(kinds("(@\"kept\")"), (std::vector{Annotation, RightParen, End}));
  EXPECT_EQ(error("(@)"), "offset 0x0: empty annotation id");
  EXPECT_EQ(error("a (@x (b)"), "offset 0x2: unclosed annotation");
}

TEST(Lexer, IllegalCharacters) {
  EXPECT_EQ(error(std::string_view("a \0", 3)), "offset 0x2: illegal character");
  EXPECT_EQ(error("a \x7f"), "offset 0x2: illegal character");
  EXPECT_EQ(error("a \x80"), "offset 0x2: malformed UTF-8 encoding");
  EXPECT_EQ(error("\"\xc0\x80\""), "offset 0x1: malformed UTF-8 encoding");
  EXPECT_EQ(error(";; \xff"), "offset 0x3: malformed UTF-8 encoding");
}

}  // namespace
}  // namespace wasmc::text
