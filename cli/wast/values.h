// Values as scripts write them, `(i32.const 7)`, and the patterns that results are held against, `(f32.const nan:canonical)`.
#pragma once
#include <string>

#include "node.h"
#include "outcome.h"
#include "runtime/runtime.h"

namespace wasmc::wast {

/// A value with its type.
struct TypedValue {
  ValType type;
  Value value;
};

bool is_reference(ValType type);

/// An argument. Problems: no value, or one that is not supported yet (references of GC).
Or<TypedValue> parse_value(const Node &node);

/// Whether a result matches a pattern: a value, a kind of NaN, lanes of these, a kind of reference, or `(either …)` of them.
/// Problems: no pattern, or one that is not supported yet.
Or<bool> matches(const Node &pattern, const TypedValue &result);

/// For messages: `i32 0x7`, `externref null`.
std::string to_string(const TypedValue &value);
/// A node as text, on one line.
std::string to_string(const Node &node);

}  // namespace wasmc::wast
