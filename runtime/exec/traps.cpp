// Faults of compiled code become traps here. The handler is process-wide and there is one alternate stack per thread, because that is how
// signals are; both are set up once and chain to whatever was there before.
#include <csignal>
#include <cstdlib>
#include <mutex>

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "exec/activation.h"

extern "C" {
int wasmc_enter(wasmc::exec::Activation *activation, void *stack_top, wasmc::abi::EntryThunk *thunk, void *context,
                const void *code, wasmc::Value *values);
[[noreturn]] void wasmc_leave(wasmc::exec::Activation *activation, int status);
}

namespace wasmc::exec {
namespace {

// The one thread-local: a signal handler has nothing else to start from.
thread_local Activation *t_current = nullptr;

constexpr int kSignals[] = {SIGSEGV, SIGBUS};
struct sigaction g_previous[NSIG];

struct MachineState {
  uintptr_t pc;
};

uintptr_t pc_of(const ucontext_t *context) {
#if defined(__x86_64__)
  return uintptr_t(context->uc_mcontext.gregs[REG_RIP]);
#else
  return context->uc_mcontext.pc;
#endif
}

void resume_in_leave(ucontext_t *context, Activation *activation) {
  const auto target = reinterpret_cast<uintptr_t>(&wasmc_leave);
#if defined(__x86_64__)
  auto &r = context->uc_mcontext.gregs;
  r[REG_RIP] = greg_t(target);
  r[REG_RDI] = greg_t(reinterpret_cast<uintptr_t>(activation));
  r[REG_RSI] = 1;
#else
  auto &m = context->uc_mcontext;
  m.pc = target;
  m.regs[0] = reinterpret_cast<uintptr_t>(activation);
  m.regs[1] = 1;
#endif
}

void chain(int signal, siginfo_t *info, void *context) {
  const struct sigaction &previous = g_previous[signal];
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler == SIG_IGN) return;
  if (previous.sa_handler != SIG_DFL) return previous.sa_handler(signal);
  // The default is to die of it: let the instruction fault again without us.
  sigaction(signal, &previous, nullptr);
}

void on_fault(int signal, siginfo_t *info, void *raw) {
  auto *context = static_cast<ucontext_t *>(raw);
  if (Activation *activation = t_current; activation && info->si_code > 0) {
    const uintptr_t pc = pc_of(context);
    if (const auto kind = activation->faults->classify(pc, reinterpret_cast<uintptr_t>(info->si_addr))) {
      activation->kind = *kind;
      activation->pc = pc;
      return resume_in_leave(context, activation);
    }
  }
  chain(signal, info, raw);
}

/// This thread's alternate stack; gone with the thread.
class AlternateStack {
 public:
  AlternateStack() {
    stack_t existing{};
    if (sigaltstack(nullptr, &existing) == 0 && !(existing.ss_flags & SS_DISABLE)) return;  // somebody has one
    void *base = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) std::abort();
    base_ = base;
    const stack_t stack{.ss_sp = base, .ss_flags = 0, .ss_size = kSize};
    sigaltstack(&stack, nullptr);
  }
  ~AlternateStack() {
    if (!base_) return;
    const stack_t off{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    sigaltstack(&off, nullptr);
    munmap(base_, kSize);
  }

 private:
  static constexpr size_t kSize = 64 << 10;
  void *base_ = nullptr;
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

void prepare_thread() {
  static std::once_flag once;
  std::call_once(once, install_handlers);
  thread_local AlternateStack stack;
  (void)stack;
}

Activation *current() { return t_current; }

bool enter(Activation &activation, void *stack_top, abi::EntryThunk *thunk, void *context, const void *code, Value *values) {
  activation.outer = t_current;
  t_current = &activation;
  const int status = wasmc_enter(&activation, stack_top, thunk, context, code, values);
  t_current = activation.outer;
  return status == 0;
}

void leave(abi::TrapKind kind, uint32_t wasm_offset, uintptr_t pc) {
  Activation *activation = t_current;
  activation->kind = kind;
  activation->wasm_offset = wasm_offset;
  activation->pc = pc;
  wasmc_leave(activation, 1);
}

void leave(Trap trap) {
  Activation *activation = t_current;
  activation->kind = trap.kind;
  activation->trap.emplace(std::move(trap));
  wasmc_leave(activation, 1);
}

}  // namespace wasmc::exec
