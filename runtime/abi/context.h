// What compiled code and the runtime share in memory. Compiled code addresses these fields by number, so every offset
// is asserted here, and a change counts up kAbiVersion in abi/artifact.h.
//
// An instance owns one reservation of address space:
//
//     guard page | context area (module-specific slots, then ContextHeader) | memory 0 … 8 GiB + margin
//                                                                           ^ the context pointer
//
// The context pointer, passed to every compiled function in the swiftself register (r13 on x86-64, x20 on AArch64), *is* the
// base of the instance's own memory 0. One register serves both: a Wasm address is `context + zext(i32) + offset`, a global
// is `context - constant`. Where memory 0 is imported or absent, nothing lies behind the context pointer and the base is
// loaded from the MemoryRecord.
#pragma once
#include <cstddef>
#include <cstdint>

namespace wasmc::abi {

/// The opaque type a context pointer points to: the end of the context area.
struct Context;

/// A function as it can be called: from a table, through a reference, from the host. `code` has the Wasm calling convention
/// (C convention with the context in the swiftself register; results that do not fit registers go to Value[], whose address is
/// the first parameter, see compiler/lower/convention.h). For a host function `code` is the importing module's host
/// adapter for the type, and `context` points to a HostFunc.
/// A table of functions holds copies of these inline; with type id 0, which is no type, it is null or an entry that
/// `resolve_indirect` has yet to fill. `self` is the identity of the reference: the record that the reference points to.
struct FuncRecord {
  const void *code;
  void *context;
  uint32_t type_id;  ///< canonical in the process: equal types, and only they, have equal ids; 0 is never a type
  uint32_t index;    ///< in the defining module; for messages
  FuncRecord *self;
};
static_assert(sizeof(FuncRecord) == 32);
static_assert(offsetof(FuncRecord, code) == 0 && offsetof(FuncRecord, context) == 8);
static_assert(offsetof(FuncRecord, type_id) == 16 && offsetof(FuncRecord, self) == 24);

/// A host function as an importing instance sees it. A host adapter calls
/// `R fn(HostFunc *self, P…)` in the C convention, R and P being int32_t, int64_t, float, double, void* (references) or a vector of
/// 16 bytes. With more than one result it calls `void fn(HostFunc *self, Value *results, P…)`.
struct HostFunc {
  const void *fn;
  void *env;               ///< belongs to the host function
  void *instance;          ///< the runtime's Instance object that imported the function
};
static_assert(offsetof(HostFunc, fn) == 0 && offsetof(HostFunc, env) == 8 && offsetof(HostFunc, instance) == 16);

/// A host adapter reads a byte this far below the stack pointer before it calls the host function: with less stack left the read
/// hits the guard below the Wasm stack, which is a StackExhausted trap at a known pc. The guard is at least this large.
inline constexpr uint64_t kHostStackReserve = 128 << 10;
/// The trap builtin's offset where none is known.
inline constexpr uint32_t kUnknownOffset = ~uint32_t{0};

/// A linear memory. `base` never changes in the memory's life; `length` is in bytes and only grows. Of a shared memory there is one
/// record, whose length is read and written atomically.
struct MemoryRecord {
  uint8_t *base;
  uint64_t length;
};
static_assert(sizeof(MemoryRecord) == 16 && offsetof(MemoryRecord, length) == 8);

/// A table. `elements` never changes (the table's maximum is reserved at once): FuncRecord[length] for function references,
/// void*[length] for other references. `length` is in elements and only grows.
struct TableRecord {
  void *elements;
  uint64_t length;
};
static_assert(sizeof(TableRecord) == 16 && offsetof(TableRecord, length) == 8);

/// An imported function in the context area; a direct call loads both words.
struct ImportSlot {
  const void *code;
  void *context;
};
static_assert(sizeof(ImportSlot) == 16);

/// What the tail call stub (the last entry of the table of builtins) is told: where to go, and which parameters are on the stack. One per store;
/// it means nothing between the jump to the stub and the stub's own jump. The context area has a pointer to it at ModuleHeader::tail_call_slot.
///
/// The stub is entered by a jump with the TailCall in r10 (x15), the registers as the callee wants them, and the caller's frame gone. It puts a
/// frame of its own above the return address, which holds the context register and the parameters, and calls. If the return address is already the
/// stub's own, that frame is made anew instead, so however long a chain of tail calls is, it needs one. All who return find
/// the context register and the stack as they were: ordinary calls know nothing of this.
struct alignas(16) TailCall {
  const void *code;
  void *context;
  uint64_t stack_bytes;  ///< a multiple of 16; that many bytes follow this struct
  uint64_t reserved;
};
static_assert(sizeof(TailCall) == 32 && offsetof(TailCall, context) == 8 && offsetof(TailCall, stack_bytes) == 16);
/// A function type has at most 1000 parameters.
inline constexpr uint64_t kMaxTailCallStack = 16 * 1000;

/// The fixed part of the context area: it ends where the context pointer points.
struct ContextHeader {
  /// Of first-tier code, see ModuleHeader::handover_size: where each body goes on; then for each body a word that is not 0 while its loops should ask
  /// `continue_loop` whether to go on elsewhere. Null for other code.
  const void *const *successors;
  void *instance;               ///< the runtime's Instance object; opaque to compiled code
  const uint32_t *type_ids;     ///< canonical type id of each type of the module
  const void *const *builtins;  ///< indexed by BuiltinId
};
static_assert(sizeof(ContextHeader) == 32);

/// Byte offsets from the context pointer; negative.
inline constexpr int32_t kSuccessorsOffset = -32;
inline constexpr int32_t kInstanceOffset = -24;
inline constexpr int32_t kTypeIdsOffset = -16;
inline constexpr int32_t kBuiltinsOffset = -8;
static_assert(kSuccessorsOffset == int32_t(offsetof(ContextHeader, successors)) - int32_t(sizeof(ContextHeader)));
static_assert(kInstanceOffset == int32_t(offsetof(ContextHeader, instance)) - int32_t(sizeof(ContextHeader)));
static_assert(kTypeIdsOffset == int32_t(offsetof(ContextHeader, type_ids)) - int32_t(sizeof(ContextHeader)));
static_assert(kBuiltinsOffset == int32_t(offsetof(ContextHeader, builtins)) - int32_t(sizeof(ContextHeader)));

/// A Wasm value in memory: arguments and results of an entry thunk, constants. Unused bytes are zero.
union alignas(16) Value {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  void *ref;           ///< funcref: FuncRecord*; externref: the host's pointer; null is nullptr
  uint64_t bits[2];    ///< v128, low half first
};
static_assert(sizeof(Value) == 16);

/// Enters compiled code from the host: one per function type, C convention. Reads the parameters from `values[0…]`, calls `code`
/// with `context`, writes the results to `values[0…]`.
using EntryThunk = void(void *context, const void *code, Value *values);

/// The numbers of builtins.def.
enum class BuiltinId : uint32_t {
#define WASMC_BUILTIN(id, signature) id,
#include "abi/builtins.def"
};
inline constexpr uint32_t kBuiltinCount = 0
#define WASMC_BUILTIN(id, signature) +1
#include "abi/builtins.def"
    ;

/// Behind the builtins: not a function, see TailCall.
inline constexpr uint32_t kTailCallStub = kBuiltinCount;

/// The numbers of traps.def.
enum class TrapKind : uint32_t {
#define WASMC_TRAP(id, message) id,
#include "abi/traps.def"
};

/// Bytes reserved for a 32-bit memory with guard pages: an i32 index plus a u32 offset plus the widest access ends below this.
inline constexpr uint64_t kGuardReservation = (uint64_t{8} << 30) + (uint64_t{64} << 10);
inline constexpr uint64_t kWasmPageSize = 65536;
/// No memory with 64-bit addresses is larger, whatever it declares: that much address space is reserved for it.
inline constexpr uint64_t kMaxMemory64 = uint64_t{64} << 30;

/// How accesses to linear memory are kept inside it. The numbers stand in artifacts.
enum class BoundsMode : uint32_t {
  Guard,     ///< the reservation faults: no check in the code
  Explicit,  ///< a compare before each access
};
/// Whether code that was compiled for `mode` leaves the checks of a memory to guard pages. A 64-bit index reaches beyond any
/// reservation, and a memory of one-byte pages ends within a page of the machine.
constexpr bool relies_on_guard(BoundsMode mode, bool is_64, uint8_t page_size_log2) {
  return mode == BoundsMode::Guard && !is_64 && page_size_log2 == 16;
}

}  // namespace wasmc::abi
