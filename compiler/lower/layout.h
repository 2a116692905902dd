// Where things stand in a module's context area, and which code an artifact has. Decided once here: the lowering addresses by
// it, the module description records it for the runtime.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "wasm/module.h"

namespace wasmc::lower {

/// Context offsets (negative bytes from the context pointer) of what compiled code addresses directly; see abi/context.h.
struct ContextLayout {
  explicit ContextLayout(const wasm::Module &module);

  std::vector<int32_t> memories;   ///< MemoryRecord, or if imported or shared MemoryRecord*
  std::vector<int32_t> tables;     ///< TableRecord, or if imported TableRecord*
  std::vector<int32_t> globals;    ///< the value, or if imported a pointer to it
  std::vector<int32_t> functions;  ///< ImportSlot of each imported function
  int32_t tail_call;               ///< TailCall*
  uint32_t size;                   ///< of the whole context area, a multiple of 16
  bool memory0_at_context;         ///< memory 0 is the module's own, and not shared
};

/// Whether a memory's record lies elsewhere, so that the context area has a pointer to it: it is imported, or shared.
bool has_record_elsewhere(const wasm::Module &module, wasm::MemoryIndex memory);

/// The entries of the artifact's code table (abi/artifact.h): bodies of the defined functions in order, then an entry thunk per
/// distinct function type, then a host adapter per distinct type of an imported function; where the segment base is used, then an entry
/// for each function that there may be a reference to.
struct CodeTable {
  CodeTable(const wasm::Module &module, bool uses_segment_base, bool is_continuation = false);

  uint32_t body(wasm::FuncIndex func) const;          ///< of a defined function
  uint32_t entry_thunk(wasm::TypeIndex type) const;
  uint32_t host_adapter(wasm::TypeIndex type) const;  ///< abi::kNone if no imported function has the type
  /// What a reference to a function calls: its body, or its entry; abi::kNone if there can be no reference.
  uint32_t entry(wasm::FuncIndex func) const;
  uint32_t first_entry() const { return bodies + uint32_t(thunk_types.size() + adapter_types.size()); }
  uint32_t size() const { return is_continuation ? 1 : first_entry() + uint32_t(entered.size()); }

  uint32_t bodies, imported_functions;
  std::vector<wasm::TypeIndex> thunk_types, adapter_types;  ///< first index of each distinct type
  std::vector<uint32_t> thunk_of_type, adapter_of_type;     ///< by type index; adapters: kNone where there is none
  bool uses_segment_base;
  bool is_continuation;                                     ///< of all these, only kContinuation is there
  std::vector<wasm::FuncIndex> entered;                     ///< defined functions with an entry of their own, in order
  /// The linker symbol of an entry.
  std::string symbol(const wasm::Module &module, uint32_t entry) const;
};

/// The linker symbol of a continuation.
inline constexpr char kContinuation[] = "wasmc.continuation";

/// The linker symbol of a function's entry, see CodeTable::entry.
std::string entry_symbol_of(const wasm::Module &module, wasm::FuncIndex func);

/// The linker symbol of a defined function: the module's name for it made unique, `quick_sort.f12`, or `f12`.
std::string symbol_of(const wasm::Module &module, wasm::FuncIndex func);

}  // namespace wasmc::lower
