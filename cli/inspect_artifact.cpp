// Inspecting an artifact, also one that this machine cannot run.
#include <cstdio>

#include "artifact_view.h"
#include "inspect.h"
#include "runtime/runtime.h"

namespace wasmc::cli {
namespace {

std::string hash_text(abi::Hash128 hash) {
  char text[40];
  std::snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
  return text;
}

std::string level_text(uint32_t level) { return std::string("-O") + (level == 's' ? "s" : std::to_string(level)); }

std::string features_text(const abi::ModuleHeader &header) {
  std::string out;
  for (const std::string_view name : feature_names(header.arch, header.cpu_features)) out += (out.empty() ? "" : " ") + std::string(name);
  return out.empty() ? "none beyond the architecture's first version" : out;
}

std::string limits_text(const abi::LimitsEntry &limits) { return cli::limits_text(limits.min, limits.has_max, limits.max); }

std::string type_text(const abi::ValueType &type) {
  const bool is_plain = type.heap == abi::HeapCode::None || (type.nullable && type.heap != abi::HeapCode::Concrete && type.heap != abi::HeapCode::NoFunc);
  if (is_plain) return std::string(to_string(type.code));
  const std::string null = type.nullable ? "null " : "";
  switch (type.heap) {
    case abi::HeapCode::Concrete: return "(ref " + null + std::to_string(type.type) + ")";
    case abi::HeapCode::NoFunc: return "(ref " + null + "nofunc)";
    case abi::HeapCode::Extern: return "(ref extern)";
    default: return "(ref func)";
  }
}

std::string type_text(const ArtifactView &view, uint32_t type) {
  const auto types = view.range<abi::TypeEntry>(view.header.types);
  if (type >= types.size()) return "?";
  const auto all = view.range<abi::ValueType>({types[type].types, uint32_t(types[type].params) + types[type].results});
  std::string out = "(";
  for (size_t i = 0; i < all.size(); i++) {
    if (i == types[type].params) out += ") -> (";
    else if (i > 0) out += ' ';
    out += type_text(all[i]);
  }
  return out + (types[type].results == 0 ? ") -> ()" : ")");
}

std::string describe(const abi::MemoryEntry &memory) { return limits_text(memory.limits) + ' ' + memory_text(memory.page_size_log2, memory.limits.is_shared, memory.limits.is_64); }
std::string describe(const abi::TableEntry &table) { return limits_text(table.limits) + ' ' + type_text(table.element) + address_text(table.limits.is_64); }
std::string describe(const abi::GlobalEntry &global) { return (global.is_mutable ? "mutable " : "constant ") + type_text(global.type); }

template <class T> std::string describe_at(std::span<const T> items, uint32_t index) { return index < items.size() ? describe(items[index]) : "?"; }

std::string describe(const ArtifactView &view, abi::ExternKind kind, uint32_t index) {
  const std::string number = std::to_string(index) + ": ";
  const auto functions = view.range<abi::FunctionEntry>(view.header.functions);
  switch (kind) {
    case abi::ExternKind::Func: return "function " + number + (index < functions.size() ? type_text(view, functions[index].type) : "?");
    case abi::ExternKind::Table: return "table " + number + describe_at(view.range<abi::TableEntry>(view.header.tables), index);
    case abi::ExternKind::Memory: return "memory " + number + describe_at(view.range<abi::MemoryEntry>(view.header.memories), index);
    case abi::ExternKind::Global: return "global " + number + describe_at(view.range<abi::GlobalEntry>(view.header.globals), index);
    case abi::ExternKind::Tag: break;
  }
  return "tag " + number;
}

void add_facts(const ArtifactView &view, Listing &listing) {
  const abi::ModuleHeader &header = view.header;
  const bool is_stripped = view.section(".wasmc.wasm").empty();
  listing.add("compiled").items = {
      {"target", fixed_text(header.triple) + " (" + std::string(arch_name(header.arch)) + ")"},
      {"cpu", fixed_text(header.cpu)},
      {"features", features_text(header)},
      {"bounds", header.bounds == abi::BoundsMode::Guard ? "guard pages" : "explicit checks"},
      {"segue", header.uses_segment_base ? "on" : "off"},
      {"optimised", level_text(header.opt_level) + (header.handover_size != 0 ? ", first tier" : "")},
      {"wasmc", fixed_text(header.compiler_version) + ", ABI " + std::to_string(header.abi_version)},
      {"contents", std::string(view.is_intact() ? "intact" : "DAMAGED") + ", hash " + hash_text(header.content_hash)},
      {"module", bytes_text(header.wasm_size) + ", hash " + hash_text(header.wasm_hash) + (is_stripped ? ", stripped" : view.wasm() ? "" : ", DAMAGED")},
  };
}

void add_sections(const ArtifactView &view, Listing &listing) {
  Group &group = listing.add("sections");
  for (const ArtifactSection &section : view.sections) group.items.push_back({std::string(section.name), bytes_text(section.bytes.size())});
}

void add_interface(const ArtifactView &view, Listing &listing) {
  Group &imports = listing.add("imports");
  for (const abi::ImportEntry &item : view.range<abi::ImportEntry>(view.header.imports))
    imports.items.push_back({std::string(view.string(item.module)) + '.' + std::string(view.string(item.name)), describe(view, item.kind, item.index)});
  Group &exports = listing.add("exports");
  for (const abi::ExportEntry &item : view.range<abi::ExportEntry>(view.header.exports))
    exports.items.push_back({std::string(view.string(item.name)), describe(view, item.kind, item.index)});
}

template <class T> void add_space(std::span<const T> items, std::string title, Listing &listing) {
  Group &group = listing.add(std::move(title));
  for (size_t i = 0; i < items.size(); i++) group.items.push_back({std::to_string(i), describe(items[i]) + (items[i].imported ? ", imported" : "")});
}

/// Name of a function by .wasmc.names; empty if there is none.
std::string name_of(std::span<const uint8_t> names, uint32_t function) {
  const auto *table = reinterpret_cast<const abi::NameTable *>(names.data());
  if (names.size() < sizeof *table || function >= table->count) return {};
  const uint64_t bytes_at = sizeof *table + (uint64_t{table->count} + 1) * sizeof(uint32_t);
  if (bytes_at > names.size()) return {};
  const auto *ends = reinterpret_cast<const uint32_t *>(table + 1);
  const uint32_t begin = ends[function], end = ends[function + 1];
  if (begin > end || end > names.size() - bytes_at) return {};
  return {reinterpret_cast<const char *>(names.data()) + bytes_at + begin, end - begin};
}

void add_functions(const ArtifactView &view, const InspectOptions &options, Listing &listing) {
  const auto functions = view.range<abi::FunctionEntry>(view.header.functions);
  const uint32_t imported = view.header.imported_functions;
  Group &group = listing.add("functions");
  if (!options.functions) {
    group.items = {{"imported", std::to_string(imported)}, {"defined", std::to_string(functions.size() - imported)}};
    return;
  }
  for (uint32_t i = 0; i < functions.size(); i++) {
    const std::string name = name_of(view.section(".wasmc.names"), i);
    group.items.push_back({std::to_string(i) + (name.empty() ? "" : " " + name),
                           type_text(view, functions[i].type) + (i < imported ? ", imported" : ", at " + hex(functions[i].wasm_offset) + " in the module")});
  }
}

}  // namespace

Result<> inspect_artifact(std::span<const uint8_t> bytes, const InspectOptions &options, Listing &listing) {
  const ArtifactView view = TRY(view_artifact(bytes));
  if (view.header.abi_version != abi::kAbiVersion)
    return fail("artifact of another version of wasmc: " + fixed_text(view.header.compiler_version) + ", ABI " + std::to_string(view.header.abi_version));
  listing.summary = "native artifact, " + bytes_text(bytes.size());
  add_facts(view, listing);
  add_sections(view, listing);
  add_interface(view, listing);
  add_space(view.range<abi::MemoryEntry>(view.header.memories), "memories", listing);
  add_space(view.range<abi::TableEntry>(view.header.tables), "tables", listing);
  add_space(view.range<abi::GlobalEntry>(view.header.globals), "globals", listing);
  add_functions(view, options, listing);
  return {};
}

}  // namespace wasmc::cli
