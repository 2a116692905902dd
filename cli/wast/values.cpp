// Numbers keep their bits: NaN payloads and the sign of zero count.
#include "values.h"

#include <algorithm>
#include <optional>

#include "text/literals.h"

namespace wasmc::wast {
namespace {

/// The numeric types, as the lanes of vectors too.
struct Number {
  std::string_view head;   ///< of a scalar; empty if there is none
  std::string_view shape;  ///< of a vector
  ValType type;
  unsigned bits;
  bool is_float;
};
constexpr Number kNumbers[] = {
    {"i32.const", "i32x4", ValType::I32, 32, false}, {"i64.const", "i64x2", ValType::I64, 64, false}, {"f32.const", "f32x4", ValType::F32, 32, true},
    {"f64.const", "f64x2", ValType::F64, 64, true},  {"", "i8x16", ValType::V128, 8, false},          {"", "i16x8", ValType::V128, 16, false},
};
constexpr unsigned kVectorBits = 128;

const Number *find_number(std::string_view Number::*name, std::string_view text) {
  const auto found = std::ranges::find(kNumbers, text, name);
  return text.empty() || found == std::end(kNumbers) ? nullptr : &*found;
}

Or<uint64_t> parse_bits(const Number &number, const Node &node) {
  const auto judged = [&](const auto &literal) -> Or<uint64_t> {
    if (node.kind != Node::Kind::Atom || !literal) return failed("no constant of " + std::to_string(number.bits) + " bits: " + to_string(node));
    return *literal;
  };
  if (!number.is_float) return judged(text::parse_integer(node.text, number.bits));
  if (number.bits == 32) return judged(text::parse_f32(node.text));
  return judged(text::parse_f64(node.text));
}

constexpr uint64_t low_bits(unsigned bits) { return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

/// Bits as a number's value, or one lane of a pattern. `nan:canonical` has the payload's top bit only, `nan:arithmetic` at least that.
Or<bool> bits_match(const Number &number, const Node &pattern, uint64_t bits) {
  const uint64_t canonical = number.bits == 64 ? uint64_t{0x7ff8} << 48 : 0x7fc00000;
  const uint64_t magnitude = bits & low_bits(number.bits - 1);
  if (number.is_float && pattern.is_atom("nan:canonical")) return magnitude == canonical;
  if (number.is_float && pattern.is_atom("nan:arithmetic")) return (magnitude & canonical) == canonical;
  return TRY(parse_bits(number, pattern)) == (bits & low_bits(number.bits));
}

/// The shape of `(v128.const shape lane…)`, with as many lanes as it has.
Or<const Number *> shape_of(const Node &node) {
  const Number *shape = find_number(&Number::shape, node.item(1).text);
  if (!shape) return failed("no shape of a v128: " + to_string(node));
  if (node.items.size() - 2 != kVectorBits / shape->bits) return failed("wrong number of lane literals: " + to_string(node));
  return shape;
}

uint64_t &word_of_lane(Value &value, unsigned lane, unsigned bits) { return value.bits[lane * bits / 64]; }

Or<TypedValue> parse_vector(const Node &node) {
  const Number *shape = TRY(shape_of(node));
  Value out{.bits = {0, 0}};
  for (unsigned lane = 0; lane < kVectorBits / shape->bits; ++lane)
    word_of_lane(out, lane, shape->bits) |= TRY(parse_bits(*shape, node.item(lane + 2))) << lane * shape->bits % 64;
  return TypedValue{ValType::V128, out};
}

Or<bool> vector_matches(const Node &pattern, TypedValue result) {
  const Number *shape = TRY(shape_of(pattern));
  if (result.type != ValType::V128) return false;
  bool match = true;
  for (unsigned lane = 0; lane < kVectorBits / shape->bits; ++lane)
    match &= TRY(bits_match(*shape, pattern.item(lane + 2), word_of_lane(result.value, lane, shape->bits) >> lane * shape->bits % 64));
  return match;
}

Or<bool> number_matches(const Number &number, const Node &pattern, const TypedValue &result) {
  if (pattern.items.size() != 2) return failed("no pattern: " + to_string(pattern));
  const bool match = TRY(bits_match(number, pattern.items[1], result.value.bits[0]));
  return result.type == number.type && match;
}

/// A host reference is its number plus one, so that number 0 is not null.
Or<void *> host_reference(const Node &node) {
  const auto number = text::parse_unsigned(node.text, 32);
  if (node.kind != Node::Kind::Atom || !number) return failed("no number of a reference: " + to_string(node));
  return reinterpret_cast<void *>(*number + 1);
}

/// The types of the two kinds of references that stand in tables without GC; nothing for a heap type of a later proposal.
std::optional<ValType> reference_type(std::string_view heap) {
  if (heap == "func" || heap == "nofunc") return ValType::FuncRef;
  if (heap == "extern" || heap == "noextern") return ValType::ExternRef;
  return std::nullopt;
}

bool is_of(ValType reference, ValType type) { return is_reference(type) && (type == ValType::ExternRef) == (reference == ValType::ExternRef); }

Or<bool> null_matches(const Node &pattern, const TypedValue &result) {
  const bool is_null = is_reference(result.type) && result.value.ref == nullptr;
  if (pattern.items.size() == 1) return is_null;
  const auto type = reference_type(pattern.items[1].text);
  if (!type) return skipped("references of a later proposal");
  return is_null && is_of(*type, result.type);
}

Or<bool> either_matches(const Node &pattern, const TypedValue &result) {
  for (size_t i = 1; i < pattern.items.size(); ++i)
    if (TRY(matches(pattern.items[i], result))) return true;
  return false;
}

/// `(ref.i31)` and the like.
bool is_later_reference(const Node &node) { return node.head().starts_with("ref."); }

}  // namespace

bool is_reference(ValType type) {
  return type != ValType::I32 && type != ValType::I64 && type != ValType::F32 && type != ValType::F64 && type != ValType::V128;
}

Or<TypedValue> parse_value(const Node &node) {
  if (const Number *number = find_number(&Number::head, node.head()); number && node.items.size() == 2)
    return TypedValue{number->type, Value{.bits = {TRY(parse_bits(*number, node.items[1])), 0}}};
  if (node.head() == "v128.const") return parse_vector(node);
  if (node.head() == "ref.null" && reference_type(node.item(1).text)) return TypedValue{*reference_type(node.item(1).text), Value{.bits = {0, 0}}};
  if (node.head() == "ref.extern") {
    Value value{.bits = {0, 0}};
    value.ref = TRY(host_reference(node.item(1)));
    return TypedValue{ValType::ExternRef, value};
  }
  if (is_later_reference(node)) return skipped("references of a later proposal");
  return failed("no value: " + to_string(node));
}

Or<bool> matches(const Node &pattern, const TypedValue &result) {
  const std::string_view head = pattern.head();
  if (const Number *number = find_number(&Number::head, head)) return number_matches(*number, pattern, result);
  if (head == "v128.const") return vector_matches(pattern, result);
  if (head == "either") return either_matches(pattern, result);
  if (head == "ref.null") return null_matches(pattern, result);
  if (head == "ref.func") return is_of(ValType::FuncRef, result.type) && result.value.ref != nullptr;
  if (head == "ref.extern") {
    if (result.type != ValType::ExternRef || result.value.ref == nullptr) return false;
    return pattern.items.size() == 1 || result.value.ref == TRY(host_reference(pattern.items[1]));
  }
  if (is_later_reference(pattern)) return skipped("references of a later proposal");
  return failed("no pattern of a result: " + to_string(pattern));
}

std::string to_string(const TypedValue &value) {
  std::string out(wasmc::to_string(value.type));
  if (is_reference(value.type)) return out + (value.value.ref ? " not null" : " null");
  const bool narrow = value.type == ValType::I32 || value.type == ValType::F32;
  char digits[48];
  if (value.type == ValType::V128)
    std::snprintf(digits, sizeof digits, " 0x%016llx%016llx", (unsigned long long)value.value.bits[1], (unsigned long long)value.value.bits[0]);
  else
    std::snprintf(digits, sizeof digits, " 0x%llx", (unsigned long long)(narrow ? uint32_t(value.value.bits[0]) : value.value.bits[0]));
  return out + digits;
}

std::string to_string(const Node &node) {
  if (node.kind == Node::Kind::Atom) return node.text;
  if (node.kind == Node::Kind::String) return node.text.size() <= 40 ? '"' + node.text + '"' : "\"…\"";
  std::string out = "(";
  for (const Node &item : node.items) out += (out.size() > 1 ? " " : "") + to_string(item);
  return out + (node.kind == Node::Kind::Module ? " …)" : ")");
}

}  // namespace wasmc::wast
