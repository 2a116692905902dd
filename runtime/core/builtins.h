// The runtime's functions that compiled code calls, see abi/builtins.def.
#pragma once
#include <cstdint>

namespace wasmc::core {

/// By BuiltinId; what ContextHeader::builtins points to: stubs (builtin_stubs_*.S) that make sure of stack for the builtin.
const void *const *builtin_table();
/// Whether a machine address lies in the stubs; a fault there is compiled code's.
bool in_builtin_stubs(uintptr_t pc);

}  // namespace wasmc::core
