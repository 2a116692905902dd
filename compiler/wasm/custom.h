// The custom sections that wasmc understands: `name` and `metadata.code.branch_hint`. The spec asks that a malformed one does
// not make the module malformed, so nothing here fails: such a section is ignored as a whole.
#pragma once
#include "wasm/module.h"

namespace wasmc::wasm {

inline constexpr std::string_view kBranchHintSection = "metadata.code.branch_hint";

/// Fills in what the module's custom sections tell. The rest of the module must have been decoded.
void read_custom_sections(Module &module);

}  // namespace wasmc::wasm
