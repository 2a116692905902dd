// runtime.h's handles: each asks its store.
#include <cstring>

#include "core/instance.h"
#include "platform/cpu.h"

namespace wasmc {

std::string_view to_string(ValType type) {
  switch (type) {
    case ValType::I32: return "i32";
    case ValType::I64: return "i64";
    case ValType::F32: return "f32";
    case ValType::F64: return "f64";
    case ValType::V128: return "v128";
    case ValType::FuncRef: return "funcref";
    case ValType::ExternRef: return "externref";
  }
  return "?";
}

std::string_view version() { return WASMC_VERSION; }
std::string cpu_identity() { return platform::cpu_identity(); }

std::string Trap::message() const {
  static constexpr std::string_view kMessages[] = {
#define WASMC_TRAP(id, message) message,
#include "abi/traps.def"
  };
  std::string out(kMessages[size_t(kind)]);
  return detail.empty() ? out : out + ": " + detail;
}

Store::Store(Engine &engine) : impl_(std::make_unique<core::StoreImpl>(*this, engine)) {}
Store::~Store() = default;
Engine &Store::engine() const { return impl_->engine; }

Result<SharedMemory> SharedMemory::create(Engine &engine, Limits limits) {
  if (!limits.max) return fail("shared memory must have maximum");
  limits.is_shared = true;
  return SharedMemory(TRY(core::SharedMemoryImpl::make(engine.impl().config, limits, engine.preferred_bounds())));
}

Result<Memory> Store::create_memory(Limits limits) {
  if (limits.is_shared) return add_memory(TRY(SharedMemory::create(engine(), limits)));
  impl_->host_memories.push_back({});
  return Memory(TRY(impl_->make_memory(limits, engine().preferred_bounds(), &impl_->host_memories.back()))->record);
}
Memory Store::add_memory(const SharedMemory &memory) { return Memory(impl_->add_shared(memory.impl()).record); }

Result<Table> Store::create_table(ValType element, Limits limits, void *initial) {
  impl_->host_tables.push_back({});
  return Table(impl_->add(TRY(core::make_table(&impl_->host_tables.back(), core::plain(element), limits, initial))).record);
}

Global Store::create_global(ValType type, bool is_mutable, Value initial) {
  impl_->host_globals.push_back(initial);
  impl_->add(core::GlobalObject{&impl_->host_globals.back(), core::plain(type), is_mutable});
  return Global(&impl_->host_globals.back());
}

FuncType Func::type(Store &store) const { return store.engine().impl().types.type(record_->type_id); }
TrapOr<> Func::call(Store &store, std::span<Value> values) const { return store.impl().call(*record_, values.data()); }

uint64_t Memory::pages(Store &store) const { return store.impl().memory(record_).pages(); }
std::optional<SharedMemory> Memory::shared(Store &store) const {
  const core::MemoryObject &memory = store.impl().memory(record_);
  return memory.shared ? std::optional(SharedMemory(memory.shared)) : std::nullopt;
}
Limits Memory::limits(Store &store) const { return store.impl().memory(record_).limits; }
std::optional<uint64_t> Memory::grow(Store &store, uint64_t pages) const { return store.impl().memory(record_).grow(pages); }

ValType Table::element(Store &store) const { return store.impl().table(record_).element.code; }
Limits Table::limits(Store &store) const { return store.impl().table(record_).limits; }
bool Table::get(Store &store, uint64_t index, void *&reference) const {
  core::TableObject &table = store.impl().table(record_);
  if (!table.holds(index, 1)) return false;
  reference = table.get(index);
  return true;
}
bool Table::set(Store &store, uint64_t index, void *reference) const {
  core::TableObject &table = store.impl().table(record_);
  if (!table.holds(index, 1) || !store.engine().impl().types.holds(table.element, reference)) return false;
  table.set(index, reference);
  return true;
}
std::optional<uint64_t> Table::grow(Store &store, uint64_t elements, void *reference) const {
  core::TableObject &table = store.impl().table(record_);
  if (!store.engine().impl().types.holds(table.element, reference)) return std::nullopt;
  return table.grow(elements, reference);
}

ValType Global::type(Store &store) const { return store.impl().global(cell_).type.code; }
bool Global::is_mutable(Store &store) const { return store.impl().global(cell_).is_mutable; }
Value Global::get(Store &store) const {
  Value value{.bits = {0, 0}};
  std::memcpy(&value, cell_, type(store) == ValType::V128 ? 16 : 8);
  return value;
}
bool Global::set(Store &store, Value value) const {
  if (!store.engine().impl().types.holds(store.impl().global(cell_).type, value.ref)) return false;
  std::memcpy(cell_, &value, type(store) == ValType::V128 ? 16 : 8);
  return true;
}

Instance &Caller::instance() const { return *static_cast<Instance *>(self_->instance); }
Memory Caller::memory() const { return static_cast<core::InstanceImpl &>(instance()).exported_memory(); }

void raise_trap(Trap trap) { exec::leave(std::move(trap)); }

}  // namespace wasmc
