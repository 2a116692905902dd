#include "exec/backtrace.h"

#include <unwind.h>

extern "C" const char wasmc_enter[], wasmc_enter_end[];

namespace wasmc::exec {
namespace {

/// Where the unwinder is: frames go to `activation`, `entered` is the one whose wasmc_enter comes next.
struct Walk {
  Activation &activation;
  const Activation *entered;
};

bool is_entry(uintptr_t pc) {
  const auto begin = reinterpret_cast<uintptr_t>(wasmc_enter);
  return pc - begin < reinterpret_cast<uintptr_t>(wasmc_enter_end) - begin;
}

_Unwind_Reason_Code visit(_Unwind_Context *frame, void *raw) {
  auto &[activation, entered] = *static_cast<Walk *>(raw);
  int at_instruction = 0;  // set where a signal interrupted: elsewhere the address is the one after a call
  uintptr_t pc = _Unwind_GetIPInfo(frame, &at_instruction);
  if (!at_instruction) --pc;
  if (is_entry(pc)) {
    entered = entered->outer;
    return entered ? _URC_NO_REASON : _URC_END_OF_STACK;  // what is left is the host's: a dozen frames that cost more than ours
  }
  if (!activation.codes->is_compiled(pc)) return _URC_NO_REASON;
  activation.frames[activation.frame_count++] = pc;
  return activation.frame_count == Activation::kMaxFrames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

void capture_frames(Activation &activation) {
  activation.codes->register_frames();
  activation.frame_count = 0;
  Walk walk{activation, &activation};
  _Unwind_Backtrace(visit, &walk);
}

}  // namespace wasmc::exec
