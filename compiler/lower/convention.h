// How a function type is called: which parameters and results are in registers. The C convention decides that by itself; tail calls (call.cpp)
// must know what it decides, and results that have no register go through memory openly, because a function that LLVM gives a hidden
// pointer for them cannot end in a tail call.
#pragma once
#include <cstdint>
#include <vector>

#include "wasm/types.h"

namespace wasmc::lower {

struct Convention {
  Convention(const wasm::FuncType &type, bool x86);

  /// The caller passes the address of `results.size()` abi::Values after the context, and the function returns nothing.
  bool results_in_memory;
  /// By parameter: kRegister, or how many bytes above the stack pointer of the caller it is.
  std::vector<uint32_t> places;
  uint32_t stack_bytes = 0;  ///< of all parameters on the stack, a multiple of 16

  static constexpr uint32_t kRegister = ~uint32_t{0};
};

}  // namespace wasmc::lower
