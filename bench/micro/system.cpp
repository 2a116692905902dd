// The system's own prices, of which the other benchmarks' figures are made up: on virtual machines they differ by factors.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdlib>

namespace wasmc::bench {
namespace {

constexpr size_t kPage = 65536, kPages = 4096;

char *reserve() {
  void *base = mmap(nullptr, kPages * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) std::exit(1);
  return static_cast<char *>(base);
}

void system_call(benchmark::State &state) {
  for (auto _ : state) benchmark::DoNotOptimize(syscall(SYS_getppid));
}
BENCHMARK(system_call);

/// What memory.grow asks the system for: 64 KiB next to others become accessible.
void system_mprotect(benchmark::State &state) {
  char *base = reserve();
  size_t page = 0;
  for (auto _ : state) {
    mprotect(base + page * kPage, kPage, PROT_READ | PROT_WRITE);
    if (++page < kPages) continue;
    state.PauseTiming();
    mprotect(base, kPages * kPage, PROT_NONE);
    page = 0;
    state.ResumeTiming();
  }
  munmap(base, kPages * kPage);
}
BENCHMARK(system_mprotect);

/// A page that is touched, given out by the system, and given back.
void system_page(benchmark::State &state) {
  char *base = reserve();
  mprotect(base, kPage, PROT_READ | PROT_WRITE);
  for (auto _ : state) {
    *static_cast<volatile char *>(base) = 1;
    madvise(base, kPage, MADV_DONTNEED);
  }
  munmap(base, kPages * kPage);
}
BENCHMARK(system_page);

/// A fault and its signal, without a return from it.
void system_signal(benchmark::State &state) {
  static sigjmp_buf back;
  char *base = reserve();
  struct sigaction action{}, before{};
  action.sa_handler = [](int) { siglongjmp(back, 1); };
  action.sa_flags = SA_NODEFER;
  sigaction(SIGSEGV, &action, &before);
  for (auto _ : state)
    if (sigsetjmp(back, 0) == 0) *static_cast<volatile char *>(base) = 1;
  sigaction(SIGSEGV, &before, nullptr);
  munmap(base, kPages * kPage);
}
BENCHMARK(system_signal);

}  // namespace
}  // namespace wasmc::bench
