// Threads for compiling: with stacks of a known size, and no abort where the system refuses to make one.
#pragma once
#include <functional>

namespace wasmc::codegen {

/// Runs `body` on up to `count` threads at once and returns when all have ended. If no thread can be made, runs it here.
void run_on_threads(unsigned count, const std::function<void()> &body);

/// Cores this process may use.
unsigned core_count();

/// Seconds of processor time that the calling thread has used.
double thread_cpu_seconds();
/// Seconds of some clock that only goes forward.
double wall_seconds();

}  // namespace wasmc::codegen
