// Values as scripts write them, `(i32.const 7)`, and the patterns that results are held against, `(f32.const nan:canonical)`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/runtime.h"
#include "sexpr.h"

namespace wasmc::spec {

/// A value with its type.
struct TypedValue {
  ValType type;
  Value value;
};

/// An argument. Nothing if the script writes a value that is not supported yet (v128, references of GC).
std::optional<TypedValue> parse_value(const Node &node);

/// Whether a result matches a pattern: a value, a kind of NaN, a kind of reference, or `(either …)` of them. Nothing if the
/// pattern is not supported yet.
std::optional<bool> matches(const Node &pattern, const TypedValue &result);

/// For messages: `i32 0x7`, `externref null`.
std::string to_string(const TypedValue &value);
/// A node as text, on one line.
std::string to_string(const Node &node);

}  // namespace wasmc::spec
