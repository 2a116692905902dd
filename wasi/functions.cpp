// functions.def as data.
#include "wasi/wasi.h"

namespace wasmc::wasi {
namespace {
enum class Status { Done, Unsupported };
}

std::span<const FunctionInfo> functions() {
  static constexpr FunctionInfo kFunctions[] = {
#define WASMC_WASI(name, signature, status) {#name, signature, Status::status == Status::Done},
#include "wasi/functions.def"
  };
  return kFunctions;
}

}  // namespace wasmc::wasi
