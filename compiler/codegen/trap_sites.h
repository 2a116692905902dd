// From an object's line table to the artifact's trap sites (abi::TrapTable). The lowering gives every instruction that can trap
// or call the "line" `offset in the Wasm module + 1`; a line table that LLVM keeps through all its passes is the way there.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "abi/artifact.h"
#include "abi/result.h"
#include "codegen/pipeline.h"

namespace wasmc::codegen {

/// The sites of one object's functions; `functions[i].sites` are offsets into `bytes`.
struct TrapSites {
  std::vector<abi::TrapFunction> functions;
  std::vector<uint8_t> bytes;
};

/// What the reader must know of a function besides its symbol.
struct SiteFunction {
  uint32_t code;          ///< index in the code table
  uint64_t body_offset;   ///< of its body in the Wasm module
};

/// Reads the sites of those functions of a relocatable object whose symbols `functions` names. A machine address without a line
/// (code that LLVM merged from several places) is given the function's body as its place.
Result<TrapSites> read_trap_sites(const ObjectBytes &object, const std::map<std::string, SiteFunction, std::less<>> &functions);

}  // namespace wasmc::codegen
