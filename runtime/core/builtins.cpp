// The functions of the runtime that compiled code calls, see abi/builtins.def; it reaches them through the stubs in builtin_stubs_*.S.
#include "core/builtins.h"

#include <cstring>

#include "core/instance.h"

extern "C" {
extern const char wasmc_stubs_begin[], wasmc_stubs_end[];
extern const void *const wasmc_builtin_table[];
}

namespace wasmc::core {

// The stubs say it as a literal.
static_assert(abi::kHostStackReserve == 0x20000);

const void *const *builtin_table() { return wasmc_builtin_table; }
bool in_builtin_stubs(uintptr_t pc) {
  const auto begin = reinterpret_cast<uintptr_t>(wasmc_stubs_begin);
  return pc - begin < reinterpret_cast<uintptr_t>(wasmc_stubs_end) - begin;
}

namespace {

using abi::TrapKind;

InstanceImpl &instance_of(void *context) {
  auto *header = reinterpret_cast<abi::ContextHeader *>(context) - 1;
  return *static_cast<InstanceImpl *>(static_cast<Instance *>(header->instance));
}

/// Traps on behalf of the instruction that called the builtin.
[[noreturn]] void trap_here(TrapKind kind) { exec::leave(kind, abi::kUnknownOffset); }

bool inside(const MemoryObject &memory, uint64_t first, uint64_t count) {
  return first <= memory.record->length && count <= memory.record->length - first;
}

}  // namespace

extern "C" {
void wasmc_builtin_trap(void *, uint32_t kind, uint32_t wasm_offset) { exec::leave(TrapKind(kind), wasm_offset); }

int64_t wasmc_builtin_memory_grow(void *context, uint32_t memory, uint64_t pages) {
  const auto before = instance_of(context).memory(memory).grow(pages);
  return before ? int64_t(*before) : -1;
}

void wasmc_builtin_memory_copy(void *context, uint32_t to, uint32_t from, uint64_t destination, uint64_t source, uint64_t count) {
  const MemoryObject &target = instance_of(context).memory(to), &origin = instance_of(context).memory(from);
  if (!inside(target, destination, count) || !inside(origin, source, count)) trap_here(TrapKind::OutOfBoundsMemory);
  std::memmove(target.record->base + destination, origin.record->base + source, count);
}

void wasmc_builtin_memory_fill(void *context, uint32_t memory, uint64_t destination, uint32_t value, uint64_t count) {
  const MemoryObject &target = instance_of(context).memory(memory);
  if (!inside(target, destination, count)) trap_here(TrapKind::OutOfBoundsMemory);
  std::memset(target.record->base + destination, int(value), count);
}

void wasmc_builtin_memory_init(void *context, uint32_t memory, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).memory_init(memory, segment, destination, source, count)) trap_here(*kind);
}

void wasmc_builtin_data_drop(void *context, uint32_t segment) { instance_of(context).data_drop(segment); }

void *wasmc_builtin_table_get(void *context, uint32_t table, uint64_t index) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::OutOfBoundsTable);
  return object.get(index);
}

void wasmc_builtin_table_set(void *context, uint32_t table, uint64_t index, void *reference) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::OutOfBoundsTable);
  object.set(index, reference);
}

int64_t wasmc_builtin_table_grow(void *context, uint32_t table, void *reference, uint64_t count) {
  const auto before = instance_of(context).table(table).grow(count, reference);
  return before ? int64_t(*before) : -1;
}

void wasmc_builtin_table_fill(void *context, uint32_t table, uint64_t destination, void *reference, uint64_t count) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(destination, count)) trap_here(TrapKind::OutOfBoundsTable);
  for (uint64_t i = 0; i < count; ++i) object.set(destination + i, reference);
}

void wasmc_builtin_table_copy(void *context, uint32_t to, uint32_t from, uint64_t destination, uint64_t source, uint64_t count) {
  const TableObject &target = instance_of(context).table(to), &origin = instance_of(context).table(from);
  if (!target.holds(destination, count) || !origin.holds(source, count)) trap_here(TrapKind::OutOfBoundsTable);
  const size_t size = target.element_size();
  std::memmove(static_cast<uint8_t *>(target.record->elements) + destination * size,
               static_cast<uint8_t *>(origin.record->elements) + source * size, count * size);
}

void wasmc_builtin_table_init(void *context, uint32_t table, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).table_init(table, segment, destination, source, count)) trap_here(*kind);
}

void wasmc_builtin_elem_drop(void *context, uint32_t segment) { instance_of(context).elem_drop(segment); }

void *wasmc_builtin_ref_func(void *context, uint32_t function) { return instance_of(context).function(function); }

void *wasmc_builtin_resolve_indirect(void *context, uint32_t table, uint64_t index, uint32_t wanted) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::UndefinedElement);
  abi::FuncRecord &found = object.functions()[index];
  if (!found.code) trap_here(TrapKind::UninitializedElement);
  if (instance_of(context).store_impl().engine.impl().types.is_subtype(found.type_id, wanted)) return &found;
  trap_here(TrapKind::IndirectCallType);
}

}  // extern "C"
}  // namespace wasmc::core
