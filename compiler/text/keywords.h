// The words of the text format.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "wasm/opcode.h"

namespace wasmc::text {

/// The row of a mnemonic, or nullptr. Of rows that share one (`select`) the first.
const wasm::OpInfo *find_mnemonic(std::string_view text);
/// "proposal GC is not supported yet" for the mnemonic of a proposal that is to come.
std::optional<std::string> later_mnemonic(std::string_view text);
/// Whether the text format knows the word, in whatever place.
bool is_keyword(std::string_view text);

}  // namespace wasmc::text
