// Numbers of the text format (spec 6.3.1 Integers, 6.3.2 Floating-Point), exact to the last bit.
#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

namespace wasmc::text {

/// What is wrong with a literal: it is none, or its value has no place in the type.
enum class BadLiteral : uint8_t { Malformed, OutOfRange };
template <class T> using Literal = std::expected<T, BadLiteral>;

/// An unsigned integer below 2^bits: `42`, `0xff_ff`.
Literal<uint64_t> parse_unsigned(std::string_view text, unsigned bits);
/// An integer of either signedness as its two's complement, zero-extended: `-1` and `0xffff_ffff` are the same i32.
Literal<uint64_t> parse_integer(std::string_view text, unsigned bits);
/// The bits of the nearest f32 or f64, ties to even: `0x1.8p3`, `-inf`, `nan:0x200000`. Values that round to infinity are out of range.
Literal<uint32_t> parse_f32(std::string_view text);
Literal<uint64_t> parse_f64(std::string_view text);

}  // namespace wasmc::text
