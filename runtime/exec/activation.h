// One entry into compiled code, from the host's call to its return or trap.
#pragma once
#include <cstdint>
#include <optional>

#include "abi/context.h"
#include "runtime/runtime.h"

namespace wasmc::exec {

/// Says what a fault at a machine address, touching an address, means. Called in a signal handler.
class FaultClassifier {
 public:
  /// The trap, or nothing if compiled code is not to blame.
  virtual std::optional<abi::TrapKind> classify(uintptr_t pc, uintptr_t address) const = 0;
 protected:
  ~FaultClassifier() = default;
};

struct Activation {
  void *saved_sp = nullptr;  // written by wasmc_enter; must be first
  Activation *outer = nullptr;
  const FaultClassifier *faults = nullptr;
  uintptr_t pc = 0;          ///< of the fault or of the call to the trap builtin
  abi::TrapKind kind{};
  uint32_t wasm_offset = abi::kUnknownOffset;
  std::optional<Trap> trap;  ///< raised by a host function
};

/// Installs the signal handlers of the process and this thread's alternate stack. Cheap when done already.
void prepare_thread();

/// Calls `code`; true if it returned, false if it trapped (the activation says how).
bool enter(Activation &activation, void *stack_top, abi::EntryThunk *thunk, void *context, const void *code, Value *values);

/// The innermost activation of this thread.
Activation *current();

/// Leave the innermost activation with a trap.
[[noreturn]] void leave(abi::TrapKind kind, uint32_t wasm_offset, uintptr_t pc);
[[noreturn]] void leave(Trap trap);

}  // namespace wasmc::exec
