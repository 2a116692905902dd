// Numbers keep their bits: NaN payloads and the sign of zero count.
#include "values.h"

#include <bit>
#include <cstdlib>
#include <cstring>

namespace wasmc::spec {
namespace {

constexpr std::string_view kNumberTypes[] = {"i32.const", "i64.const", "f32.const", "f64.const"};
constexpr ValType kNumberCodes[] = {ValType::I32, ValType::I64, ValType::F32, ValType::F64};

std::optional<ValType> number_type(std::string_view head) {
  for (int i = 0; i < 4; i++)
    if (head == kNumberTypes[i]) return kNumberCodes[i];
  return std::nullopt;
}

uint64_t parse_integer(std::string text) {
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  const uint64_t value = std::strtoull(text.c_str(), nullptr, text.starts_with("0x") ? 16 : 10);
  return negative ? -value : value;
}

/// The bits of a float of 32 or 64 bits.
uint64_t parse_float(std::string text, bool is_double) {
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  const int mantissa_bits = is_double ? 52 : 23;
  const uint64_t sign = uint64_t(negative) << (is_double ? 63 : 31);
  const uint64_t exponent = is_double ? uint64_t{0x7ff} << 52 : uint64_t{0xff} << 23;
  if (text == "nan") return sign | exponent | uint64_t{1} << (mantissa_bits - 1);
  if (text.starts_with("nan:0x")) return sign | exponent | parse_integer(text.substr(4));
  if (is_double) return sign | std::bit_cast<uint64_t>(std::strtod(text.c_str(), nullptr));
  return sign | std::bit_cast<uint32_t>(std::strtof(text.c_str(), nullptr));
}

Value number_value(ValType type, const std::string &text) {
  Value out{};
  switch (type) {
    case ValType::I32: out.bits[0] = uint32_t(parse_integer(text)); break;
    case ValType::I64: out.bits[0] = parse_integer(text); break;
    default: out.bits[0] = parse_float(text, type == ValType::F64); break;
  }
  return out;
}

/// A host reference is its number plus one, so that number 0 is not null.
void *host_reference(const Node &number) { return reinterpret_cast<void *>(parse_integer(number.text) + 1); }

std::optional<ValType> reference_type(std::string_view heap) {
  if (heap == "func") return ValType::FuncRef;
  if (heap == "extern") return ValType::ExternRef;
  return std::nullopt;
}

/// `nan:canonical` has the payload's top bit only, `nan:arithmetic` at least that.
bool is_nan_of_kind(const TypedValue &result, std::string_view kind) {
  const bool is_double = result.type == ValType::F64;
  const uint64_t bits = is_double ? result.value.bits[0] & ~(uint64_t{1} << 63) : result.value.bits[0] & 0x7fffffff;
  const uint64_t canonical = is_double ? uint64_t{0x7ff8} << 48 : 0x7fc00000;
  return kind == "nan:canonical" ? bits == canonical : (bits & canonical) == canonical;
}

bool number_matches(const Node &pattern, ValType type, const TypedValue &result) {
  if (result.type != type || pattern.items.size() != 2) return false;
  const std::string &text = pattern.items[1].text;
  if (text == "nan:canonical" || text == "nan:arithmetic") return is_nan_of_kind(result, text);
  const uint64_t mask = type == ValType::I32 || type == ValType::F32 ? 0xffffffff : ~uint64_t{0};
  return (number_value(type, text).bits[0] & mask) == (result.value.bits[0] & mask);
}

std::optional<bool> either_matches(const Node &pattern, const TypedValue &result) {
  for (size_t i = 1; i < pattern.items.size(); i++) {
    const auto match = matches(pattern.items[i], result);
    if (!match || *match) return match;
  }
  return false;
}

}  // namespace

std::optional<TypedValue> parse_value(const Node &node) {
  const std::string_view head = node.head();
  if (auto type = number_type(head); type && node.items.size() == 2) return TypedValue{*type, number_value(*type, node.items[1].text)};
  if (head == "ref.null" && node.items.size() == 2) {
    if (auto type = reference_type(node.items[1].text)) return TypedValue{*type, Value{}};
  }
  if (head == "ref.extern" && node.items.size() == 2) {
    Value value{};
    value.ref = host_reference(node.items[1]);
    return TypedValue{ValType::ExternRef, value};
  }
  return std::nullopt;
}

std::optional<bool> matches(const Node &pattern, const TypedValue &result) {
  const std::string_view head = pattern.head();
  if (auto type = number_type(head)) return number_matches(pattern, *type, result);
  if (head == "either") return either_matches(pattern, result);
  const bool is_reference = result.type == ValType::FuncRef || result.type == ValType::ExternRef;
  if (head == "ref.null") {
    if (pattern.items.size() == 1) return is_reference && result.value.ref == nullptr;
    const auto type = reference_type(pattern.items[1].text);
    if (!type) return std::nullopt;
    return result.type == *type && result.value.ref == nullptr;
  }
  if (head == "ref.func") return result.type == ValType::FuncRef && result.value.ref != nullptr;
  if (head == "ref.extern") {
    if (result.type != ValType::ExternRef || result.value.ref == nullptr) return false;
    return pattern.items.size() == 1 || result.value.ref == host_reference(pattern.items[1]);
  }
  return std::nullopt;
}

std::string to_string(const TypedValue &value) {
  std::string out(wasmc::to_string(value.type));
  if (value.type == ValType::FuncRef || value.type == ValType::ExternRef) return out + (value.value.ref ? " not null" : " null");
  const bool narrow = value.type == ValType::I32 || value.type == ValType::F32;
  char digits[32];
  std::snprintf(digits, sizeof digits, " 0x%llx", (unsigned long long)(narrow ? uint32_t(value.value.bits[0]) : value.value.bits[0]));
  return out + digits;
}

std::string to_string(const Node &node) {
  if (node.kind == Node::Kind::Atom) return node.text;
  if (node.kind == Node::Kind::String) return node.text.size() <= 40 ? '"' + node.text + '"' : "\"…\"";
  std::string out = "(";
  for (const Node &item : node.items) out += (out.size() > 1 ? " " : "") + to_string(item);
  return out + ")";
}

}  // namespace wasmc::spec
