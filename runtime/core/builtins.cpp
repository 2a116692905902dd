#include "core/builtins.h"

#include <cstring>

#include "core/instance.h"

namespace wasmc::core {
namespace {

using abi::TrapKind;

InstanceImpl &instance_of(void *context) {
  auto *header = reinterpret_cast<abi::ContextHeader *>(context) - 1;
  return *static_cast<InstanceImpl *>(static_cast<Instance *>(header->instance));
}

/// Traps on behalf of the instruction that called the builtin. Always inlined: the return address is the builtin's own.
#define WASMC_TRAP_HERE(kind) \
  exec::leave(kind, abi::kUnknownOffset, reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1)

bool inside(const MemoryObject &memory, uint64_t first, uint64_t count) {
  return first <= memory.record->length && count <= memory.record->length - first;
}

void trap(void *, uint32_t kind, uint32_t wasm_offset) {
  exec::leave(TrapKind(kind), wasm_offset, reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - 1);
}

int64_t memory_grow(void *context, uint32_t memory, uint64_t pages) {
  const auto before = instance_of(context).memory(memory).grow(pages);
  return before ? int64_t(*before) : -1;
}

void memory_copy(void *context, uint32_t to, uint32_t from, uint64_t destination, uint64_t source, uint64_t count) {
  const MemoryObject &target = instance_of(context).memory(to), &origin = instance_of(context).memory(from);
  if (!inside(target, destination, count) || !inside(origin, source, count)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsMemory);
  std::memmove(target.record->base + destination, origin.record->base + source, count);
}

void memory_fill(void *context, uint32_t memory, uint64_t destination, uint32_t value, uint64_t count) {
  const MemoryObject &target = instance_of(context).memory(memory);
  if (!inside(target, destination, count)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsMemory);
  std::memset(target.record->base + destination, int(value), count);
}

void memory_init(void *context, uint32_t memory, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).memory_init(memory, segment, destination, source, count)) WASMC_TRAP_HERE(*kind);
}

void data_drop(void *context, uint32_t segment) { instance_of(context).data_drop(segment); }

void *table_get(void *context, uint32_t table, uint64_t index) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsTable);
  return object.get(index);
}

void table_set(void *context, uint32_t table, uint64_t index, void *reference) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsTable);
  object.set(index, reference);
}

int64_t table_grow(void *context, uint32_t table, void *reference, uint64_t count) {
  const auto before = instance_of(context).table(table).grow(count, reference);
  return before ? int64_t(*before) : -1;
}

void table_fill(void *context, uint32_t table, uint64_t destination, void *reference, uint64_t count) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(destination, count)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsTable);
  for (uint64_t i = 0; i < count; ++i) object.set(destination + i, reference);
}

void table_copy(void *context, uint32_t to, uint32_t from, uint64_t destination, uint64_t source, uint64_t count) {
  const TableObject &target = instance_of(context).table(to), &origin = instance_of(context).table(from);
  if (!target.holds(destination, count) || !origin.holds(source, count)) WASMC_TRAP_HERE(TrapKind::OutOfBoundsTable);
  const size_t size = target.element_size();
  std::memmove(static_cast<uint8_t *>(target.record->elements) + destination * size,
               static_cast<uint8_t *>(origin.record->elements) + source * size, count * size);
}

void table_init(void *context, uint32_t table, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).table_init(table, segment, destination, source, count)) WASMC_TRAP_HERE(*kind);
}

void elem_drop(void *context, uint32_t segment) { instance_of(context).elem_drop(segment); }

void *ref_func(void *context, uint32_t function) { return instance_of(context).function(function); }

void *resolve_indirect(void *context, uint32_t table, uint64_t index, uint32_t) {
  const TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) WASMC_TRAP_HERE(TrapKind::UndefinedElement);
  if (!object.functions()[index].code) WASMC_TRAP_HERE(TrapKind::UninitializedElement);
  WASMC_TRAP_HERE(TrapKind::IndirectCallType);
}

#undef WASMC_TRAP_HERE

const void *const kBuiltins[] = {
#define WASMC_BUILTIN(id, signature) reinterpret_cast<const void *>(&id),
#include "abi/builtins.def"
};

}  // namespace

const void *const *builtin_table() { return kBuiltins; }

}  // namespace wasmc::core
