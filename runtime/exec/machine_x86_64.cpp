#include "exec/machine.h"

namespace wasmc::exec {

uintptr_t pc_of(const ucontext_t &state) { return uintptr_t(state.uc_mcontext.gregs[REG_RIP]); }

void continue_at(ucontext_t &state, uintptr_t target, uintptr_t first, uintptr_t second) {
  auto &registers = state.uc_mcontext.gregs;
  registers[REG_RIP] = greg_t(target);
  registers[REG_RDI] = greg_t(first);
  registers[REG_RSI] = greg_t(second);
}

// In assembler, because the runtime itself is compiled for every x86-64 CPU.
uintptr_t segment_base() {
  uintptr_t base;
  __asm__ volatile("rdgsbase %0" : "=r"(base));
  return base;
}
void set_segment_base(uintptr_t base) { __asm__ volatile("wrgsbase %0" : : "r"(base)); }

}  // namespace wasmc::exec
