// Engines and modules: what stores share.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/types.h"
#include "load/artifact.h"
#include "platform/memory.h"
#include "runtime/runtime.h"

namespace wasmc::core {

/// A store's reservation for compiled code to run on: `TailCall | guard | stack`, in bytes from its base.
struct StackLayout {
  explicit StackLayout(uint64_t stack_size);
  bool is_guard(uint64_t offset) const { return offset - guard < stack - guard; }

  uint64_t guard;  ///< also the size of the room for the TailCall
  uint64_t stack;
  uint64_t size;   ///< also where the stack begins: it grows downwards
};

/// The stacks of an engine's stores that are alike.
struct Stacks {
  explicit Stacks(uint64_t stack_size) : layout(stack_size) {}
  const StackLayout layout;
  platform::ReservationPool pool{layout.size};
};

class EngineImpl {
 public:
  explicit EngineImpl(EngineConfig config) : config(std::move(config)) {}
  EngineConfig config;
  TypeRegistry types;
  platform::ReservationPool guarded{abi::kGuardReservation + kMostBeforeMemory};  ///< for memories with guard pages
  platform::ReservationPool contexts{512 << 10};  ///< for instances without such a memory of their own; small, where there may be little
  Stacks stacks{config.wasm_stack_size};
  /// First-tier code has a place in its frames for each value. What better code has room for must not be a trap there.
  Stacks first_tier_stacks{std::min(config.wasm_stack_size, SIZE_MAX / kFirstTierFrames) * kFirstTierFrames};

 private:
  static constexpr size_t kFirstTierFrames = 8;  // times as large; seen: 4
  static constexpr uint64_t kMostBeforeMemory = 16 << 20;  // an instance's tables and context area, if they are not very large
};

Limits limits_of(const abi::TableEntry &table);
Limits limits_of(const abi::MemoryEntry &memory);

class ModuleImpl {
 public:
  ModuleImpl(Engine &engine, std::unique_ptr<load::Artifact> artifact, std::string name);
  ~ModuleImpl();

  const abi::ModuleHeader &header() const { return artifact_->header(); }
  const load::Artifact &artifact() const { return *artifact_; }
  Engine &engine() const { return engine_; }
  const std::string &name() const { return name_; }
  template <class T> std::span<const T> list(abi::Range abi::ModuleHeader::*range) const {
    return artifact_->list<T>(header().*range);
  }
  std::span<const abi::FunctionEntry> functions() const { return list<abi::FunctionEntry>(&abi::ModuleHeader::functions); }
  FuncType type(uint32_t type_index) const;
  /// A type of the description with its canonical id.
  abi::ValueType canonical(abi::ValueType type) const {
    if (type.heap == abi::HeapCode::Concrete) type.type = type_ids_[type.type];
    return type;
  }
  /// Canonical type ids by the module's type index.
  const std::vector<uint32_t> &type_ids() const { return type_ids_; }
  std::string function_name(uint32_t function) const;
  /// ContextHeader::successors of every instance; null unless this is first-tier code.
  const void *const *successors() const { return successors_.empty() ? nullptr : successors_.data(); }
  /// See Module::hand_over and Module::add_continuation.
  Result<> hand_over(std::shared_ptr<ModuleImpl> better, LoopIsWaiting is_waiting);
  Result<> add_continuation(std::shared_ptr<ModuleImpl> continuation);
  /// What goes on in a call of first-tier code that is at a loop; null if there is nothing yet, and then it has been asked for.
  const void *continuation(uint32_t function, uint32_t loop);
  bool is_continuation() const { return header().continued_function != abi::kNone; }
  /// Whose code is at an address: this, or what has taken over from it; null if nobody's. Async-signal-safe.
  const ModuleImpl *at(uintptr_t pc) const;
  /// Makes the process's unwinder know the frames of all of the module's code.
  void register_frames() const;
  /// Null if there is no export of that name.
  const abi::ExportEntry *find_export(std::string_view name) const;
  /// What is executed at a machine address in the module's code: the function, and before it the one inlined there, if any.
  /// `wasm_offset` is of the instruction if known already, else kUnknownOffset.
  std::vector<Frame> frames_at(uintptr_t pc, uint32_t wasm_offset) const;

 private:
  Frame frame(uint32_t function, std::optional<uint32_t> wasm_offset) const;
  std::optional<uint32_t> function_at_offset(uint32_t wasm_offset) const;
  /// What begins at a machine address: a function, or a thunk (kNone).
  struct CodeStart {
    uintptr_t address;
    uint32_t function;
    uint32_t code;  ///< entry of the code table
  };
  const CodeStart *function_at_pc(uintptr_t pc) const;
  std::span<const CodeStart> code_starts() const;

  Result<> check_is_same_module(const ModuleImpl &other) const;
  /// Where a body of first-tier code goes on by itself.
  const void *behind_handover(uint32_t body) const { return static_cast<const uint8_t *>(artifact_->code(body)) + header().handover_size; }

  Engine &engine_;
  std::unique_ptr<load::Artifact> artifact_;
  std::string name_;
  std::vector<uint32_t> type_ids_;

  /// First-tier code's: what has taken over from it.
  struct Replacement {
    std::shared_ptr<ModuleImpl> module;
    const Replacement *next;
  };
  void add_replacement(std::shared_ptr<ModuleImpl> module);
  /// The word by which the loops of a body know whether to ask. Needs the lock.
  void let_loops_ask(uint32_t function, bool ask);
  std::vector<const void *> successors_;     ///< ContextHeader::successors; compiled code reads it while this writes
  std::mutex handing_over_;                  ///< of what follows, and for writing the above
  LoopIsWaiting is_waiting_;
  std::map<std::pair<uint32_t, uint32_t>, const void *> continuations_;  ///< by function and loop; null: asked for
  std::deque<Replacement> replacements_;     ///< the first is the better code of the whole module
  std::atomic<const Replacement *> last_replacement_{nullptr};  ///< from here signal handlers find all
  mutable std::once_flag exports_once_;
  mutable std::unordered_map<std::string_view, const abi::ExportEntry *> exports_;  ///< made when one is first asked for
  mutable std::once_flag sorted_once_;
  mutable std::vector<CodeStart> code_starts_;  ///< by address; made at the first trap
};

}  // namespace wasmc::core
