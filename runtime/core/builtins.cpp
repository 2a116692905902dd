// The functions of the runtime that compiled code calls, see abi/builtins.def; it reaches them through the stubs in builtin_stubs_*.S.
#include "core/builtins.h"

#include <cstring>
#include <new>

#include "core/instance.h"

extern "C" {
extern const char wasmc_stubs_begin[], wasmc_stubs_end[];
extern const void *const wasmc_builtin_table[];
extern const char wasmc_no_continuation[];
}

namespace wasmc::core {

// The stubs say it as a literal.
static_assert(abi::kHostStackReserve == 0x20000);

const void *const *builtin_table() { return wasmc_builtin_table; }
bool in_builtin_stubs(uintptr_t pc) {
  const auto begin = reinterpret_cast<uintptr_t>(wasmc_stubs_begin);
  return pc - begin < reinterpret_cast<uintptr_t>(wasmc_stubs_end) - begin;
}

uintptr_t way_on_without_stack(uintptr_t pc) {
  constexpr uintptr_t kBeforeTheJump = 16;  // bytes of a stub
  const auto stub = reinterpret_cast<uintptr_t>(wasmc_builtin_table[size_t(abi::BuiltinId::continue_loop)]);
  return pc - stub < kBeforeTheJump ? reinterpret_cast<uintptr_t>(wasmc_no_continuation) : 0;
}

namespace {

using abi::TrapKind;

InstanceImpl &instance_of(void *context) {
  auto *header = reinterpret_cast<abi::ContextHeader *>(context) - 1;
  return *static_cast<InstanceImpl *>(static_cast<Instance *>(header->instance));
}

/// Traps on behalf of the instruction that called the builtin.
[[noreturn]] void trap_here(TrapKind kind) { exec::leave(kind, abi::kUnknownOffset); }

/// Where an atomic access goes in the memory. Traps if it is not aligned or out of bounds.
uint64_t atomic_address(const MemoryObject &memory, uint64_t index, uint64_t offset, uint64_t size) {
  uint64_t address = 0;
  const bool wraps = __builtin_add_overflow(index, offset, &address);
  if (address % size != 0) trap_here(TrapKind::UnalignedAtomic);
  if (wraps || !memory.holds(address, size)) trap_here(TrapKind::OutOfBoundsMemory);
  return address;
}

template <class T> uint32_t atomic_wait(const MemoryObject &memory, uint64_t index, uint64_t offset, T expected, int64_t timeout) {
  const uint64_t address = atomic_address(memory, index, offset, sizeof(T));
  if (!memory.shared) trap_here(TrapKind::ExpectedShared);
  const auto *place = reinterpret_cast<const T *>(memory.record->base + address);
  return uint32_t(memory.shared->waiters.wait(address, timeout, [&] { return __atomic_load_n(place, __ATOMIC_SEQ_CST) == expected; }));
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
  if (!target.holds(destination, count) || !origin.holds(source, count)) trap_here(TrapKind::OutOfBoundsMemory);
  std::memmove(target.record->base + destination, origin.record->base + source, count);
}

void wasmc_builtin_memory_fill(void *context, uint32_t memory, uint64_t destination, uint32_t value, uint64_t count) {
  const MemoryObject &target = instance_of(context).memory(memory);
  if (!target.holds(destination, count)) trap_here(TrapKind::OutOfBoundsMemory);
  std::memset(target.record->base + destination, int(value), count);
}

void wasmc_builtin_memory_init(void *context, uint32_t memory, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).memory_init(memory, segment, destination, source, count)) trap_here(*kind);
}

void wasmc_builtin_data_drop(void *context, uint32_t segment) { instance_of(context).data_drop(segment); }

void *wasmc_builtin_table_get(void *context, uint32_t table, uint64_t index) {
  TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::OutOfBoundsTable);
  return object.get(index);
}

void wasmc_builtin_table_set(void *context, uint32_t table, uint64_t index, void *reference) {
  TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::OutOfBoundsTable);
  object.set(index, reference);
}

int64_t wasmc_builtin_table_grow(void *context, uint32_t table, void *reference, uint64_t count) {
  const auto before = instance_of(context).table(table).grow(count, reference);
  return before ? int64_t(*before) : -1;
}

void wasmc_builtin_table_fill(void *context, uint32_t table, uint64_t destination, void *reference, uint64_t count) {
  TableObject &object = instance_of(context).table(table);
  if (!object.holds(destination, count)) trap_here(TrapKind::OutOfBoundsTable);
  for (uint64_t i = 0; i < count; ++i) object.set(destination + i, reference);
}

void wasmc_builtin_table_copy(void *context, uint32_t to, uint32_t from, uint64_t destination, uint64_t source, uint64_t count) {
  TableObject &target = instance_of(context).table(to), &origin = instance_of(context).table(from);
  if (!target.holds(destination, count) || !origin.holds(source, count)) trap_here(TrapKind::OutOfBoundsTable);
  target.copy(destination, origin, source, count);
}

void wasmc_builtin_table_init(void *context, uint32_t table, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  if (auto kind = instance_of(context).table_init(table, segment, destination, source, count)) trap_here(*kind);
}

void wasmc_builtin_elem_drop(void *context, uint32_t segment) { instance_of(context).elem_drop(segment); }

void *wasmc_builtin_ref_func(void *context, uint32_t function) { return instance_of(context).function(function); }

void *wasmc_builtin_resolve_indirect(void *context, uint32_t table, uint64_t index, uint32_t wanted) {
  TableObject &object = instance_of(context).table(table);
  if (!object.holds(index, 1)) trap_here(TrapKind::UndefinedElement);
  abi::FuncRecord &found = object.function(index);
  if (!found.code) trap_here(TrapKind::UninitializedElement);
  if (instance_of(context).store_impl().engine.impl().types.is_subtype(found.type_id, wanted)) return &found;
  trap_here(TrapKind::IndirectCallType);
}

void wasmc_builtin_no_callee(void *context, uint32_t table, uint64_t index, uint32_t wanted) {
  wasmc_builtin_resolve_indirect(context, table, index, wanted);
  trap_here(TrapKind::IndirectCallType);  // were the table not what the compiler took it for
}

uint32_t wasmc_builtin_atomic_wait32(void *context, uint32_t memory, uint64_t index, uint64_t offset, uint32_t expected, int64_t timeout) {
  return atomic_wait<uint32_t>(instance_of(context).memory(memory), index, offset, expected, timeout);
}

uint32_t wasmc_builtin_atomic_wait64(void *context, uint32_t memory, uint64_t index, uint64_t offset, uint64_t expected, int64_t timeout) {
  return atomic_wait<uint64_t>(instance_of(context).memory(memory), index, offset, expected, timeout);
}

uint32_t wasmc_builtin_atomic_notify(void *context, uint32_t memory, uint64_t index, uint64_t offset, uint32_t count) {
  const MemoryObject &object = instance_of(context).memory(memory);
  const uint64_t address = atomic_address(object, index, offset, sizeof(uint32_t));
  return object.shared ? object.shared->waiters.notify(address, count) : 0;  // nobody can wait in a memory that is not shared
}

Value *wasmc_builtin_continue_loop(void *context, uint32_t function, uint32_t loop, uint32_t values) {
  InstanceImpl &instance = instance_of(context);
  try {
    const void *code = instance.impl().continuation(function, loop);
    return code ? instance.store_impl().loop_state(code, values) : nullptr;
  } catch (const std::bad_alloc &) {
    return nullptr;  // it goes on as it is
  }
}

}  // extern "C"
}  // namespace wasmc::core
