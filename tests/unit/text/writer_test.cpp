// Numbers, strings and identifiers as text: what is written is read back as the same bits.
#include "text/writer.h"

#include <gtest/gtest.h>

#include <random>

#include "text/lexer.h"
#include "text/literals.h"

namespace wasmc::text {
namespace {

template <class Write> std::string written(Write write) {
  std::string text;
  TextWriter out([&](std::string_view part) -> Result<> {
    text += part;
    return {};
  });
  write(out);
  EXPECT_TRUE(out.finish());
  return text;
}
std::string f32(uint32_t bits) { return written([&](TextWriter &out) { out.f32(bits); }); }
std::string f64(uint64_t bits) { return written([&](TextWriter &out) { out.f64(bits); }); }
std::string name(std::string_view name) { return written([&](TextWriter &out) { out.name(name); }); }
std::string identifier(std::string_view name) { return written([&](TextWriter &out) { out.identifier(name); }); }
std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Writer, Floats) {
  EXPECT_EQ(f32(0), "0");
  EXPECT_EQ(f32(0x80000000), "-0");
  EXPECT_EQ(f32(0x3dcccccd), "0.1");
  EXPECT_EQ(f32(0x7f800000), "inf");
  EXPECT_EQ(f32(0xff800000), "-inf");
  EXPECT_EQ(f32(0x7fc00000), "nan");
  EXPECT_EQ(f32(0xffc00000), "-nan");
  EXPECT_EQ(f32(0x7fa00000), "nan:0x200000");
  EXPECT_EQ(f64(0x3fb999999999999a), "0.1");
  EXPECT_EQ(f64(0xfff0000000000001), "-nan:0x1");
  EXPECT_EQ(f64(0x7ff8000000000000), "nan");
}

TEST(Writer, FloatsReadBackAsTheSameBits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    EXPECT_EQ(parse_f32(f32(uint32_t(bits))), uint32_t(bits)) << f32(uint32_t(bits));
    EXPECT_EQ(parse_f64(f64(bits)), bits) << f64(bits);
  }
  for (const uint64_t bits : {uint64_t{1}, uint64_t{0x000fffffffffffff}, uint64_t{0x0010000000000000}, uint64_t{0x7fefffffffffffff}})
    EXPECT_EQ(parse_f64(f64(bits)), bits);
  for (const uint32_t bits : {1u, 0x007fffffu, 0x00800000u, 0x7f7fffffu}) EXPECT_EQ(parse_f32(f32(bits)), bits);
}

TEST(Writer, NamesShowPrintableCharacters) {
  EXPECT_EQ(name("a b"), "\"a b\"");
  EXPECT_EQ(name("λ"), "\"λ\"");
  EXPECT_EQ(name("\"\\"), R"("\22\5c")");
  EXPECT_EQ(name(std::string_view("\0\n\x1b[31m\x7f", 8)), R"("\00\0a\1b[31m\7f")");
  EXPECT_EQ(name("\xc2\x9b"), R"("\u{9b}")");
  EXPECT_EQ(name("\xe2\x80\xae"), R"("\u{202e}")");
}

TEST(Writer, Identifiers) {
  EXPECT_EQ(identifier("a.b<c>"), "$a.b<c>");
  EXPECT_EQ(identifier("a b"), "$\"a b\"");
  EXPECT_EQ(identifier("f(int)"), "$\"f(int)\"");
  EXPECT_EQ(identifier("a;;b"), "$\"a;;b\"");
}

TEST(Writer, StringsReadBackAsTheSameBytes) {
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < all.size(); ++i) all[i] = uint8_t(i);
  for (size_t size : {size_t{0}, size_t{1}, size_t{32}, size_t{33}, all.size()}) {
    const std::span<const uint8_t> bytes(all.data(), size);
    const std::string text = written([&](TextWriter &out) { out.byte_lines(bytes, 4); });
    const auto tokens = tokenize(text, {});
    ASSERT_TRUE(tokens);
    std::string read;
    for (const Token &token : *tokens)
      if (token.is(Token::Kind::String)) read += decode(token);
    EXPECT_EQ(bytes_of(read), std::vector<uint8_t>(bytes.begin(), bytes.end()));
  }
}

TEST(Writer, TextOfAnySizePassesTheBuffer) {
  const std::string large(1'000'003, 'x');
  EXPECT_EQ(written([&](TextWriter &out) { out.put(large), out.put('y'), out.spaces(3); }), large + "y   ");
}

TEST(Writer, StopsWhenNothingIsTaken) {
  int calls = 0;
  TextWriter out([&](std::string_view) -> Result<> { return ++calls, fail("full"); });
  for (int i = 0; i < 1'000'000; ++i) out.put("text");
  EXPECT_EQ(out.finish().error().message, "full");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace wasmc::text
