// From debug locations to the artifact's trap sites (abi::TrapTable). The lowering gives every instruction that can trap or call the
// "line" `offset in the Wasm module + 1`, which LLVM keeps through all its passes, inlining included. What is left of them is written beside
// the code into a section of the object, of our own form: DWARF's tables, and the passes that make them, know far more and cost it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "abi/artifact.h"
#include "abi/result.h"
#include "codegen/pipeline.h"

namespace llvm {
class AsmPrinter;
class AsmPrinterHandler;
}  // namespace llvm

namespace wasmc::codegen {

/// The sites of one object's functions; `functions[i].sites` are offsets into `bytes`.
struct TrapSites {
  std::vector<abi::TrapFunction> functions;
  std::vector<uint8_t> bytes;
};

/// Writes the sites of those functions whose symbols `functions` names, after the code. A machine address without a line (code that LLVM
/// merged from several places) is given the function's body as its place.
std::unique_ptr<llvm::AsmPrinterHandler> trap_site_writer(llvm::AsmPrinter &printer, const SiteFunctions &functions);

/// Reads what `trap_site_writer` left in a relocatable object.
Result<TrapSites> read_trap_sites(const ObjectBytes &object);

}  // namespace wasmc::codegen
