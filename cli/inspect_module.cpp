// Inspecting a module, universal Wasm included.
#include "artifact_view.h"
#include "inspect.h"
#include "universal.h"
#include "wasm/module.h"

namespace wasmc::cli {
namespace {

using wasm::raw;

std::string_view section_name(uint8_t id) {
  static constexpr std::string_view kNames[] = {"custom", "type",   "import",  "function", "table", "memory",     "global",
                                                "export", "start",  "element", "code",     "data",  "data count", "tag"};
  return id < std::size(kNames) ? kNames[id] : "unknown";
}

std::string limits_text(const wasm::Limits &limits) { return cli::limits_text(limits.min, limits.max.has_value(), limits.max.value_or(0)); }

std::string describe(const wasm::Table &table) { return limits_text(table.type.limits) + ' ' + wasm::to_string(table.type.element) + address_text(table.type.limits.is_64); }
std::string describe(const wasm::MemoryType &memory) { return limits_text(memory.limits) + ' ' + memory_text(memory.page_size_log2, memory.limits.is_shared, memory.limits.is_64); }
std::string describe(const wasm::Global &global) { return (global.type.is_mutable ? "mutable " : "constant ") + wasm::to_string(global.type.type); }

/// An item of an index space: `function 3 (i32) -> ()`.
std::string describe(const wasm::Module &module, wasm::ExternKind kind, uint32_t index) {
  const std::string number = std::to_string(index) + ": ";
  switch (kind) {
    case wasm::ExternKind::Func: return "function " + number + to_string(module.func_type(wasm::FuncIndex(index)));
    case wasm::ExternKind::Table: return "table " + number + describe(module.tables[index]);
    case wasm::ExternKind::Memory: return "memory " + number + describe(module.memories[index]);
    case wasm::ExternKind::Global: return "global " + number + describe(module.globals[index]);
    case wasm::ExternKind::Tag: break;
  }
  return "tag " + number;
}

void add_sections(std::span<const uint8_t> bytes, Listing &listing) {
  const auto sections = list_sections(bytes);
  if (!sections) return;  // decoding has accepted the module, so this does not happen
  Group &group = listing.add("sections");
  for (const Section &section : *sections)
    group.items.push_back({section.id == 0 ? "custom \"" + std::string(section.name) + '"' : std::string(section_name(section.id)),
                           bytes_text(section.end - section.offset) + " at " + hex(section.offset)});
}

void add_native_code(std::span<const uint8_t> bytes, Listing &listing) {
  Group &group = listing.add("native code");
  for (const EmbeddedArtifact &artifact : find_artifacts(bytes))
    group.items.push_back({artifact.triple, std::string(arch_name(artifact.arch)) + ", " + bytes_text(artifact.size) + " at " + hex(artifact.offset)});
}

void add_interface(const wasm::Module &module, Listing &listing) {
  Group &imports = listing.add("imports");
  for (const wasm::Import &item : module.imports)
    imports.items.push_back({std::string(item.module) + '.' + std::string(item.name), describe(module, item.kind, item.index)});
  Group &exports = listing.add("exports");
  for (const wasm::Export &item : module.exports) exports.items.push_back({std::string(item.name), describe(module, item.kind, item.index)});
}

template <class T> void add_space(const std::vector<T> &items, uint32_t imported, std::string title, Listing &listing) {
  Group &group = listing.add(std::move(title));
  for (uint32_t i = 0; i < items.size(); i++) group.items.push_back({std::to_string(i), describe(items[i]) + (i < imported ? ", imported" : "")});
}

void add_functions(const wasm::Module &module, const InspectOptions &options, Listing &listing) {
  Group &group = listing.add("functions");
  if (!options.functions) {
    group.items = {{"imported", std::to_string(module.imported_functions)}, {"defined", std::to_string(module.bodies.size())}};
    return;
  }
  for (uint32_t i = 0; i < module.functions.size(); i++) {
    const wasm::FuncIndex func{i};
    std::string detail = to_string(module.func_type(func));
    if (module.is_imported(func)) detail += ", imported";
    else detail += ", " + bytes_text(module.body(func).bytes.size()) + " at " + hex(module.body(func).offset);
    const std::string_view name = module.function_name(func);
    group.items.push_back({std::to_string(i) + (name.empty() ? "" : " " + std::string(name)), detail});
  }
}

void add_segments(const wasm::Module &module, Listing &listing) {
  uint64_t bytes = 0, elements = 0;
  for (const wasm::DataSegment &segment : module.data) bytes += segment.bytes.size();
  for (const wasm::ElemSegment &segment : module.elements) elements += segment.size();
  Group &group = listing.add("segments");
  if (!module.data.empty()) group.items.push_back({"data", std::to_string(module.data.size()) + ", together " + bytes_text(bytes)});
  if (!module.elements.empty()) group.items.push_back({"element", std::to_string(module.elements.size()) + ", together " + std::to_string(elements) + " elements"});
}

}  // namespace

Result<> inspect_module(std::span<const uint8_t> bytes, const InspectOptions &options, Listing &listing) {
  const wasm::Module module = TRY(wasm::decode_module(bytes));
  listing.summary = "WebAssembly module, " + bytes_text(bytes.size()) + (module.name.empty() ? "" : ", named " + std::string(module.name));
  add_native_code(bytes, listing);
  add_sections(bytes, listing);
  add_interface(module, listing);
  add_space(module.memories, module.imported_memories, "memories", listing);
  add_space(module.tables, module.imported_tables, "tables", listing);
  add_space(module.globals, module.imported_globals, "globals", listing);
  add_segments(module, listing);
  if (module.start) listing.add("start").items.push_back({module.describe(*module.start), ""});
  add_functions(module, options, listing);
  return {};
}

}  // namespace wasmc::cli
