#include "text/literals.h"

#include <gtest/gtest.h>

#include <bit>

namespace wasmc::text {
namespace {

constexpr auto kMalformed = BadLiteral::Malformed, kOutOfRange = BadLiteral::OutOfRange;

TEST(Literals, Unsigned) {
  EXPECT_EQ(*parse_unsigned("0", 32), 0u);
  EXPECT_EQ(*parse_unsigned("4_294_967_295", 32), 0xffffffffu);
  EXPECT_EQ(*parse_unsigned("0xff_FF", 32), 0xffffu);
  EXPECT_EQ(*parse_unsigned("0xffffffffffffffff", 64), ~uint64_t{0});
  EXPECT_EQ(parse_unsigned("4294967296", 32).error(), kOutOfRange);
  EXPECT_EQ(parse_unsigned("18446744073709551616", 64).error(), kOutOfRange);
  for (const char *bad : {"", "x", "0x", "1_", "_1", "1__0", "0x_1", "0_x1", "+1", "-1", "1x", "0xg"})
    EXPECT_EQ(parse_unsigned(bad, 64).error(), kMalformed) << bad;
}

TEST(Literals, Integers) {
  EXPECT_EQ(*parse_integer("-1", 32), 0xffffffffu);
  EXPECT_EQ(*parse_integer("-0x8000_0000", 32), 0x80000000u);
  EXPECT_EQ(*parse_integer("+7", 64), 7u);
  EXPECT_EQ(*parse_integer("-9223372036854775808", 64), uint64_t{1} << 63);
  EXPECT_EQ(*parse_integer("-1", 8), 0xffu);
  EXPECT_EQ(parse_integer("-2147483649", 32).error(), kOutOfRange);
  EXPECT_EQ(parse_integer("0x1_0000_0000", 32).error(), kOutOfRange);
  EXPECT_EQ(parse_integer("--1", 32).error(), kMalformed);
}

TEST(Literals, Floats) {
  const auto f64 = [](const char *text) { return std::bit_cast<double>(*parse_f64(text)); };
  const auto f32 = [](const char *text) { return std::bit_cast<float>(*parse_f32(text)); };
  EXPECT_EQ(f64("1"), 1.0);
  EXPECT_EQ(f64("1."), 1.0);
  EXPECT_EQ(f64("-1_0.2_5e+1_0"), -10.25e10);
  EXPECT_EQ(f64("0x1.8p3"), 12.0);
  EXPECT_EQ(f64("0xA.p-1"), 5.0);
  EXPECT_EQ(f32("0x1.fffffep127"), 0x1.fffffep127f);
  EXPECT_EQ(f32("1e-400"), 0.0f);
  EXPECT_EQ(*parse_f64("-0"), uint64_t{1} << 63);
}

TEST(Literals, FloatsRoundOnceAndToEven) {
  EXPECT_EQ(*parse_f32("0x1.000001p0"), 0x3f800000u) << "a tie, down to even";
  EXPECT_EQ(*parse_f32("0x1.000003p0"), 0x3f800002u) << "a tie, up to even";
  EXPECT_EQ(*parse_f32("0x1.00000100000000000001p0"), 0x3f800001u) << "just above a tie: not by way of double";
  EXPECT_EQ(*parse_f32("1.00000005960464477540"), 0x3f800001u);
  EXPECT_EQ(*parse_f64("4.9406564584124654e-324"), 1u);
  EXPECT_EQ(*parse_f32("0x1p-149"), 1u);
  EXPECT_EQ(*parse_f32("0x1p-150"), 0u) << "half of the least subnormal";
  EXPECT_EQ(*parse_f32("0x1.8p-150"), 1u);
}

TEST(Literals, FloatsOutOfRange) {
  EXPECT_EQ(parse_f32("1e39").error(), kOutOfRange);
  EXPECT_EQ(parse_f32("0x1.ffffffp127").error(), kOutOfRange) << "rounds to infinity";
  EXPECT_EQ(*parse_f32("0x1.fffffefp127"), 0x7f7fffffu);
  EXPECT_EQ(parse_f64("-1e309").error(), kOutOfRange);
}

TEST(Literals, InfinitiesAndNans) {
  EXPECT_EQ(*parse_f32("-inf"), 0xff800000u);
  EXPECT_EQ(*parse_f64("inf"), 0x7ff0000000000000u);
  EXPECT_EQ(*parse_f32("nan"), 0x7fc00000u);
  EXPECT_EQ(*parse_f32("-nan:0x1"), 0xff800001u);
  EXPECT_EQ(*parse_f64("nan:0x8_0000_0000_0000"), 0x7ff8000000000000u);
  EXPECT_EQ(parse_f32("nan:0x0").error(), kOutOfRange);
  EXPECT_EQ(parse_f32("nan:0x80_0000").error(), kOutOfRange);
  for (const char *bad : {"nan:1", "nan:", "infinity", "nanx", "nan(1)", "0x", ".5", "1e", "1e+", "0x1p", "1_.0", "1._0", "1.0_", "0x.p1", "1f", "0x1.0_p1"})
    EXPECT_EQ(parse_f32(bad).error(), kMalformed) << bad;
}

}  // namespace
}  // namespace wasmc::text
