// The host module `spectest` that scripts import from: print functions, and a global, table and memory of known contents.
#pragma once
#include <string_view>

#include "abi/result.h"
#include "runtime/runtime.h"

namespace wasmc::wast {

inline constexpr std::string_view kSpectest = "spectest";

Result<> define_spectest(Linker &linker, Store &store);

}  // namespace wasmc::wast
