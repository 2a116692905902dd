// Functions of any type for imports that nobody supplies. A function that looks at no parameter can be called with any: in the C
// conventions of x86-64 (System V) and AArch64 (AAPCS64) it is the caller that removes them.
#include <cstring>

#include "runtime/runtime.h"

namespace wasmc {
namespace {

/// All bits zero wherever the conventions return a float, a double or a vector: they share a register.
typedef double VectorResult __attribute__((vector_size(16)));

void nothing(abi::HostFunc *) {}
uint64_t zero(abi::HostFunc *) { return 0; }
VectorResult zero_vector(abi::HostFunc *) { return {}; }
void zeros(abi::HostFunc *self, Value *results) { std::memset(results, 0, reinterpret_cast<uintptr_t>(self->env) * sizeof(Value)); }

void trap(abi::HostFunc *self) { raise_trap(Trap::host(static_cast<const char *>(self->env))); }

const void *zero_function_for(const FuncType &type) {
  if (type.results.empty()) return reinterpret_cast<const void *>(&nothing);
  if (type.results.size() > 1) return reinterpret_cast<const void *>(&zeros);
  switch (type.results[0]) {
    case ValType::F32:
    case ValType::F64:
    case ValType::V128: return reinterpret_cast<const void *>(&zero_vector);
    default: return reinterpret_cast<const void *>(&zero);
  }
}

}  // namespace

HostFunction trapping_function(FuncType type, const char *why) {
  return {std::move(type), reinterpret_cast<const void *>(&trap), const_cast<char *>(why)};
}

HostFunction zero_function(FuncType type) {
  const void *fn = zero_function_for(type);
  void *results = reinterpret_cast<void *>(uintptr_t{type.results.size()});
  return {std::move(type), fn, results};
}

}  // namespace wasmc
