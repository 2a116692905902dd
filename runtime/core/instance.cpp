#include "core/instance.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

#include "core/builtins.h"

namespace wasmc::core {
namespace {

/// Tables up to this many bytes, together, lie with the context; others have address space of their own.
constexpr uint64_t kMostTables = 4 << 20;
/// Of the context area and what lies next to it: the pages that the pool keeps.
constexpr uint64_t kResident = 16 << 10;

/// Bytes of an instance's own table; what has no maximum to speak of counts as very large.
uint64_t size_of(const abi::TableEntry &table) {
  const uint64_t capacity = table_capacity(limits_of(table));
  return capacity * (table.element.code == ValType::FuncRef ? sizeof(abi::FuncRecord) : sizeof(void *));
}

/// An offset of a segment, by the address type.
uint64_t offset_of(const Value &value, const Limits &limits) { return limits.is_64 ? value.bits[0] : uint32_t(value.i32); }

}  // namespace

Extern InstanceImpl::get(std::string_view name) {
  const abi::ExportEntry *entry = impl().find_export(name);
  if (!entry) return {};
  switch (entry->kind) {
    case ExternKind::Func: return {.kind = entry->kind, .func = Func(function(entry->index))};
    case ExternKind::Table: return {.kind = entry->kind, .table = Table(tables_[entry->index]->record)};
    case ExternKind::Memory: return {.kind = entry->kind, .memory = Memory(memories_[entry->index]->record)};
    case ExternKind::Global: return {.kind = entry->kind, .global = Global(globals_[entry->index])};
    case ExternKind::Tag: break;
  }
  return {};
}

Memory InstanceImpl::exported_memory() {
  if (!exported_memory_) exported_memory_ = get("memory").memory;
  return *exported_memory_;
}

Result<> InstanceImpl::allocate(std::span<const Binding> imports) {
  lay_out();
  TRY(reserve());
  const abi::ModuleHeader &header = impl().header();
  auto *end = slot<abi::ContextHeader>(-int32_t(sizeof(abi::ContextHeader)));
  *end = {.successors = impl().successors(), .instance = static_cast<Instance *>(this), .type_ids = impl().type_ids().data(), .builtins = builtin_table()};
  *slot<abi::TailCall *>(header.tail_call_slot) = store_.tail_call();
  dropped_data_.resize(header.data.count);
  dropped_elements_.resize(header.elements.count);
  bind_imports(imports);
  TRY(allocate_memories());
  TRY(allocate_tables());
  allocate_globals();
  return {};
}

/// What lies before the context pointer. A table without a maximum to speak of is left out.
void InstanceImpl::lay_out() {
  const uint64_t page = platform::page_size();
  uint64_t end = page;
  for (const auto &table : impl().list<abi::TableEntry>(&abi::ModuleHeader::tables)) {
    if (table.imported) continue;
    const bool is_here = size_of(table) <= kMostTables + page - end;
    table_offsets_.push_back(is_here ? end : 0);
    if (is_here) end += platform::round_up(size_of(table), sizeof(abi::FuncRecord));
  }
  context_offset_ = platform::round_up(end + impl().header().context_size, page);
}

/// The reservation, with everything before memory 0 committed.
Result<> InstanceImpl::reserve() {
  const abi::ModuleHeader &header = impl().header();
  const uint64_t page = platform::page_size();
  EngineImpl &engine = store_.engine.impl();
  if (header.memory0_at_context) {
    const Limits limits = limits_of(impl().list<abi::MemoryEntry>(&abi::ModuleHeader::memories)[0]);
    MemorySpace room = TRY(reserve_memory(engine.config, {&engine.guarded, &impl()}, limits, header.bounds, context_offset_));
    space_ = std::move(room.space);
    memory0_capacity_ = room.capacity;
    memory0_guarded_ = room.guarded;
  } else {
    const uint64_t size = context_offset_ + page;
    space_ = size <= engine.contexts.size() ? engine.contexts.take(&impl()) : platform::Reservation::reserve(size);
  }
  if (!space_ || (!space_.is_prepared() && !space_.commit(page, context_offset_ - page))) return fail("cannot allocate the instance: out of memory");
  if (!header.memory0_at_context) prepare_space();
  context_ = space_.base() + context_offset_;
  return {};
}

/// All is in place that the next instance of the module finds in the space if it comes to it.
void InstanceImpl::prepare_space() {
  const uint64_t resident = std::min(kResident, context_offset_ - platform::page_size());
  space_.prepare(&impl(), context_offset_ - resident, resident);
}

void InstanceImpl::bind_imports(std::span<const Binding> imports) {
  const auto entries = impl().list<abi::ImportEntry>(&abi::ModuleHeader::imports);
  const auto functions = impl().functions();
  for (size_t i = 0; i < entries.size(); ++i) {
    const Extern &given = imports[i].value;
    switch (entries[i].kind) {
      case ExternKind::Func: {
        const uint32_t index = entries[i].index;
        abi::FuncRecord &own = records_[index];
        if (const HostFunction *host = imports[i].host) {
          // The importing instance becomes the caller that the host function sees.
          host_functions_.push_back({host->fn, host->env, static_cast<Instance *>(this)});
          own = {impl().artifact().code(functions[index].code), &host_functions_.back(), impl().type_ids()[functions[index].type], index, &own};
        } else {
          own = *given.func.record();
        }
        *slot<abi::ImportSlot>(functions[index].slot) = {own.code, own.context};
        break;
      }
      case ExternKind::Table:
        tables_.push_back(&store_.table(given.table.record()));
        *slot<abi::TableRecord *>(impl().list<abi::TableEntry>(&abi::ModuleHeader::tables)[entries[i].index].slot) = given.table.record();
        break;
      case ExternKind::Memory:
        memories_.push_back(&store_.memory(given.memory.record()));
        *slot<abi::MemoryRecord *>(impl().list<abi::MemoryEntry>(&abi::ModuleHeader::memories)[entries[i].index].slot) = given.memory.record();
        break;
      case ExternKind::Global:
        globals_.push_back(given.global.cell());
        *slot<Value *>(impl().list<abi::GlobalEntry>(&abi::ModuleHeader::globals)[entries[i].index].slot) = given.global.cell();
        break;
      case ExternKind::Tag: break;
    }
  }
}

Result<> InstanceImpl::allocate_memories() {
  const auto entries = impl().list<abi::MemoryEntry>(&abi::ModuleHeader::memories);
  for (uint32_t i = uint32_t(memories_.size()); i < entries.size(); ++i) memories_.push_back(TRY(allocate_memory(i, entries[i])));
  return {};
}

Result<MemoryObject *> InstanceImpl::allocate_memory(uint32_t index, const abi::MemoryEntry &entry) {
  const Limits limits = limits_of(entry);
  const abi::BoundsMode bounds = impl().header().bounds;
  if (limits.is_shared) {
    MemoryObject &memory = store_.add_shared(TRY(SharedMemoryImpl::make(store_.engine.impl().config, limits, bounds)));
    *slot<abi::MemoryRecord *>(entry.slot) = memory.record;
    return &memory;
  }
  auto *record = slot<abi::MemoryRecord>(entry.slot);
  if (index != 0) return store_.make_memory(limits, bounds, record);
  MemoryObject memory{.record = record, .space = &space_, .offset = context_offset_, .capacity = memory0_capacity_, .guarded = memory0_guarded_, .limits = limits};
  *record = {space_.base() + context_offset_, 0};
  if (space_.is_prepared()) {
    record->length = limits.min << limits.page_size_log2;
  } else {
    if (!memory.grow(limits.min)) return fail("cannot allocate the memory: out of memory");
    TRY(map_image(memory));
    prepare_space();
  }
  copy_image_tails(memory);
  return &store_.add(std::move(memory));
}

/// The initial contents: pages of the file, shared with every other instance until written.
Result<> InstanceImpl::map_image(const MemoryObject &memory) {
  const load::Artifact &artifact = impl().artifact();
  const uint64_t page = platform::page_size();
  for (const auto &run : impl().list<abi::ImageRun>(&abi::ModuleHeader::image_runs)) {
    const uint64_t whole = run.size / page * page;
    if (run.address % page != 0 || run.address > memory.record->length || run.size > memory.record->length - run.address || !artifact.image_holds(run))
      return fail("artifact is corrupt: its memory image does not fit the memory");
    if (whole != 0 && !space_.map_file(memory.offset + run.address, whole, artifact.fd(), artifact.image_file_offset() + run.file, PROT_READ | PROT_WRITE))
      return fail("cannot map the initial memory");
  }
  return {};
}

/// A page of which a run has only a part is copied: what follows in the file is not ours to show.
void InstanceImpl::copy_image_tails(const MemoryObject &memory) {
  const load::Artifact &artifact = impl().artifact();
  for (const auto &run : impl().list<abi::ImageRun>(&abi::ModuleHeader::image_runs)) {
    const uint64_t whole = run.size / platform::page_size() * platform::page_size();
    std::memcpy(memory.record->base + run.address + whole, artifact.image().data() + run.file + whole, run.size - whole);
  }
}

Result<> InstanceImpl::allocate_tables() {
  const auto entries = impl().list<abi::TableEntry>(&abi::ModuleHeader::tables).subspan(tables_.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    void *place = table_offsets_[i] ? space_.base() + table_offsets_[i] : nullptr;
    void *initial = entries[i].init == abi::kNone ? nullptr : evaluate(entries[i].init).ref;
    auto *record = slot<abi::TableRecord>(entries[i].slot);
    tables_.push_back(&store_.add(TRY(make_table(record, impl().canonical(entries[i].element), limits_of(entries[i]), initial, place))));
  }
  return {};
}

void InstanceImpl::allocate_globals() {
  const auto entries = impl().list<abi::GlobalEntry>(&abi::ModuleHeader::globals);
  for (uint32_t i = uint32_t(globals_.size()); i < entries.size(); ++i) {
    Value *cell = slot<Value>(entries[i].slot);
    globals_.push_back(cell);
    const Value value = evaluate(entries[i].init);
    std::memcpy(cell, &value, entries[i].type.code == ValType::V128 ? 16 : 8);
    store_.add(GlobalObject{cell, impl().canonical(entries[i].type), entries[i].is_mutable != 0});
  }
}

abi::FuncRecord *InstanceImpl::function(uint32_t index) {
  abi::FuncRecord &record = records_[index];
  if (!record.code) {
    const abi::FunctionEntry &entry = impl().functions()[index];
    if (entry.entry == abi::kNone) std::abort();  // never: the compiler lists all that there can be a reference to, and its body alone is not to be entered
    record = {impl().artifact().code(entry.entry), context_, impl().type_ids()[entry.type], index, &record};
  }
  return record.self;
}

Value InstanceImpl::evaluate(uint32_t const_expr) {
  const abi::ConstExpr expression = impl().list<abi::ConstExpr>(&abi::ModuleHeader::const_exprs)[const_expr];
  std::vector<Value> stack;
  const auto pop = [&] {
    const Value top = stack.back();
    stack.pop_back();
    return top;
  };
  const auto binary = [&](auto combine, bool is_64) {
    const uint64_t right = pop().bits[0], left = pop().bits[0], result = combine(left, right);
    stack.push_back({.bits = {is_64 ? result : uint32_t(result), 0}});
  };
  using enum abi::ConstCode;
  for (const abi::ConstOp &op : impl().list<abi::ConstOp>(&abi::ModuleHeader::const_ops).subspan(expression.first, expression.count)) {
    switch (op.code) {
      case I32: case I64: case F32: case F64: stack.push_back({.bits = {op.bits, 0}}); break;
      case V128: stack.push_back({.bits = {op.bits, op.high}}); break;
      case RefNull: stack.push_back({.bits = {0, 0}}); break;
      case RefFunc: stack.push_back({.bits = {reinterpret_cast<uintptr_t>(function(op.index)), 0}}); break;
      case GlobalGet: {
        const abi::GlobalEntry &global = impl().list<abi::GlobalEntry>(&abi::ModuleHeader::globals)[op.index];
        const uint64_t *cell = globals_[op.index]->bits;  // 8 bytes but of a v128
        stack.push_back({.bits = {cell[0], global.type.code == abi::TypeCode::V128 ? cell[1] : 0}});
        break;
      }
      case I32Add: case I64Add: binary([](uint64_t a, uint64_t b) { return a + b; }, op.code == I64Add); break;
      case I32Sub: case I64Sub: binary([](uint64_t a, uint64_t b) { return a - b; }, op.code == I64Sub); break;
      case I32Mul: case I64Mul: binary([](uint64_t a, uint64_t b) { return a * b; }, op.code == I64Mul); break;
    }
  }
  return pop();
}

TrapOr<> InstanceImpl::start() {
  const auto trap = [](abi::TrapKind kind) { return std::unexpected(Trap{.kind = kind}); };
  const auto elements = impl().list<abi::ElementEntry>(&abi::ModuleHeader::elements);
  for (uint32_t i = 0; i < elements.size(); ++i) {
    if (elements[i].mode == abi::SegmentMode::Active) {
      const uint64_t offset = offset_of(evaluate(elements[i].offset), tables_[elements[i].table]->limits);
      if (auto kind = initialise_table(i, offset)) return trap(*kind);
    }
    if (elements[i].mode != abi::SegmentMode::Passive) elem_drop(i);
  }
  const auto data = impl().list<abi::DataEntry>(&abi::ModuleHeader::data);
  for (uint32_t i = 0; i < data.size(); ++i) {
    if (data[i].mode != abi::SegmentMode::Active) continue;
    if (!data[i].in_image) {
      const uint64_t offset = offset_of(evaluate(data[i].offset), memories_[data[i].memory]->limits);
      if (auto kind = memory_init(data[i].memory, i, offset, 0, data[i].size)) return trap(*kind);
    }
    data_drop(i);
  }
  if (const uint32_t start = impl().header().start_function; start != abi::kNone) {
    Value none{};
    return store_.call(*function(start), &none);
  }
  return {};
}

std::optional<abi::TrapKind> InstanceImpl::initialise_table(uint32_t segment, uint64_t offset) {
  const abi::ElementEntry &entry = impl().list<abi::ElementEntry>(&abi::ModuleHeader::elements)[segment];
  TableObject &table = *tables_[entry.table];
  if (!table.holds(offset, entry.items.count)) return abi::TrapKind::OutOfBoundsTable;
  if (!entry.uses_expressions && table.defer({offset, impl().artifact().list<uint32_t>(entry.items), this})) return std::nullopt;
  return table_init(entry.table, segment, offset, 0, entry.items.count);
}

std::optional<abi::TrapKind> InstanceImpl::memory_init(uint32_t memory, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  const abi::DataEntry &entry = impl().list<abi::DataEntry>(&abi::ModuleHeader::data)[segment];
  const uint64_t size = dropped_data_[segment] ? 0 : entry.size;
  if (source > size || count > size - source || !memories_[memory]->holds(destination, count)) return abi::TrapKind::OutOfBoundsMemory;
  if (count) std::memcpy(memories_[memory]->record->base + destination, impl().artifact().data().data() + entry.data + source, count);
  return std::nullopt;
}

void *InstanceImpl::element(const abi::ElementEntry &segment, uint64_t index) {
  const uint32_t item = impl().artifact().list<uint32_t>(segment.items)[index];
  if (segment.uses_expressions) return evaluate(item).ref;
  return item == abi::kNone ? nullptr : function(item);
}

std::optional<abi::TrapKind> InstanceImpl::table_init(uint32_t table, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count) {
  const abi::ElementEntry &entry = impl().list<abi::ElementEntry>(&abi::ModuleHeader::elements)[segment];
  const uint64_t size = dropped_elements_[segment] ? 0 : entry.items.count;
  if (source > size || count > size - source || !tables_[table]->holds(destination, count)) return abi::TrapKind::OutOfBoundsTable;
  for (uint64_t i = 0; i < count; ++i) tables_[table]->set(destination + i, element(entry, source + i));
  return std::nullopt;
}

}  // namespace wasmc::core
