// The values after `i32.const`, `f64.const`, `v128.const` and in scripts (spec 6.5.8 Numeric Instructions, 6.5.9 Vector Instructions).
#pragma once
#include <array>
#include <cstdint>

#include "text/cursor.h"

namespace wasmc::text {

enum class Literals : uint8_t { Integer, Float };

/// The bits of a number of 8, 16, 32 or 64 bits. Errors: "constant out of range", "unknown operator", "unexpected token".
Result<uint64_t> number_literal(Cursor &cursor, Literals kind, unsigned bits);

/// Lane 0 first, each lane little-endian.
using V128Bytes = std::array<uint8_t, 16>;
/// `i32x4 1 2 3 4`. Errors: those of its numbers; "wrong number of lane literals".
Result<V128Bytes> v128_lanes(Cursor &cursor);

}  // namespace wasmc::text
