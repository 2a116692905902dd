// Constant expressions (spec 3.4.11): initial values of globals, offsets of segments, items of element segments.
#pragma once
#include "wasm/reader.h"

namespace wasmc::wasm {

/// Reads and validates an expression up to and including its `end`. `module` needs its functions and globals so far: only
/// those that precede the expression can be named. Functions it takes references to are marked as declared.
Result<ConstExpr> read_constant_expression(Reader &reader, Module &module, ValType expected);

}  // namespace wasmc::wasm
