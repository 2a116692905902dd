// The runtime's public face: load artifacts, link them, call them. It knows neither the compiler nor WASI: a compile function
// may be handed to the Engine, and WASI is host functions defined in a Linker.
//
// Who owns what: an Engine outlives its Modules and Stores; a Module (cheap to copy, shared) may be used by many Stores; a
// Store owns every instance, memory, table and global created in it until it goes. Handles (Func, Memory, Table, Global,
// Instance) are plain pointers into a Store. A Store is used by one thread at a time; a SharedMemory may be used by many Stores at once.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "abi/artifact.h"
#include "abi/context.h"
#include "abi/result.h"

namespace wasmc {

class Engine;
class Instance;
class Store;
class Linker;
namespace core {  // the objects behind the handles
class EngineImpl;
class ModuleImpl;
class StoreImpl;
class LinkerImpl;
struct SharedMemoryImpl;
}  // namespace core

using ValType = abi::TypeCode;
using ExternKind = abi::ExternKind;
using Value = abi::Value;

/// What a type is to a host: all references to functions are `FuncRef`, whatever type of function they are for. A reference handed in is
/// checked against the type that the module gives it. `i32`, `funcref`, …
std::string_view to_string(ValType type);

struct FuncType {
  std::vector<ValType> params, results;
  friend bool operator==(const FuncType &, const FuncType &) = default;
};
/// Of a table, in elements, or of a memory, in pages.
struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max{};
  bool is_64 = false;           ///< indices are i64
  bool is_shared = false;       ///< memories: used by several threads; needs a maximum
  uint8_t page_size_log2 = 16;  ///< memories: 0 or 16
};

struct TableType {
  ValType element;
  Limits limits;
};
struct GlobalType {
  ValType type;
  bool is_mutable;
};

/// A frame of Wasm code at a trap, innermost first.
struct Frame {
  std::string module;     ///< name of the module, may be empty
  std::string function;   ///< the module's name for it, or `wasm-function[12]`
  uint32_t index;         ///< of the function
  std::optional<uint32_t> wasm_offset;  ///< of the instruction in the module, where known
};

/// Why compiled code stopped. A guest's exit (WASI proc_exit) takes the same way out.
struct Trap {
  abi::TrapKind kind = abi::TrapKind::Unreachable;
  std::string detail;                  ///< adds to the kind's message, may be empty
  std::optional<int32_t> exit_status;  ///< set: not a trap but an exit
  std::vector<Frame> frames;

  /// The spec's words for the kind, with the detail: `out of bounds memory access`.
  std::string message() const;
  static Trap exit(int32_t status) { return Trap{.exit_status = status}; }
  static Trap host(std::string why) { return Trap{.kind = abi::TrapKind::HostError, .detail = std::move(why)}; }
};
template <class T = void> using TrapOr = std::expected<T, Trap>;

/// Compiles Wasm to an artifact in the file `output`. Handed in by whoever has a compiler.
using CompileFunction = std::function<Result<>(std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output)>;

/// A loop of first-tier code that somebody is in. Called on that thread, which must not be kept waiting, with locks held: nothing of wasmc may be
/// called in turn.
struct WaitingLoop {
  uint32_t function;  ///< its index
  uint32_t offset;    ///< of the `loop` instruction in the Wasm module
};
using LoopIsWaiting = std::function<void(WaitingLoop)>;

struct EngineConfig {
  CompileFunction compile;               ///< empty: only artifacts can be run
  size_t wasm_stack_size = 8u << 20;     ///< bytes of stack for compiled code, per Store
  bool allow_guard_pages = true;         ///< false: behave as if 8 GiB could not be reserved
  uint64_t memory64_size = abi::kMaxMemory64;  ///< bytes that a 64-bit memory can grow to; address space for as much is reserved
};

class Engine {
 public:
  explicit Engine(EngineConfig config = {});
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  /// Guard if this process can reserve a memory with guard pages, else Explicit.
  abi::BoundsMode preferred_bounds() const;
  core::EngineImpl &impl() const { return *impl_; }

 private:
  std::unique_ptr<core::EngineImpl> impl_;
};

struct ImportType {
  std::string_view module, name;
  ExternKind kind;
  uint32_t index;
};
struct ExportType {
  std::string_view name;
  ExternKind kind;
  uint32_t index;
};

/// Bytes of a file that a module can be loaded from.
struct ArtifactFile {
  int fd;             ///< stays the caller's
  uint64_t offset = 0;///< a multiple of abi::kImageAlignment
  uint64_t size = 0;  ///< 0: to the end of the file
  std::string name;   ///< for messages
};

class Module {
 public:
  /// Maps an artifact. Refuses, with one line that says why, what is no artifact, is truncated or corrupt, was made by another
  /// version or for another architecture, or uses CPU features that this host lacks.
  static Result<Module> load(Engine &engine, const ArtifactFile &file);
  static Result<Module> load(Engine &engine, const std::string &path);
  /// Compiles in memory, for guard pages if they can be had, with the engine's compile function or another one.
  static Result<Module> compile(Engine &engine, std::span<const uint8_t> wasm, std::string name);
  static Result<Module> compile(Engine &engine, std::span<const uint8_t> wasm, std::string name, const CompileFunction &compile);

  /// From now on whoever enters a function of this first-tier code (compiler::Options::first_tier) runs `better`'s, code of the same module for
  /// the same engine, in every instance and on every thread. Who is inside of one stays there until it returns or, once that is added, goes on in
  /// the continuation of a loop: `is_waiting` is told, once for each, which are worth compiling. From any thread; once only. `better` lives as
  /// long as this. Errors: this is no first-tier code, or has handed over; `better` is not of the same module and options.
  Result<> hand_over(const Module &better, LoopIsWaiting is_waiting = {}) const;
  /// What compiler::Options::continuation makes for a loop. Calls that are at it go on there. Errors: it is none, or not for this; there is one.
  Result<> add_continuation(const Module &continuation) const;

  std::vector<ImportType> imports() const;
  std::vector<ExportType> exports() const;
  FuncType func_type(uint32_t function) const;
  TableType table_type(uint32_t table) const;
  Limits memory_type(uint32_t memory) const;
  GlobalType global_type(uint32_t global) const;
  /// The function's name by the module, or `wasm-function[12]`.
  std::string function_name(uint32_t function) const;
  abi::BoundsMode bounds() const;
  const abi::ModuleHeader &header() const;
  /// The original module; empty if stripped.
  std::span<const uint8_t> wasm() const;
  /// The file that the module is mapped from, which stays the module's. After `compile`: a file in memory that is all artifact.
  int file() const;
  core::ModuleImpl &impl() const { return *impl_; }
  explicit Module(std::shared_ptr<core::ModuleImpl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<core::ModuleImpl> impl_;
};

/// Handles. Null handles test false.
class Func {
 public:
  Func() = default;
  explicit Func(abi::FuncRecord *record) : record_(record) {}
  explicit operator bool() const { return record_ != nullptr; }
  FuncType type(Store &store) const;
  /// Calls with the parameters in `values`, which must have room for the results too; the results replace them.
  TrapOr<> call(Store &store, std::span<Value> values) const;
  abi::FuncRecord *record() const { return record_; }

 private:
  abi::FuncRecord *record_ = nullptr;
};

/// A shared memory (threads proposal) apart from any store. It lives as long as a handle of this kind, or a store that knows it.
class SharedMemory {
 public:
  /// `limits.is_shared` is understood. Errors: no maximum, not enough address space.
  static Result<SharedMemory> create(Engine &engine, Limits limits);
  const std::shared_ptr<core::SharedMemoryImpl> &impl() const { return impl_; }
  explicit SharedMemory(std::shared_ptr<core::SharedMemoryImpl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<core::SharedMemoryImpl> impl_;
};

class Memory {
 public:
  Memory() = default;
  explicit Memory(abi::MemoryRecord *record) : record_(record) {}
  explicit operator bool() const { return record_ != nullptr; }
  /// The bytes now; a later grow makes the span longer, never moves it.
  std::span<uint8_t> bytes() const { return {record_->base, __atomic_load_n(&record_->length, __ATOMIC_ACQUIRE)}; }
  /// In pages of its size.
  uint64_t pages(Store &store) const;
  Limits limits(Store &store) const;
  /// What other stores can import this memory by; nothing if it is not shared.
  std::optional<SharedMemory> shared(Store &store) const;
  /// Pages before, or nothing if the memory cannot grow by so much.
  std::optional<uint64_t> grow(Store &store, uint64_t pages) const;
  abi::MemoryRecord *record() const { return record_; }

 private:
  abi::MemoryRecord *record_ = nullptr;
};

class Table {
 public:
  Table() = default;
  explicit Table(abi::TableRecord *record) : record_(record) {}
  explicit operator bool() const { return record_ != nullptr; }
  ValType element(Store &store) const;
  Limits limits(Store &store) const;
  uint64_t size() const { return record_->length; }
  /// References as in abi::Value::ref. False if the index is out of bounds, or the reference not of the table's type.
  bool get(Store &store, uint64_t index, void *&reference) const;
  bool set(Store &store, uint64_t index, void *reference) const;
  std::optional<uint64_t> grow(Store &store, uint64_t elements, void *reference) const;
  abi::TableRecord *record() const { return record_; }

 private:
  abi::TableRecord *record_ = nullptr;
};

class Global {
 public:
  Global() = default;
  explicit Global(Value *cell) : cell_(cell) {}  // the cell may have only 8 bytes, see type
  explicit operator bool() const { return cell_ != nullptr; }
  ValType type(Store &store) const;
  bool is_mutable(Store &store) const;
  Value get(Store &store) const;
  /// False if the value is no reference of the global's type.
  bool set(Store &store, Value value) const;
  Value *cell() const { return cell_; }

 private:
  Value *cell_ = nullptr;
};

/// Something exported, or defined in a Linker.
struct Extern {
  ExternKind kind = ExternKind::Func;
  Func func;
  Memory memory;
  Table table;
  Global global;
  explicit operator bool() const { return func || memory || table || global; }
};

/// Lives in its Store (spec 4.2.7 Module Instances).
class Instance {
 public:
  virtual const Module &module() const = 0;
  /// A null Extern if there is no export of that name.
  virtual Extern get(std::string_view name) = 0;
  virtual Store &store() = 0;

 protected:
  ~Instance() = default;
};

class Store {
 public:
  explicit Store(Engine &engine);
  ~Store();
  Store(const Store &) = delete;
  Store &operator=(const Store &) = delete;

  Engine &engine() const;
  /// Host-owned objects, for embedders and test scripts.
  Result<Memory> create_memory(Limits limits);
  /// The store's handle of a shared memory, which others may use too.
  Memory add_memory(const SharedMemory &memory);
  Result<Table> create_table(ValType element, Limits limits, void *initial);
  Global create_global(ValType type, bool is_mutable, Value initial);
  core::StoreImpl &impl() const { return *impl_; }

 private:
  std::unique_ptr<core::StoreImpl> impl_;
};

/// A host function: `fn` has the signature that abi::HostFunc documents.
struct HostFunction {
  FuncType type;
  const void *fn;
  void *env;  ///< must outlive every Store that the function is linked into
};

/// Of any type: traps with the words `why`, which must outlive every Store that the function is linked into.
HostFunction trapping_function(FuncType type, const char *why);
/// Of any type: gives zeros and null references.
HostFunction zero_function(FuncType type);

/// What a host function can see of who called it.
class Caller {
 public:
  explicit Caller(abi::HostFunc *self) : self_(self) {}
  template <class T> T &env() const { return *static_cast<T *>(self_->env); }
  Instance &instance() const;
  /// The importing instance's export named `memory`; null if it has none. Looked up once per instance.
  Memory memory() const;

 private:
  abi::HostFunc *self_;
};

/// Leaves compiled code with a trap, from a host function that has nothing left to destroy. Use `host_function`, which calls it
/// for a returned Trap.
[[noreturn]] void raise_trap(Trap trap);

namespace detail {
template <class T> struct HostType;
template <> struct HostType<int32_t> { static constexpr ValType code = ValType::I32; };
template <> struct HostType<uint32_t> { static constexpr ValType code = ValType::I32; };
template <> struct HostType<int64_t> { static constexpr ValType code = ValType::I64; };
template <> struct HostType<uint64_t> { static constexpr ValType code = ValType::I64; };
template <> struct HostType<float> { static constexpr ValType code = ValType::F32; };
template <> struct HostType<double> { static constexpr ValType code = ValType::F64; };
template <> struct HostType<void *> { static constexpr ValType code = ValType::ExternRef; };
template <> struct HostType<abi::FuncRecord *> { static constexpr ValType code = ValType::FuncRef; };

template <class R> struct Unwrapped { using type = R; };
template <class T> struct Unwrapped<TrapOr<T>> { using type = T; };

template <auto F, class Signature> struct HostAdapter;
template <auto F, class R, class... P> struct HostAdapter<F, R (*)(Caller, P...)> {
  using Result = typename Unwrapped<R>::type;
  static Result call(abi::HostFunc *self, P... params) {
    if constexpr (std::is_same_v<R, Result>) {
      return F(Caller(self), params...);
    } else {
      auto result = F(Caller(self), params...);
      if (!result) [[unlikely]] raise_trap(std::move(result).error());
      if constexpr (!std::is_void_v<Result>) return *result;
    }
  }
  static FuncType type() {
    FuncType out{{HostType<P>::code...}, {}};
    if constexpr (!std::is_void_v<Result>) out.results.push_back(HostType<Result>::code);
    return out;
  }
};
}  // namespace detail

/// Makes a host function of a free function or captureless lambda `R f(Caller, P…)`, where R is void or a value type, or
/// TrapOr<…> of one: `host_function<&clock_time_get>(&wasi)`.
template <auto F> HostFunction host_function(void *env = nullptr) {
  using Adapter = detail::HostAdapter<F, decltype(+F)>;
  return {Adapter::type(), reinterpret_cast<const void *>(&Adapter::call), env};
}

/// Names for imports. Imports are found by module and name; a missing or incompatible one is an error that names it
/// (spec wording: `unknown import`, `incompatible import type`).
class Linker {
 public:
  Linker();
  ~Linker();
  Linker(Linker &&) noexcept;
  Linker &operator=(Linker &&) noexcept;
  void define(std::string_view module, std::string_view name, Extern value);
  void define(std::string_view module, std::string_view name, HostFunction function);
  /// Every export of the instance under `module`.
  void define_instance(std::string_view module, Instance &instance);

  /// The module's imports that have no definition here, in its order.
  std::vector<ImportType> missing(const Module &module) const;

  /// Links, allocates, initialises, but does not run the start function. The trap of an active segment out of bounds
  /// comes out of `start`, as the spec has it.
  Result<Instance *> instantiate(Store &store, const Module &module) const;
  /// Active segments, then the start function. Called once, before any export is used.
  static TrapOr<> start(Store &store, Instance &instance);
  core::LinkerImpl &impl() const { return *impl_; }

 private:
  std::unique_ptr<core::LinkerImpl> impl_;
};

/// wasmc's own version, `0.1.0`; stands in artifacts.
std::string_view version();

/// What tells this machine's CPU from others that code may be made for, as bytes to compare.
std::string cpu_identity();

}  // namespace wasmc
