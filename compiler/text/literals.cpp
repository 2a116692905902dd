#include "text/literals.h"

#include <locale.h>
#include <stdlib.h>

#include <bit>
#include <cctype>
#include <cmath>
#include <string>

namespace wasmc::text {
namespace {

constexpr auto malformed() { return std::unexpected(BadLiteral::Malformed); }
constexpr auto out_of_range() { return std::unexpected(BadLiteral::OutOfRange); }

/// Takes a sign off the front; whether it was a minus.
bool take_sign(std::string_view &text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  return minus;
}

bool take(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes digits off the front and adds them to `digits` without their underscores, each of which must stand between two digits.
/// Whether there was at least one digit and no stray underscore.
bool take_digits(std::string_view &text, bool hex, std::string &digits) {
  size_t size = 0;
  bool was_digit = false;
  for (; size < text.size(); ++size) {
    const char c = text[size];
    if (c == '_' && was_digit) {
      was_digit = false;
    } else if (hex ? isxdigit(uint8_t(c)) : isdigit(uint8_t(c))) {
      was_digit = true;
      digits += c;
    } else {
      break;
    }
  }
  text.remove_prefix(size);
  return was_digit;
}

/// A number as strtod wants it: no underscores. Empty if the text is none.
std::string plain_float(std::string_view text) {
  const bool hex = take(text, "0x");
  std::string out = hex ? "0x" : "";
  if (!take_digits(text, hex, out)) return {};
  if (take(text, ".")) {
    out += '.';
    if (!text.empty() && isxdigit(uint8_t(text[0])) && (hex || isdigit(uint8_t(text[0]))) && !take_digits(text, hex, out)) return {};
  }
  const std::string_view marks = hex ? "pP" : "eE";
  if (!text.empty() && marks.find(text[0]) != marks.npos) {
    out += text[0];
    text.remove_prefix(1);
    if (take_sign(text)) out += '-';
    if (!take_digits(text, false, out)) return {};
  }
  return text.empty() ? out : std::string();
}

/// strtod and strtof round correctly, hexadecimal digits too, but read the locale's decimal point.
locale_t c_locale() {
  static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}
float to_float(const char *text, float) { return strtof_l(text, nullptr, c_locale()); }
double to_float(const char *text, double) { return strtod_l(text, nullptr, c_locale()); }

/// `Bits` is the unsigned integer of Float's size; `kMantissa` its stored mantissa bits.
template <class Float, class Bits, int kMantissa> Literal<Bits> parse_float(std::string_view text) {
  const Bits sign = Bits(take_sign(text)) << (sizeof(Bits) * 8 - 1);
  constexpr Bits kMantissaMask = (Bits(1) << kMantissa) - 1;
  constexpr Bits kInfinity = ~(kMantissaMask | Bits(1) << (sizeof(Bits) * 8 - 1));
  if (text == "inf") return sign | kInfinity;
  if (text == "nan") return sign | kInfinity | Bits(1) << (kMantissa - 1);
  if (take(text, "nan:0x")) {
    std::string digits;
    if (!take_digits(text, true, digits) || !text.empty()) return malformed();
    const auto payload = parse_unsigned("0x" + digits, kMantissa);
    if (!payload || *payload == 0) return out_of_range();
    return sign | kInfinity | Bits(*payload);
  }
  const std::string plain = plain_float(text);
  if (plain.empty()) return malformed();
  const Float value = to_float(plain.c_str(), Float());
  if (std::isinf(value)) return out_of_range();
  return sign | std::bit_cast<Bits>(value);
}

}  // namespace

Literal<uint64_t> parse_unsigned(std::string_view text, unsigned bits) {
  const bool hex = take(text, "0x");
  std::string digits;
  if (!take_digits(text, hex, digits) || !text.empty()) return malformed();
  const unsigned base = hex ? 16 : 10;
  uint64_t value = 0;
  for (char c : digits) {
    const unsigned digit = unsigned(isdigit(uint8_t(c)) ? c - '0' : (c | 0x20) - 'a' + 10);
    if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value)) return out_of_range();
  }
  if (bits < 64 && value >> bits != 0) return out_of_range();
  return value;
}

Literal<uint64_t> parse_integer(std::string_view text, unsigned bits) {
  const bool minus = take_sign(text);
  const auto magnitude = parse_unsigned(text, bits);
  if (!magnitude || !minus) return magnitude;
  if (*magnitude > uint64_t{1} << (bits - 1)) return out_of_range();
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  return (0 - *magnitude) & mask;
}

Literal<uint32_t> parse_f32(std::string_view text) { return parse_float<float, uint32_t, 23>(text); }
Literal<uint64_t> parse_f64(std::string_view text) { return parse_float<double, uint64_t, 52>(text); }

}  // namespace wasmc::text
