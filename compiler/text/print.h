// Binary to text: a module in the text format, which `assemble` turns into the same module again.
#pragma once
#include "text/writer.h"
#include "wasm/module.h"

namespace wasmc::text {

struct PrintOptions {
  bool offsets = false;  ///< before each instruction its offset in the module: `(;@1a2b;)`
};

/// Prints what has been decoded; code need not be valid. The text goes to `take` as it is made. Errors: the module's, of code that cannot be
/// decoded, of `take`. What comes before the place of an error has been printed.
Result<> print(const wasm::PartialModule &module, const PrintOptions &options, TakeText take);

}  // namespace wasmc::text
