// The objects behind runtime.h's handles. A store owns them, in containers that never move what they hold.
#pragma once
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/memory.h"
#include "core/module.h"
#include "exec/activation.h"
#include "platform/memory.h"
#include "runtime/runtime.h"

namespace wasmc::core {

class InstanceImpl;

struct TableObject {
  abi::TableRecord *record = nullptr;
  platform::Reservation space;
  abi::ValueType element = plain(ValType::FuncRef);  ///< canonical
  uint64_t capacity = 0;  ///< elements
  Limits limits;          ///< as declared

  size_t element_size() const { return element.code == ValType::FuncRef ? sizeof(abi::FuncRecord) : sizeof(void *); }
  bool holds(uint64_t first, uint64_t count) const { return first <= record->length && count <= record->length - first; }
  abi::FuncRecord *functions() const { return static_cast<abi::FuncRecord *>(record->elements); }
  void **references() const { return static_cast<void **>(record->elements); }
  /// The index must be in bounds.
  void *get(uint64_t index) const;
  void set(uint64_t index, void *reference) const;
  std::optional<uint64_t> grow(uint64_t count, void *reference);
};

struct GlobalObject {
  Value *cell = nullptr;
  abi::ValueType type = plain(ValType::I32);  ///< canonical
  bool is_mutable = false;
};

/// Makes a table of `limits.min` elements, each `initial`, with room for its maximum.
Result<TableObject> make_table(abi::TableRecord *record, abi::ValueType element, Limits limits, void *initial);

class StoreImpl final : public exec::CodeMap {
 public:
  StoreImpl(Store &store, Engine &engine);
  ~StoreImpl();

  /// Allocates the stack of compiled code and the TailCall; nothing if they are there.
  Result<> make_stack();
  abi::TailCall *tail_call() const { return reinterpret_cast<abi::TailCall *>(tail_call_.base()); }
  /// Runs compiled code, which needs the stack; the results replace the parameters in `values`.
  TrapOr<> call(const abi::FuncRecord &func, Value *values);

  // exec::CodeMap
  std::optional<abi::TrapKind> classify(uintptr_t pc, uintptr_t address) const override;
  bool is_compiled(uintptr_t pc) const override { return instance_at(pc) != nullptr; }
  void register_frames() const override;

  InstanceImpl &add_instance(std::unique_ptr<InstanceImpl> instance);
  MemoryObject &add(MemoryObject memory);
  /// A memory of the store's own: a place for its record, which compiled code may see elsewhere, and its address space.
  Result<MemoryObject *> make_memory(const Limits &limits, abi::BoundsMode bounds, abi::MemoryRecord *record);
  /// What the store knows of a shared memory, which it owns from now on too.
  MemoryObject &add_shared(const std::shared_ptr<SharedMemoryImpl> &shared);
  TableObject &add(TableObject table);
  void add(GlobalObject global);
  void add_thunk(uint32_t type_id, abi::EntryThunk *thunk);

  MemoryObject &memory(const abi::MemoryRecord *record) const { return *memory_of_.at(record); }
  TableObject &table(const abi::TableRecord *record) const { return *table_of_.at(record); }
  const GlobalObject &global(const Value *cell) const { return global_of_.at(cell); }

  Store &store;
  Engine &engine;
  std::deque<abi::MemoryRecord> host_memories;
  std::deque<abi::TableRecord> host_tables;
  std::deque<Value> host_globals;

 private:
  Trap report(exec::Activation &activation) const;
  const InstanceImpl *instance_at(uintptr_t pc) const;

  platform::Reservation stack_, tail_call_;
  std::vector<std::unique_ptr<InstanceImpl>> instances_;
  std::vector<abi::EntryThunk *> thunks_;  ///< by type id
  std::deque<platform::Reservation> spaces_;  ///< of memories that do not lie at a context
  std::deque<MemoryObject> memories_;
  std::deque<TableObject> tables_;
  std::unordered_map<const void *, MemoryObject *> memory_of_;
  std::unordered_map<const void *, TableObject *> table_of_;
  std::unordered_map<const void *, GlobalObject> global_of_;
};

}  // namespace wasmc::core
