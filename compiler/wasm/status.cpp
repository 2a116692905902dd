#include "wasm/status.h"

namespace wasmc::wasm {

Status::Status(std::unexpected<Error> error) : error_(new Error(std::move(error).error())) {}

void Status::drop() { delete error_; }

}  // namespace wasmc::wasm
