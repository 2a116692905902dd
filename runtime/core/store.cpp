#include "core/store.h"

#include <algorithm>
#include <cstring>

#include "core/builtins.h"
#include "core/instance.h"

namespace wasmc::core {
namespace {

/// Elements of a table that declares no maximum, or a larger one.
constexpr uint64_t kMaxTableElements = 10'000'000;
/// Of a table. Who looks for an element goes through all of them, so there are few.
constexpr size_t kMaxDeferred = 16;
/// How a function's absence is written where zeros mean a deferred element.
constexpr abi::FuncRecord kNullFunction{.code = nullptr, .context = nullptr, .type_id = 0, .index = abi::kNone, .self = nullptr};
/// Of the stack, what most entries need and keep: 16 KiB.
constexpr uint64_t kResidentStack = 16 << 10;

}  // namespace

void *TableObject::get(uint64_t index) {
  return element.code == ValType::FuncRef ? function(index).self : references()[index];
}

void TableObject::set(uint64_t index, void *reference) {
  is_pristine = false;
  if (element.code != ValType::FuncRef) references()[index] = reference;
  else functions()[index] = reference ? *static_cast<abi::FuncRecord *>(reference) : kNullFunction;
}

abi::FuncRecord &TableObject::function(uint64_t index) {
  abi::FuncRecord &entry = functions()[index];
  if (!deferred.empty() && !entry.self && entry.index != abi::kNone) {
    is_pristine = false;
    entry = initial(index);
  }
  return entry;
}

abi::FuncRecord TableObject::initial(uint64_t index) const {
  for (size_t i = deferred.size(); i-- > 0;) {
    const Deferred &segment = deferred[i];
    if (index < segment.first || index - segment.first >= segment.functions.size()) continue;
    const uint32_t function = segment.functions[index - segment.first];
    return function == abi::kNone ? kNullFunction : *segment.owner->function(function);
  }
  return kNullFunction;
}

bool TableObject::defer(Deferred segment) {
  if (!is_pristine || element.code != ValType::FuncRef || deferred.size() == kMaxDeferred) return false;
  deferred.push_back(segment);
  return true;
}

void TableObject::copy(uint64_t destination, TableObject &origin, uint64_t source, uint64_t count) {
  // Zeros would be another element there than here. Written nulls are elements: no later segment can be deferred behind them.
  if (!deferred.empty() || !origin.deferred.empty()) {
    origin.is_pristine = false;
    for (uint64_t i = source; i < source + count; ++i)
      if (abi::FuncRecord &entry = origin.function(i); !entry.self) entry = kNullFunction;
  }
  is_pristine = false;
  const size_t size = element_size();
  const auto at = [&](const TableObject &table, uint64_t index) { return static_cast<uint8_t *>(table.record->elements) + index * size; };
  std::memmove(at(*this, destination), at(origin, source), count * size);
}

std::optional<uint64_t> TableObject::grow(uint64_t count, void *reference) {
  const uint64_t old = record->length;
  if (count > capacity - old) return std::nullopt;
  const uint64_t page = platform::page_size(), begin = old * element_size() / page * page;
  const uint64_t end = platform::round_up((old + count) * element_size(), page);
  if (count != 0 && space && !space.commit(begin, end - begin)) return std::nullopt;
  record->length = old + count;
  if (reference)
    for (uint64_t i = old; i < old + count; ++i) set(i, reference);
  return old;
}

uint64_t table_capacity(const Limits &limits) { return std::min(limits.max.value_or(kMaxTableElements), kMaxTableElements); }

Result<TableObject> make_table(abi::TableRecord *record, abi::ValueType element, Limits limits, void *initial, void *place) {
  TableObject table{.record = record, .element = element, .limits = limits};
  table.capacity = table_capacity(limits);
  if (limits.min > table.capacity) return fail("a table of " + std::to_string(limits.min) + " elements is larger than wasmc allows");
  const auto reserve = [&](uint64_t elements) {
    table.capacity = elements;
    return platform::Reservation::reserve(platform::round_up(std::max<uint64_t>(elements * table.element_size(), 1), platform::page_size()));
  };
  if (!place) {
    table.space = reserve(table.capacity);
    // Where address space is short, there is less room to grow.
    while (!table.space && table.capacity > limits.min) table.space = reserve(std::max(table.capacity / 2, limits.min));
    if (!table.space) return fail("cannot allocate a table: out of memory");
    place = table.space.base();
  }
  *record = {place, 0};
  if (!table.grow(limits.min, initial)) return fail("cannot allocate a table: out of memory");
  return table;
}

StoreImpl::StoreImpl(Store &store, Engine &engine) : store(store), engine(engine) {}
StoreImpl::~StoreImpl() = default;

InstanceImpl &StoreImpl::add_instance(std::unique_ptr<InstanceImpl> instance) {
  const ModuleImpl &module = instance->impl();
  modules_[module.artifact().text_begin()] = &module;
  instances_.push_back(std::move(instance));
  return *instances_.back();
}
MemoryObject &StoreImpl::add(MemoryObject memory) {
  memories_.push_back(std::move(memory));
  memory_of_[memories_.back().record] = &memories_.back();
  return memories_.back();
}
Result<MemoryObject *> StoreImpl::make_memory(const Limits &limits, abi::BoundsMode bounds, abi::MemoryRecord *record) {
  MemorySpace room = TRY(reserve_memory(engine.impl().config, {&engine.impl().guarded}, limits, bounds, 0));
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
  if (entrances_.size() <= type_id) entrances_.resize(type_id + 1);
  entrances_[type_id] = {thunk, !engine.impl().types.info(type_id).takes_typed_references};
}

Value *StoreImpl::loop_state(const void *code, uint32_t values) {
  loop_state_.resize(std::max<size_t>(loop_state_.size(), 1 + size_t{values}));
  loop_state_[0].ref = const_cast<void *>(code);
  return loop_state_.data();
}

std::optional<abi::TrapKind> StoreImpl::classify(uintptr_t pc, uintptr_t address) const {
  if (!module_at(pc) && !in_builtin_stubs(pc)) return std::nullopt;
  if (stack_layout_->is_guard(address - reinterpret_cast<uintptr_t>(stack_.base()))) return abi::TrapKind::StackExhausted;
  for (const MemoryObject &memory : memories_)
    if (address - reinterpret_cast<uintptr_t>(memory.record->base) < memory.guarded) return abi::TrapKind::OutOfBoundsMemory;
  return std::nullopt;
}

const ModuleImpl *StoreImpl::module_at(uintptr_t pc) const {
  const auto after = modules_.upper_bound(pc);
  if (after != modules_.begin())
    if (const ModuleImpl *module = std::prev(after)->second->at(pc)) return module;
  // Code that took over lies elsewhere.
  for (const auto &[begin, module] : modules_)
    if (const ModuleImpl *better = module->at(pc)) return better;
  return nullptr;
}

Result<> StoreImpl::make_stack(const ModuleImpl &module) {
  if (stack_) return {};
  if (!exec::prepare_thread()) return fail(exec::kNoSignalStack);
  Stacks &stacks = module.successors() ? engine.impl().first_tier_stacks : engine.impl().stacks;
  const StackLayout &layout = stacks.layout;
  platform::Reservation stack = stacks.pool.take(&stacks);
  if (!stack) return fail("cannot allocate the stack of compiled code");
  if (!stack.is_prepared()) {
    if (!stack.commit(0, layout.guard) || !stack.commit(layout.stack, layout.size - layout.stack))
      return fail("cannot allocate the stack of compiled code");
    stack.prepare(&stacks, layout.size - kResidentStack, kResidentStack);
  }
  stack_ = std::move(stack);
  stack_layout_ = &layout;
  return {};
}

TrapOr<> StoreImpl::call(const abi::FuncRecord &func, Value *values) {
  if (func.type_id >= entrances_.size() || !entrances_[func.type_id].takes_any) [[unlikely]]
    if (auto trap = refusal(func, values)) return std::unexpected(std::move(*trap));
  // A host function that calls back is on the stack already and goes on there.
  const bool inside = stack_.contains(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)));
  void *top = inside ? nullptr : stack_.base() + stack_.size();
  exec::Activation activation;
  activation.codes = this;
  if (exec::enter(activation, top, entrances_[func.type_id].thunk, func.context, func.code, values)) [[likely]] return {};
  return std::unexpected(report(activation));
}

std::optional<Trap> StoreImpl::refusal(const abi::FuncRecord &func, const Value *values) const {
  if (func.type_id >= entrances_.size() || !entrances_[func.type_id].thunk)
    return Trap::host("no module in the store has a function of this type that can be called from outside");
  // Compiled code relies on the types of references: nobody looks at them again.
  const TypeRegistry &types = engine.impl().types;
  const std::vector<abi::ValueType> &params = types.info(func.type_id).params;
  for (size_t i = 0; i < params.size(); ++i)
    if (!types.holds(params[i], values[i].ref)) return Trap::host("argument " + std::to_string(i) + " is no reference of the parameter's type");
  return std::nullopt;
}

void StoreImpl::register_frames() const {
  for (const auto &[begin, module] : modules_) module->register_frames();
}

Trap StoreImpl::report(exec::Activation &activation) const {
  Trap trap = activation.trap ? std::move(*activation.trap) : Trap{.kind = activation.kind};
  uint32_t said = activation.wasm_offset;  // by the innermost frame
  bool goes_on = false;                    // the frame before is a continuation: this one is the same call, where it left
  for (uintptr_t pc : std::span(activation.frames).first(activation.frame_count)) {
    const ModuleImpl *module = module_at(pc);
    if (!goes_on)
      for (Frame &frame : module->frames_at(pc, said)) trap.frames.push_back(std::move(frame));
    goes_on = module->is_continuation();
    said = abi::kUnknownOffset;
  }
  return trap;
}

}  // namespace wasmc::core
