#include "wasm/status.h"

namespace wasmc::wasm {

Error *Status::keep(std::unexpected<Error> error) { return new Error(std::move(error).error()); }

void Status::drop(Error *error) { delete error; }

}  // namespace wasmc::wasm
