// Values from and to text.
#include "invoke.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

namespace wasmc::cli {
namespace {

/// Takes a sign away. True for a minus.
bool take_sign(std::string_view &text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// All of the text as an unsigned number, decimal or after 0x.
std::optional<uint64_t> parse_unsigned(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A value from -2^(n-1) to 2^n - 1, as bits.
template <class Int> std::optional<Int> parse_integer(std::string_view text) {
  using Unsigned = std::make_unsigned_t<Int>;
  const bool negative = take_sign(text);
  const auto value = parse_unsigned(text);
  const uint64_t limit = negative ? uint64_t{1} << (8 * sizeof(Int) - 1) : std::numeric_limits<Unsigned>::max();
  if (!value || *value > limit) return std::nullopt;
  return Int(negative ? 0 - Unsigned(*value) : Unsigned(*value));
}

template <class Float> struct Bits;
template <> struct Bits<float> {
  using Int = uint32_t;
  static constexpr int kMantissa = 23;
};
template <> struct Bits<double> {
  using Int = uint64_t;
  static constexpr int kMantissa = 52;
};

/// The NaN with that payload; as in the text format (spec 6.3.2), which calls the one with only the top bit just `nan`.
template <class Float> Float make_nan(uint64_t payload, bool negative) {
  using B = Bits<Float>;
  const auto exponent = std::bit_cast<typename B::Int>(std::numeric_limits<Float>::infinity());
  return std::bit_cast<Float>(typename B::Int(exponent | payload | uint64_t(negative) << (8 * sizeof(Float) - 1)));
}

template <class Float> std::optional<Float> parse_nan(std::string_view text, bool negative) {
  constexpr uint64_t kQuiet = uint64_t{1} << (Bits<Float>::kMantissa - 1);
  if (text == "nan") return make_nan<Float>(kQuiet, negative);
  if (!text.starts_with("nan:0x")) return std::nullopt;
  const auto payload = parse_unsigned(text.substr(4));
  if (!payload || *payload == 0 || *payload >= 2 * kQuiet) return std::nullopt;
  return make_nan<Float>(*payload, negative);
}

template <class Float> std::optional<Float> parse_float(std::string_view text) {
  const bool negative = take_sign(text);
  if (text.starts_with("nan")) return parse_nan<Float>(text, negative);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.starts_with('-')) return std::nullopt;
  Float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? std::chars_format::hex : std::chars_format::general);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? -value : value;
}

template <class Float> std::string float_to_text(Float value) {
  using B = Bits<Float>;
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isnan(value)) {
    const uint64_t payload = std::bit_cast<typename B::Int>(value) & ((uint64_t{1} << B::kMantissa) - 1);
    if (payload == uint64_t{1} << (B::kMantissa - 1)) return sign + "nan";
    char digits[17] = {};
    std::to_chars(digits, digits + 16, payload, 16);
    return sign + "nan:0x" + digits;
  }
  char digits[64];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);  // the shortest that reads back
  return {digits, end};
}

template <class T, class Member> bool store(std::optional<T> parsed, Member &member) {
  if (parsed) member = *parsed;
  return parsed.has_value();
}

bool parse_value(ValType type, std::string_view text, Value &out) {
  switch (type) {
    case ValType::I32: return store(parse_integer<int32_t>(text), out.i32);
    case ValType::I64: return store(parse_integer<int64_t>(text), out.i64);
    case ValType::F32: return store(parse_float<float>(text), out.f32);
    case ValType::F64: return store(parse_float<double>(text), out.f64);
    default: return text == "null" && type != ValType::V128;
  }
}

std::string list(std::span<const ValType> types) {
  std::string out = "(";
  for (const ValType type : types) out += std::string(out.size() == 1 ? "" : " ") + std::string(wasmc::to_string(type));
  return out + ')';
}

}  // namespace

std::string to_string(const FuncType &type) { return list(type.params) + " -> " + list(type.results); }

Result<std::vector<Value>> parse_arguments(const std::string &function, const FuncType &type, std::span<const std::string> arguments) {
  if (arguments.size() != type.params.size())
    return fail("'" + function + "' has the type " + to_string(type) + " and takes " + std::to_string(type.params.size()) +
                (type.params.size() == 1 ? " argument, " : " arguments, ") + std::to_string(arguments.size()) + " given");
  std::vector<Value> values(std::max(type.params.size(), type.results.size()), Value{.bits = {0, 0}});
  for (size_t i = 0; i < arguments.size(); i++)
    if (!parse_value(type.params[i], arguments[i], values[i]))
      return fail("argument " + std::to_string(i + 1) + " of '" + function + "': '" + arguments[i] + "' is no " + std::string(wasmc::to_string(type.params[i])));
  return values;
}

std::string to_text(ValType type, Value value) {
  switch (type) {
    case ValType::I32: return std::to_string(value.i32);
    case ValType::I64: return std::to_string(value.i64);
    case ValType::F32: return float_to_text(value.f32);
    case ValType::F64: return float_to_text(value.f64);
    case ValType::V128: {
      char text[48];
      std::snprintf(text, sizeof text, "0x%016llx%016llx", (unsigned long long)value.bits[1], (unsigned long long)value.bits[0]);
      return text;
    }
    default: return value.ref ? std::string(wasmc::to_string(type)) : "null";
  }
}

}  // namespace wasmc::cli
