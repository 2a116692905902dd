// The runtime's functions that compiled code calls, see abi/builtins.def.
#pragma once
namespace wasmc::core {
/// By BuiltinId; what ContextHeader::builtins points to.
const void *const *builtin_table();
}  // namespace wasmc::core
