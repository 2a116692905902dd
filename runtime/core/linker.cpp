#include <map>

#include "core/instance.h"

namespace wasmc::core {

class LinkerImpl {
 public:
  struct Definition {
    Extern value;
    std::optional<HostFunction> host;
  };
  void define(std::string_view module, std::string_view name, Definition definition) {
    definitions_.insert_or_assign({std::string(module), std::string(name)}, std::move(definition));
  }
  const Definition *find(std::string_view module, std::string_view name) const {
    const auto it = definitions_.find(std::pair(module, name));
    return it == definitions_.end() ? nullptr : &it->second;
  }

 private:
  struct ByNames {  // found by views, too
    using is_transparent = void;
    using Views = std::pair<std::string_view, std::string_view>;
    bool operator()(const Views &left, const Views &right) const { return left < right; }
  };
  std::map<std::pair<std::string, std::string>, Definition, ByNames> definitions_;
};

namespace {

std::string_view name_of(ExternKind kind) {
  static constexpr std::string_view kNames[] = {"function", "table", "memory", "global", "tag"};
  return kNames[size_t(kind)];
}

std::string describe(const FuncType &type) {
  const auto list = [](const std::vector<ValType> &types) {
    std::string out = "(";
    for (ValType type : types) out += (out.size() > 1 ? " " : "") + std::string(to_string(type));
    return out + ")";
  };
  return list(type.params) + " -> " + list(type.results);
}

/// Spec 3.3.9 Import Matching: what is given has at least the minimum and at most the maximum that is asked for.
bool matches(uint64_t size, const Limits &given, const abi::LimitsEntry &wanted) {
  if (given.is_64 != (wanted.is_64 != 0) || given.is_shared != (wanted.is_shared != 0) || size < wanted.min) return false;
  return !wanted.has_max || (given.max && *given.max <= wanted.max);
}

/// Why a memory does not fit an import; empty if it does.
std::string memory_mismatch(const MemoryObject &given, const abi::MemoryEntry &wanted, abi::BoundsMode bounds) {
  if (given.limits.page_size_log2 != wanted.page_size_log2) return "the memory's page size differs";
  if (given.limits.is_shared != (wanted.limits.is_shared != 0)) return wanted.limits.is_shared ? "the memory is not shared" : "the memory is shared";
  if (given.limits.is_64 != (wanted.limits.is_64 != 0)) return "the memory's address type differs";
  if (!matches(given.pages(), given.limits, wanted.limits)) return "the memory's limits differ";
  if (abi::relies_on_guard(bounds, given.limits.is_64, given.limits.page_size_log2) && given.guarded == 0)
    return "the memory has no guard pages, which this artifact was compiled for (--bounds=guard)";
  return "";
}

/// Why a definition does not fit an import; empty if it does.
std::string mismatch(StoreImpl &store, const ModuleImpl &module, const abi::ImportEntry &import, const LinkerImpl::Definition &given) {
  const ExternKind kind = given.host ? ExternKind::Func : given.value.kind;
  if (kind != import.kind) return "a " + std::string(name_of(import.kind)) + " is wanted, a " + std::string(name_of(kind)) + " is given";
  switch (kind) {
    case ExternKind::Func: {
      TypeRegistry &types = store.engine.impl().types;
      const uint32_t wanted = module.type_ids()[module.functions()[import.index].type];
      if (const TypeInfo &info = types.info(wanted); given.host && info.is_face && info.face == given.host->type) return "";
      const uint32_t type = given.host ? types.intern(given.host->type) : given.value.func.record()->type_id;
      if (types.is_subtype(type, wanted)) return "";
      if (types.type(type) == types.type(wanted)) return "the types differ in their references or supertypes";
      return "the type " + describe(types.type(wanted)) + " is wanted, " + describe(types.type(type)) + " is given";
    }
    case ExternKind::Table: {
      const auto &wanted = module.list<abi::TableEntry>(&abi::ModuleHeader::tables)[import.index];
      const TableObject &table = store.table(given.value.table.record());
      return table.element == module.canonical(wanted.element) && matches(table.record->length, table.limits, wanted.limits) ? "" : "the table's type differs";
    }
    case ExternKind::Memory: {
      const auto &wanted = module.list<abi::MemoryEntry>(&abi::ModuleHeader::memories)[import.index];
      return memory_mismatch(store.memory(given.value.memory.record()), wanted, module.header().bounds);
    }
    case ExternKind::Global: {
      const auto &wanted = module.list<abi::GlobalEntry>(&abi::ModuleHeader::globals)[import.index];
      const GlobalObject &global = store.global(given.value.global.cell());
      const abi::ValueType type = module.canonical(wanted.type);
      // What may be written by both sides must have one type; what is only read may be more special.
      const bool fits = global.is_mutable ? global.type == type : store.engine.impl().types.matches(global.type, type);
      return fits && global.is_mutable == (wanted.is_mutable != 0) ? "" : "the global's type differs";
    }
    case ExternKind::Tag: break;
  }
  return "exceptions are not supported yet";
}

}  // namespace
}  // namespace wasmc::core

namespace wasmc {

Linker::Linker() : impl_(std::make_unique<core::LinkerImpl>()) {}
Linker::~Linker() = default;
Linker::Linker(Linker &&) noexcept = default;
Linker &Linker::operator=(Linker &&) noexcept = default;

void Linker::define(std::string_view module, std::string_view name, Extern value) { impl_->define(module, name, {value, std::nullopt}); }
void Linker::define(std::string_view module, std::string_view name, HostFunction function) { impl_->define(module, name, {{}, std::move(function)}); }
void Linker::define_instance(std::string_view module, Instance &instance) {
  for (const ExportType &exported : instance.module().exports()) define(module, exported.name, instance.get(exported.name));
}

std::vector<ImportType> Linker::missing(const Module &module) const {
  std::vector<ImportType> out;
  for (const ImportType &import : module.imports())
    if (!impl_->find(import.module, import.name)) out.push_back(import);
  return out;
}

Result<Instance *> Linker::instantiate(Store &store, const Module &module) const {
  const core::ModuleImpl &impl = module.impl();
  if (impl.is_continuation()) return std::unexpected(Error("is code for one loop of a module, not a module").in_file(impl.name()));
  std::vector<core::Binding> bindings;
  for (const auto &import : impl.list<abi::ImportEntry>(&abi::ModuleHeader::imports)) {
    const std::string_view from = impl.artifact().string(import.module), name = impl.artifact().string(import.name);
    const auto called = [&] { return " \"" + std::string(from) + "\" \"" + std::string(name) + "\""; };
    const auto *given = impl_->find(from, name);
    if (!given) return std::unexpected(Error("unknown import" + called() + " (" + std::string(core::name_of(import.kind)) + ")").in_file(impl.name()));
    if (std::string why = core::mismatch(store.impl(), impl, import, *given); !why.empty())
      return std::unexpected(Error("incompatible import type" + called() + ": " + why).in_file(impl.name()));
    bindings.push_back({given->value, given->host ? &*given->host : nullptr});
  }
  for (uint32_t i = 0; i < impl.type_ids().size(); ++i) {
    const uint32_t thunk = impl.list<abi::TypeEntry>(&abi::ModuleHeader::types)[i].entry_thunk;
    if (thunk != abi::kNone) store.impl().add_thunk(impl.type_ids()[i], reinterpret_cast<abi::EntryThunk *>(const_cast<void *>(impl.artifact().code(thunk))));
  }
  if (auto made = store.impl().make_stack(impl); !made) return std::unexpected(std::move(made).error().in_file(impl.name()));
  core::InstanceImpl &instance = store.impl().add_instance(std::make_unique<core::InstanceImpl>(store.impl(), module));
  if (auto done = instance.allocate(bindings); !done) return std::unexpected(std::move(done).error().in_file(impl.name()));
  return &instance;
}

TrapOr<> Linker::start(Store &, Instance &instance) { return static_cast<core::InstanceImpl &>(instance).start(); }

}  // namespace wasmc
