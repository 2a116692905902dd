// Reads .wasmc.traps, see abi::TrapTable.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "abi/artifact.h"

namespace wasmc::load {

/// The offset in the Wasm module of the instruction that `machine_offset`, counted from the start of the function with code table entry
/// `code`, belongs to. `body_offset` is the function's body in the module. Nothing if the table does not tell.
std::optional<uint32_t> find_trap_site(std::span<const uint8_t> table, uint32_t code, uint32_t body_offset, uint64_t machine_offset);

}  // namespace wasmc::load
