#include "lower/convention.h"

#include <algorithm>

namespace wasmc::lower {
namespace {

struct Registers {
  uint32_t integers, floats;  ///< general and vector registers

  bool take(wasm::ValType type) {
    const bool is_float = type == wasm::kF32 || type == wasm::kF64 || type == wasm::kV128;
    uint32_t &left = is_float ? floats : integers;
    if (left == 0) return false;
    --left;
    return true;
  }
};

// System V AMD64 and AAPCS64; the context has a register of its own. Results: what LLVM's C convention returns in registers on every path.
constexpr Registers kX86Params{6, 8}, kArmParams{8, 8}, kX86Results{3, 2}, kArmResults{8, 8};

}  // namespace

Convention::Convention(const wasm::FuncType &type, bool x86) {
  Registers result_registers = x86 ? kX86Results : kArmResults;
  results_in_memory = !std::ranges::all_of(type.results, [&](wasm::ValType result) { return result_registers.take(result); });
  Registers registers = x86 ? kX86Params : kArmParams;
  if (results_in_memory) --registers.integers;
  for (wasm::ValType param : type.params) {
    if (registers.take(param)) {
      places.push_back(kRegister);
      continue;
    }
    const uint32_t size = param == wasm::kV128 ? 16 : 8;
    stack_bytes = (stack_bytes + size - 1) / size * size;
    places.push_back(stack_bytes);
    stack_bytes += size;
  }
  stack_bytes = (stack_bytes + 15) / 16 * 16;
}

}  // namespace wasmc::lower
