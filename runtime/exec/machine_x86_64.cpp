#include "exec/machine.h"

namespace wasmc::exec {

uintptr_t pc_of(const ucontext_t &state) { return uintptr_t(state.uc_mcontext.gregs[REG_RIP]); }

void continue_at(ucontext_t &state, uintptr_t target, uintptr_t first, uintptr_t second) {
  auto &registers = state.uc_mcontext.gregs;
  registers[REG_RIP] = greg_t(target);
  registers[REG_RDI] = greg_t(first);
  registers[REG_RSI] = greg_t(second);
}

}  // namespace wasmc::exec
