// A module instance (spec 4.2.7): one reservation `guard page | tables | context area | memory 0`, see abi/context.h.
#pragma once
#include <unordered_map>
#include <vector>

#include "core/store.h"

namespace wasmc::core {

/// What an import is linked to: something in the store, or a host function.
struct Binding {
  Extern value;
  const HostFunction *host = nullptr;
};

class InstanceImpl final : public Instance {
 public:
  InstanceImpl(StoreImpl &store, Module module) : store_(store), module_(std::move(module)) {}

  // runtime.h
  const Module &module() const override { return module_; }
  Extern get(std::string_view name) override;
  Store &store() override { return store_.store; }

  /// Allocates the context area and everything the module defines, with `imports` in the order of the module's.
  Result<> allocate(std::span<const Binding> imports);
  /// Active segments in order, then the start function.
  TrapOr<> start();

  void *context() const { return context_; }
  Memory exported_memory();
  abi::FuncRecord *function(uint32_t index);
  MemoryObject &memory(uint32_t index) const { return *memories_[index]; }
  TableObject &table(uint32_t index) const { return *tables_[index]; }
  StoreImpl &store_impl() const { return store_; }
  ModuleImpl &impl() const { return module_.impl(); }

  // Bulk instructions; the trap if a range is out of bounds, before any effect.
  std::optional<abi::TrapKind> memory_init(uint32_t memory, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count);
  std::optional<abi::TrapKind> table_init(uint32_t table, uint32_t segment, uint64_t destination, uint64_t source, uint64_t count);
  void data_drop(uint32_t segment) { dropped_data_[segment] = true; }
  void elem_drop(uint32_t segment) { dropped_elements_[segment] = true; }

 private:
  void lay_out();
  Result<> reserve();
  void prepare_space();
  Result<> allocate_memories();
  Result<MemoryObject *> allocate_memory(uint32_t index, const abi::MemoryEntry &entry);
  Result<> allocate_tables();
  void allocate_globals();
  void bind_imports(std::span<const Binding> imports);
  Result<> map_image(const MemoryObject &memory);
  void copy_image_tails(const MemoryObject &memory);
  /// An active segment.
  std::optional<abi::TrapKind> initialise_table(uint32_t segment, uint64_t offset);
  Value evaluate(uint32_t const_expr);
  void *element(const abi::ElementEntry &segment, uint64_t index);
  template <class T> T *slot(int32_t offset) const { return reinterpret_cast<T *>(static_cast<uint8_t *>(context_) + offset); }

  StoreImpl &store_;
  Module module_;
  platform::Reservation space_;
  std::unordered_map<uint32_t, abi::FuncRecord> records_;  ///< by function index, made when first needed; references point to them
  void *context_ = nullptr;
  std::vector<uint64_t> table_offsets_;  ///< of the elements in space_, by the number among its own tables; 0: elsewhere
  uint64_t context_offset_ = 0;    ///< of the context pointer in space_
  uint64_t memory0_capacity_ = 0, memory0_guarded_ = 0;  ///< see MemoryObject, of a memory 0 at the context
  std::vector<MemoryObject *> memories_;
  std::vector<TableObject *> tables_;
  std::vector<Value *> globals_;
  std::deque<abi::HostFunc> host_functions_;
  std::vector<bool> dropped_data_, dropped_elements_;
  std::optional<Memory> exported_memory_;
};

}  // namespace wasmc::core
