// The runtime's functions that compiled code calls, see abi/builtins.def.
#pragma once
#include <cstdint>

namespace wasmc::core {

/// By BuiltinId; what ContextHeader::builtins points to: stubs (builtin_stubs_*.S) that make sure of stack for the builtin.
const void *const *builtin_table();
/// Whether a machine address lies in the stubs; a fault there is compiled code's.
bool in_builtin_stubs(uintptr_t pc);

/// Where to go on after a fault in the stubs for want of stack that is no trap, because the program did not call anything: a loop asked for its
/// continuation. 0 if it is a trap.
uintptr_t way_on_without_stack(uintptr_t pc);

}  // namespace wasmc::core
