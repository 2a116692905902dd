// Faults of compiled code become traps here. The handler is process-wide and there is one alternate stack per thread, because that is how
// signals are; both are set up once and chain to whatever was there before.
#include <csignal>
#include <mutex>

#include <sys/mman.h>

#include "exec/activation.h"
#include "exec/backtrace.h"
#include "exec/machine.h"
#include "platform/cpu.h"

extern "C" {
int wasmc_enter(void *context, const void *code, wasmc::Value *values, wasmc::exec::Activation *activation, void *stack_top,
                wasmc::abi::EntryThunk *thunk);
[[noreturn]] void wasmc_leave(wasmc::exec::Activation *activation, int status);
}

namespace wasmc::exec {
namespace {

// A signal handler has nothing else to start from than what is the thread's.
constinit thread_local Activation *t_current = nullptr;
constinit thread_local bool t_is_prepared = false;

constexpr int kSignals[] = {SIGSEGV, SIGBUS};
struct sigaction g_previous[NSIG];
// What the machine has; known before anything is entered.
constinit bool g_has_segment_base = false;

void chain(int signal, siginfo_t *info, void *context) {
  const struct sigaction &previous = g_previous[signal];
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler == SIG_IGN) return;
  if (previous.sa_handler != SIG_DFL) return previous.sa_handler(signal);
  // The default is to die of it: let the instruction fault again without us. What was sent does not come again by itself.
  sigaction(signal, &previous, nullptr);
  if (info->si_code <= 0) raise(signal);
}

void on_fault(int signal, siginfo_t *info, void *raw) {
  auto *state = static_cast<ucontext_t *>(raw);
  // A positive code says that the kernel raised it for an instruction, not that somebody sent it.
  if (Activation *activation = t_current; activation && info->si_code > 0) {
    if (const auto kind = activation->codes->classify(pc_of(*state), reinterpret_cast<uintptr_t>(info->si_addr))) {
      if (*kind == abi::TrapKind::StackExhausted)
        if (const uintptr_t way_on = activation->codes->way_on_without_stack(pc_of(*state))) return continue_at(*state, way_on, 0, 0);
      activation->kind = *kind;
      // The faulting instruction is compiled code's, which holds no lock: what is not async-signal-safe is safe here.
      capture_frames(*activation);
      return continue_at(*state, reinterpret_cast<uintptr_t>(&wasmc_leave), reinterpret_cast<uintptr_t>(activation), 1);
    }
  }
  chain(signal, info, raw);
}

/// This thread's alternate stack; gone with the thread.
class AlternateStack {
 public:
  AlternateStack() = default;
  bool install() {
    stack_t existing{};
    if (sigaltstack(nullptr, &existing) == 0 && !(existing.ss_flags & SS_DISABLE)) return true;  // somebody has one
    void *base = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return false;
    base_ = base;
    const stack_t stack{.ss_sp = base, .ss_flags = 0, .ss_size = kSize};
    sigaltstack(&stack, nullptr);
    return true;
  }
  ~AlternateStack() {
    if (!base_) return;
    const stack_t off{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    sigaltstack(&off, nullptr);
    munmap(base_, kSize);
  }

 private:
  static constexpr size_t kSize = 64 << 10;
  void *base_ = nullptr;  ///< of ours
};

void install_handlers() {
  for (int signal : kSignals) {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, &g_previous[signal]);
  }
}

}  // namespace

void Activation::DeleteTrap::operator()(Trap *trap) const { delete trap; }

bool prepare_thread() {
  if (t_is_prepared) return true;
  static std::once_flag once;
  std::call_once(once, [] {
    install_handlers();
    g_has_segment_base = platform::has_segment_base();
  });
  thread_local AlternateStack stack;
  return t_is_prepared = stack.install();
}

bool enter(Activation &activation, void *stack_top, abi::EntryThunk *thunk, void *context, const void *code, Value *values) {
  if (!t_is_prepared && !prepare_thread()) [[unlikely]] {
    activation.trap.reset(new Trap(Trap::host(kNoSignalStack)));
    return false;
  }
  activation.outer = t_current;
  t_current = &activation;
  // Code that sets the base puts it back when it returns, not when it traps. Which code is called from here, in whatever store, nobody knows.
  const uintptr_t base = g_has_segment_base ? segment_base() : 0;
  const int status = wasmc_enter(context, code, values, &activation, stack_top, thunk);
  if (status != 0 && g_has_segment_base) set_segment_base(base);
  t_current = activation.outer;
  return status == 0;
}

void leave(abi::TrapKind kind, uint32_t wasm_offset) {
  Activation *activation = t_current;
  activation->kind = kind;
  activation->wasm_offset = wasm_offset;
  capture_frames(*activation);
  wasmc_leave(activation, 1);
}

void leave(Trap trap) {
  Activation *activation = t_current;
  activation->kind = trap.kind;
  activation->trap.reset(new Trap(std::move(trap)));
  // A trap that a host function only passes on knows its frames already; an exit has none.
  if (!activation->trap->exit_status && activation->trap->frames.empty()) capture_frames(*activation);
  wasmc_leave(activation, 1);
}

}  // namespace wasmc::exec
