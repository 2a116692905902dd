#include "exec/machine.h"

namespace wasmc::exec {

uintptr_t pc_of(const ucontext_t &state) { return state.uc_mcontext.pc; }

void continue_at(ucontext_t &state, uintptr_t target, uintptr_t first, uintptr_t second) {
  state.uc_mcontext.pc = target;
  state.uc_mcontext.regs[0] = first;
  state.uc_mcontext.regs[1] = second;
}

// There is none.
uintptr_t segment_base() { return 0; }
void set_segment_base(uintptr_t) {}

}  // namespace wasmc::exec
