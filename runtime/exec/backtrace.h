// Who called whom at a trap.
#pragma once
#include "exec/activation.h"

namespace wasmc::exec {

/// Writes the compiled frames below the caller's own into the activation. Must run on the stack of the code that trapped, or in the signal
/// handler that its fault raised.
void capture_frames(Activation &activation);

}  // namespace wasmc::exec
