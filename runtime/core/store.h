// The objects behind runtime.h's handles. A store owns them, in containers that never move what they hold.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/builtins.h"
#include "core/memory.h"
#include "core/module.h"
#include "exec/activation.h"
#include "platform/memory.h"
#include "runtime/runtime.h"

namespace wasmc::core {

class InstanceImpl;

struct TableObject {
  /// An active segment whose functions are looked up when they are asked for: `first` is where it begins in the table.
  struct Deferred {
    uint64_t first;
    std::span<const uint32_t> functions;
    InstanceImpl *owner;
  };

  abi::TableRecord *record = nullptr;
  platform::Reservation space;  ///< empty if the elements lie in the instance's
  abi::ValueType element = plain(ValType::FuncRef);  ///< canonical
  uint64_t capacity = 0;  ///< elements
  Limits limits;          ///< as declared
  std::vector<Deferred> deferred;  ///< later ones win
  bool is_pristine = true;         ///< no element was ever written

  size_t element_size() const { return element.code == ValType::FuncRef ? sizeof(abi::FuncRecord) : sizeof(void *); }
  bool holds(uint64_t first, uint64_t count) const { return first <= record->length && count <= record->length - first; }
  abi::FuncRecord *functions() const { return static_cast<abi::FuncRecord *>(record->elements); }
  void **references() const { return static_cast<void **>(record->elements); }
  /// The index must be in bounds.
  void *get(uint64_t index);
  void set(uint64_t index, void *reference);
  std::optional<uint64_t> grow(uint64_t count, void *reference);
  /// The entry of a table of functions, filled in if that was deferred.
  abi::FuncRecord &function(uint64_t index);
  /// Like setting the elements, which must be in bounds. False, and nothing happens, where they have to be set at once.
  bool defer(Deferred segment);
  /// `count` elements of a table of the same type, as by memmove; both ranges must be in bounds.
  void copy(uint64_t destination, TableObject &origin, uint64_t source, uint64_t count);

 private:
  abi::FuncRecord initial(uint64_t index) const;
};

struct GlobalObject {
  Value *cell = nullptr;
  abi::ValueType type = plain(ValType::I32);  ///< canonical
  bool is_mutable = false;
};

/// How many elements a table has room for, where there is enough.
uint64_t table_capacity(const Limits &limits);
/// Makes a table of `limits.min` elements, each `initial`, with room for its maximum: at `place`, writable and zero; if null, in address space
/// of its own.
Result<TableObject> make_table(abi::TableRecord *record, abi::ValueType element, Limits limits, void *initial, void *place = nullptr);

class StoreImpl final : public exec::CodeMap {
 public:
  StoreImpl(Store &store, Engine &engine);
  ~StoreImpl();

  /// Allocates the stack of compiled code, of a size for the module's, and the TailCall; nothing if they are there.
  Result<> make_stack(const ModuleImpl &module);
  abi::TailCall *tail_call() const { return reinterpret_cast<abi::TailCall *>(stack_.base()); }
  /// Runs compiled code, which needs the stack; the results replace the parameters in `values`, which the host hands in.
  TrapOr<> call(const abi::FuncRecord &func, Value *values);

  // exec::CodeMap
  std::optional<abi::TrapKind> classify(uintptr_t pc, uintptr_t address) const override;
  uintptr_t way_on_without_stack(uintptr_t pc) const override { return core::way_on_without_stack(pc); }
  bool is_compiled(uintptr_t pc) const override { return module_at(pc) != nullptr; }
  void register_frames() const override;

  /// What continue_loop gives: `code`, and room for so many values of one call until the continuation has begun.
  Value *loop_state(const void *code, uint32_t values);

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
  /// How the host enters functions of a type.
  struct Entrance {
    abi::EntryThunk *thunk = nullptr;
    bool takes_any = false;  ///< values of the types that hosts know will do, see TypeInfo::takes_typed_references
  };
  /// Why a function that is not entered without a look cannot be called; nothing if it can.
  [[gnu::cold]] std::optional<Trap> refusal(const abi::FuncRecord &func, const Value *values) const;
  [[gnu::cold]] Trap report(exec::Activation &activation) const;
  const ModuleImpl *module_at(uintptr_t pc) const;

  platform::Reservation stack_;  ///< see StackLayout
  const StackLayout *stack_layout_ = nullptr;
  std::vector<std::unique_ptr<InstanceImpl>> instances_;
  std::map<uintptr_t, const ModuleImpl *> modules_;  ///< of the instances, by where their code begins
  std::vector<Entrance> entrances_;  ///< by type id
  std::vector<Value> loop_state_;
  std::deque<platform::Reservation> spaces_;  ///< of memories that do not lie at a context
  std::deque<MemoryObject> memories_;
  std::deque<TableObject> tables_;
  std::unordered_map<const void *, MemoryObject *> memory_of_;
  std::unordered_map<const void *, TableObject *> table_of_;
  std::unordered_map<const void *, GlobalObject> global_of_;
};

}  // namespace wasmc::core
