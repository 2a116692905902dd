#include "exec/backtrace.h"

#include <unwind.h>

namespace wasmc::exec {
namespace {

_Unwind_Reason_Code visit(_Unwind_Context *frame, void *raw) {
  Activation &activation = *static_cast<Activation *>(raw);
  int at_instruction = 0;  // set where a signal interrupted: elsewhere the address is the one after a call
  uintptr_t pc = _Unwind_GetIPInfo(frame, &at_instruction);
  if (!at_instruction) --pc;
  if (!activation.codes->is_compiled(pc)) return _URC_NO_REASON;
  activation.frames[activation.frame_count++] = pc;
  return activation.frame_count == Activation::kMaxFrames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

void capture_frames(Activation &activation) {
  activation.codes->register_frames();
  activation.frame_count = 0;
  _Unwind_Backtrace(visit, &activation);
}

}  // namespace wasmc::exec
