// Values on the command line: what `--invoke` takes and prints.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "runtime/runtime.h"

namespace wasmc::cli {

/// Arguments as values of the parameters' types: integers decimal or hexadecimal, signed or unsigned; floats decimal or hexadecimal,
/// `inf`, `nan`, `nan:0x200000`; references only `null`. Errors name the argument, or the signature if the count is wrong.
Result<std::vector<Value>> parse_arguments(const std::string &function, const FuncType &type, std::span<const std::string> arguments);

/// A value such that `parse_arguments` reads the same value.
std::string to_text(ValType type, Value value);

/// `(i32 i64) -> (f32)`
std::string to_string(const FuncType &type);

}  // namespace wasmc::cli
