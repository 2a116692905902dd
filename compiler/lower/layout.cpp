#include "lower/layout.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "abi/artifact.h"
#include "abi/context.h"

namespace wasmc::lower {
namespace {

/// Hands out slots below the ContextHeader, nearest first: what is used most stays within an 8-bit displacement.
class SlotAllocator {
 public:
  int32_t take(uint32_t size, uint32_t align = 8) {
    used_ = (used_ + size + align - 1) / align * align;
    return -int32_t(used_);
  }
  uint32_t used() const { return used_; }

 private:
  uint32_t used_ = sizeof(abi::ContextHeader);
};

uint32_t global_size(wasm::ValType type) { return type == wasm::kV128 ? 16 : 8; }

/// What a function type is to the machine: all references are pointers.
std::string machine_type(const wasm::FuncType &type) {
  std::string out;
  const auto add = [&](std::span<const wasm::ValType> types) {
    for (wasm::ValType type : types) out += char(type.kind());
    out += ':';
  };
  add(type.params);
  add(type.results);
  return out;
}

/// For each type the index in `distinct` of the first that is equal to the machine, over the types that `wanted` names.
void find_distinct(const wasm::Module &module, const std::vector<bool> &wanted, std::vector<wasm::TypeIndex> &distinct,
                   std::vector<uint32_t> &of_type) {
  std::map<std::string, uint32_t> known;
  of_type.assign(module.types.size(), abi::kNone);
  for (uint32_t i = 0; i < module.types.size(); ++i) {
    if (!wanted[i]) continue;
    const auto [it, is_new] = known.try_emplace(machine_type(module.types[i].func), uint32_t(distinct.size()));
    if (is_new) distinct.push_back(wasm::TypeIndex(i));
    of_type[i] = it->second;
  }
}

/// The defined functions that the module makes references to, or the host does: spec 3.1.1 (C.refs), and the start function.
std::vector<wasm::FuncIndex> referenced_functions(const wasm::Module &module) {
  std::vector<wasm::FuncIndex> out;
  for (uint32_t i = module.imported_functions; i < module.functions.size(); ++i) {
    const wasm::FuncIndex func{i};
    if (module.declared_functions[i] || func == module.start) out.push_back(func);
  }
  return out;
}

/// A name as a linker symbol: printable, without white space and not too long, whatever the module says. LLVM copies a symbol at each mention.
std::string printable(std::string_view name) {
  constexpr size_t kLongest = 256;
  std::string out;
  for (char c : name.substr(0, kLongest)) out += (c > ' ' && c < 0x7f && c != '"' && c != '@') ? c : '_';
  return out;
}

}  // namespace

ContextLayout::ContextLayout(const wasm::Module &module) {
  SlotAllocator slots;
  for (uint32_t i = 0; i < module.memories.size(); ++i)
    memories.push_back(slots.take(has_record_elsewhere(module, wasm::MemoryIndex(i)) ? sizeof(void *) : sizeof(abi::MemoryRecord)));
  for (uint32_t i = 0; i < module.tables.size(); ++i)
    tables.push_back(slots.take(i < module.imported_tables ? sizeof(void *) : sizeof(abi::TableRecord)));
  for (uint32_t i = 0; i < module.globals.size(); ++i) {
    const uint32_t size = i < module.imported_globals ? sizeof(void *) : global_size(module.globals[i].type.type);
    globals.push_back(slots.take(size, size));
  }
  for (uint32_t i = 0; i < module.imported_functions; ++i) functions.push_back(slots.take(sizeof(abi::ImportSlot)));
  tail_call = slots.take(sizeof(void *));
  size = (slots.used() + 15) / 16 * 16;
  memory0_at_context = !module.memories.empty() && !has_record_elsewhere(module, wasm::MemoryIndex(0));
}

bool has_record_elsewhere(const wasm::Module &module, wasm::MemoryIndex memory) {
  return raw(memory) < module.imported_memories || module.memories[raw(memory)].limits.is_shared;
}

CodeTable::CodeTable(const wasm::Module &module, bool uses_segment_base, bool is_continuation)
    : bodies(uint32_t(module.bodies.size())), imported_functions(module.imported_functions), uses_segment_base(uses_segment_base), is_continuation(is_continuation) {
  std::vector<bool> all(module.types.size(), true), imported(module.types.size(), false);
  for (uint32_t i = 0; i < module.imported_functions; ++i) imported[raw(module.functions[i])] = true;
  find_distinct(module, all, thunk_types, thunk_of_type);
  find_distinct(module, imported, adapter_types, adapter_of_type);
  if (uses_segment_base) entered = referenced_functions(module);
}

uint32_t CodeTable::body(wasm::FuncIndex func) const {
  assert(raw(func) >= imported_functions);
  return raw(func) - imported_functions;
}
uint32_t CodeTable::entry_thunk(wasm::TypeIndex type) const { return bodies + thunk_of_type[raw(type)]; }
uint32_t CodeTable::host_adapter(wasm::TypeIndex type) const {
  const uint32_t adapter = adapter_of_type[raw(type)];
  return adapter == abi::kNone ? abi::kNone : bodies + uint32_t(thunk_types.size()) + adapter;
}

uint32_t CodeTable::entry(wasm::FuncIndex func) const {
  if (!uses_segment_base) return body(func);
  const auto found = std::ranges::lower_bound(entered, func);
  return found == entered.end() || *found != func ? abi::kNone : first_entry() + uint32_t(found - entered.begin());
}

std::string CodeTable::symbol(const wasm::Module &module, uint32_t entry) const {
  if (is_continuation) return kContinuation;
  if (entry >= first_entry()) return entry_symbol_of(module, entered[entry - first_entry()]);
  if (entry < bodies) return symbol_of(module, wasm::FuncIndex(imported_functions + entry));
  entry -= bodies;
  if (entry < thunk_types.size()) return "wasmc.enter.t" + std::to_string(raw(thunk_types[entry]));
  return "wasmc.host.t" + std::to_string(raw(adapter_types[entry - thunk_types.size()]));
}

std::string entry_symbol_of(const wasm::Module &module, wasm::FuncIndex func) { return "wasmc.entry." + symbol_of(module, func); }

std::string symbol_of(const wasm::Module &module, wasm::FuncIndex func) {
  const std::string suffix = "f" + std::to_string(raw(func));
  const std::string_view name = module.function_name(func);
  return name.empty() ? suffix : printable(name) + "." + suffix;
}

}  // namespace wasmc::lower
