// One entry into compiled code, from the host's call to its return or trap.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "abi/context.h"
#include "runtime/runtime.h"

namespace wasmc::exec {

/// What the signal handler and the unwinder must know of compiled code. Called on the thread that runs it, at an instruction that
/// holds no lock.
class CodeMap {
 public:
  /// What a fault at a machine address, touching an address, means: the trap, or nothing if compiled code is not to blame.
  virtual std::optional<abi::TrapKind> classify(uintptr_t pc, uintptr_t address) const = 0;
  /// Where a fault that is called StackExhausted goes on instead of being a trap; 0 if it is one.
  virtual uintptr_t way_on_without_stack(uintptr_t pc) const = 0;
  virtual bool is_compiled(uintptr_t pc) const = 0;
  /// Makes the unwinder know the frames of all compiled code.
  virtual void register_frames() const = 0;

 protected:
  ~CodeMap() = default;
};

struct Activation {
  static constexpr size_t kMaxFrames = 64;
  /// Out of line: a call that returns has no trap to delete.
  struct DeleteTrap {
    void operator()(Trap *trap) const;
  };

  void *saved_sp = nullptr;  // written by wasmc_enter; must be first
  Activation *outer = nullptr;
  const CodeMap *codes = nullptr;
  abi::TrapKind kind{};
  uint32_t wasm_offset = abi::kUnknownOffset;  ///< of the instruction that trapped, where it said so itself
  std::unique_ptr<Trap, DeleteTrap> trap;      ///< raised by a host function
  /// Addresses within the compiled frames at the trap, innermost first; those of outer activations follow.
  uint32_t frame_count = 0;
  std::array<uintptr_t, kMaxFrames> frames;    // not initialised: a call that returns does not pay for it
};

/// Installs the signal handlers of the process and this thread's alternate stack; false if there is no memory for it, which is kNoSignalStack.
/// Cheap when done already.
bool prepare_thread();
inline constexpr char kNoSignalStack[] = "cannot allocate the thread's signal stack";

/// Calls `code`; true if it returned, false if it trapped (the activation says how). Prepares the thread.
bool enter(Activation &activation, void *stack_top, abi::EntryThunk *thunk, void *context, const void *code, Value *values);

/// Leave the innermost activation with a trap.
[[noreturn]] void leave(abi::TrapKind kind, uint32_t wasm_offset);
[[noreturn]] void leave(Trap trap);

}  // namespace wasmc::exec
