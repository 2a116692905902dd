#include "codegen/workers.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <thread>
#include <vector>

namespace wasmc::codegen {
namespace {

// LLVM recurses over expressions and control flow; `ulimit -s` must not decide which modules compile.
constexpr size_t kStackSize = size_t{32} << 20;

void *start(void *body) {
  (*static_cast<const std::function<void()> *>(body))();
  return nullptr;
}

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

}  // namespace

void run_on_threads(unsigned count, const std::function<void()> &body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  std::vector<pthread_t> threads;
  for (unsigned i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, start, const_cast<std::function<void()> *>(&body)) != 0) break;
    threads.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  if (threads.empty()) body();
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

unsigned core_count() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return unsigned(CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

double thread_cpu_seconds() { return seconds(CLOCK_THREAD_CPUTIME_ID); }
double wall_seconds() { return seconds(CLOCK_MONOTONIC); }

}  // namespace wasmc::codegen
