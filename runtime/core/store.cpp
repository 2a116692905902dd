#include "core/store.h"

#include <algorithm>
#include <cstring>

#include "core/builtins.h"
#include "core/instance.h"

namespace wasmc::core {
namespace {

/// Below the Wasm stack. Host functions are entered with kHostStackReserve left, so it takes that much more to jump over it.
constexpr uint64_t kStackGuard = 2 * abi::kHostStackReserve;
/// Elements of a table that declares no maximum, or a larger one.
constexpr uint64_t kMaxTableElements = 10'000'000;
constexpr char kNoSignalStack[] = "cannot allocate the thread's signal stack";

}  // namespace

void *TableObject::get(uint64_t index) const {
  return element.code == ValType::FuncRef ? functions()[index].self : references()[index];
}

void TableObject::set(uint64_t index, void *reference) const {
  if (element.code != ValType::FuncRef) references()[index] = reference;
  else functions()[index] = reference ? *static_cast<abi::FuncRecord *>(reference) : abi::FuncRecord{};
}

std::optional<uint64_t> TableObject::grow(uint64_t count, void *reference) {
  const uint64_t old = record->length;
  if (count > capacity - old) return std::nullopt;
  const uint64_t page = platform::page_size(), begin = old * element_size() / page * page;
  const uint64_t end = platform::round_up((old + count) * element_size(), page);
  if (count != 0 && !space.commit(begin, end - begin)) return std::nullopt;
  record->length = old + count;
  if (reference)
    for (uint64_t i = old; i < old + count; ++i) set(i, reference);
  return old;
}

Result<TableObject> make_table(abi::TableRecord *record, abi::ValueType element, Limits limits, void *initial) {
  TableObject table{.record = record, .element = element, .limits = limits};
  table.capacity = std::min(limits.max.value_or(kMaxTableElements), kMaxTableElements);
  if (limits.min > table.capacity) return fail("a table of " + std::to_string(limits.min) + " elements is larger than wasmc allows");
  const auto reserve = [&](uint64_t elements) {
    table.capacity = elements;
    return platform::Reservation::reserve(platform::round_up(std::max<uint64_t>(elements * table.element_size(), 1), platform::page_size()));
  };
  table.space = reserve(table.capacity);
  // Where address space is short, there is less room to grow.
  while (!table.space && table.capacity > limits.min) table.space = reserve(std::max(table.capacity / 2, limits.min));
  *record = {table.space.base(), 0};
  if (!table.space || !table.grow(limits.min, initial)) return fail("cannot allocate a table: out of memory");
  return table;
}

StoreImpl::StoreImpl(Store &store, Engine &engine) : store(store), engine(engine) {}
StoreImpl::~StoreImpl() = default;

InstanceImpl &StoreImpl::add_instance(std::unique_ptr<InstanceImpl> instance) {
  instances_.push_back(std::move(instance));
  return *instances_.back();
}
MemoryObject &StoreImpl::add(MemoryObject memory) {
  memories_.push_back(std::move(memory));
  memory_of_[memories_.back().record] = &memories_.back();
  return memories_.back();
}
Result<MemoryObject *> StoreImpl::make_memory(const Limits &limits, abi::BoundsMode bounds, abi::MemoryRecord *record) {
  MemorySpace room = TRY(reserve_memory(engine.impl().config, &engine.impl().guarded, limits, bounds, 0));
  platform::Reservation &space = spaces_.emplace_back(std::move(room.space));
  *record = {space.base(), 0};
  MemoryObject memory{.record = record, .space = &space, .capacity = room.capacity, .guarded = room.guarded, .limits = limits};
  if (!memory.grow(limits.min)) return fail("cannot allocate the memory: out of memory");
  return &add(std::move(memory));
}
MemoryObject &StoreImpl::add_shared(const std::shared_ptr<SharedMemoryImpl> &shared) {
  if (const auto known = memory_of_.find(&shared->record); known != memory_of_.end()) return *known->second;
  return add(MemoryObject::of(shared));
}
TableObject &StoreImpl::add(TableObject table) {
  tables_.push_back(std::move(table));
  table_of_[tables_.back().record] = &tables_.back();
  return tables_.back();
}
void StoreImpl::add(GlobalObject global) { global_of_[global.cell] = global; }

void StoreImpl::add_thunk(uint32_t type_id, abi::EntryThunk *thunk) {
  if (thunks_.size() <= type_id) thunks_.resize(type_id + 1);
  thunks_[type_id] = thunk;
}

std::optional<abi::TrapKind> StoreImpl::classify(uintptr_t pc, uintptr_t address) const {
  if (!instance_at(pc) && !in_builtin_stubs(pc)) return std::nullopt;
  if (address - reinterpret_cast<uintptr_t>(stack_.base()) < kStackGuard) return abi::TrapKind::StackExhausted;
  for (const MemoryObject &memory : memories_)
    if (address - reinterpret_cast<uintptr_t>(memory.record->base) < memory.guarded) return abi::TrapKind::OutOfBoundsMemory;
  return std::nullopt;
}

const InstanceImpl *StoreImpl::instance_at(uintptr_t pc) const {
  for (const auto &instance : instances_)
    if (instance->impl().artifact().in_text(pc)) return instance.get();
  return nullptr;
}

Result<> StoreImpl::make_stack() {
  if (stack_) return {};
  if (!exec::prepare_thread()) return fail(kNoSignalStack);
  // What host functions and builtins are promised is not taken from what compiled code is given.
  const uint64_t size = platform::round_up(engine.impl().config.wasm_stack_size + abi::kHostStackReserve, platform::page_size());
  stack_ = platform::Reservation::reserve(kStackGuard + size);
  const uint64_t tail_call = platform::round_up(sizeof(abi::TailCall) + abi::kMaxTailCallStack, platform::page_size());
  tail_call_ = platform::Reservation::reserve(tail_call);
  if (!tail_call_ || !tail_call_.commit(0, tail_call)) return fail("cannot allocate the stack of compiled code");
  if (!stack_ || !stack_.commit(kStackGuard, size)) return fail("cannot allocate the stack of compiled code");
  return {};
}

TrapOr<> StoreImpl::call(const abi::FuncRecord &func, Value *values) {
  if (!exec::prepare_thread()) return std::unexpected(Trap::host(kNoSignalStack));
  // A host function that calls back is on the stack already and goes on there.
  const bool inside = stack_.contains(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  void *top = inside ? nullptr : stack_.base() + stack_.size();
  exec::Activation activation;
  activation.codes = this;
  abi::EntryThunk *thunk = func.type_id < thunks_.size() ? thunks_[func.type_id] : nullptr;
  if (!thunk) return std::unexpected(Trap::host("no module in the store has a function of this type that can be called from outside"));
  if (exec::enter(activation, top, thunk, func.context, func.code, values)) return {};
  return std::unexpected(report(activation));
}

void StoreImpl::register_frames() const {
  for (const auto &instance : instances_) instance->impl().artifact().register_frames();
}

Trap StoreImpl::report(exec::Activation &activation) const {
  Trap trap = activation.trap ? std::move(*activation.trap) : Trap{.kind = activation.kind};
  uint32_t said = activation.wasm_offset;  // by the innermost frame
  for (uintptr_t pc : std::span(activation.frames).first(activation.frame_count)) {
    for (Frame &frame : instance_at(pc)->impl().frames_at(pc, said)) trap.frames.push_back(std::move(frame));
    said = abi::kUnknownOffset;
  }
  return trap;
}

}  // namespace wasmc::core
