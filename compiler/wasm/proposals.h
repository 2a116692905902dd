// What belongs to proposals that wasmc does not support yet: one table, so that every refusal has the same words and adding a
// proposal is taking its rows away.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace wasmc::wasm {

/// Where in the binary format a code stands.
enum class CodeSpace : uint8_t {
  Opcode,         ///< as in opcodes.def: the byte, or prefix << 16 | sub-opcode
  Type,           ///< value type, block type, heap type
  CompositeType,  ///< entry of the type section
  Section,
  Extern,  ///< kind of an import or export
};

/// "proposal SIMD is not supported yet" for a code of a proposal that is to come; nothing for a code that means nothing.
std::optional<std::string> later_proposal(CodeSpace space, uint32_t code);

/// The same words for a proposal that shows otherwise than by a code.
std::string unsupported_proposal(const char *name);

}  // namespace wasmc::wasm
