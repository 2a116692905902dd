// functions.def as data.
#include "wasi/wasi.h"

namespace wasmc::wasi {

std::span<const FunctionInfo> functions() {
  static constexpr FunctionInfo kFunctions[] = {
#define WASMC_WASI(name, signature, unstable) {#name, signature, Unstable::unstable},
#include "wasi/functions.def"
  };
  return kFunctions;
}

}  // namespace wasmc::wasi
