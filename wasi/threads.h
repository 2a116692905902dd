// The proposal wasi-threads: `thread-spawn`, one instance per thread on a shared memory.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "runtime/runtime.h"

namespace wasmc::wasi {

inline constexpr std::string_view kThreadsModuleName = "wasi";
inline constexpr std::string_view kThreadSpawn = "thread-spawn";
/// What a module must export to be entered by a new thread: (thread id, argument) -> ().
inline constexpr std::string_view kThreadStart = "wasi_thread_start";

/// The threads of one guest. Must outlive all of them: the proposal has no end of a guest but that of the process.
class Threads {
 public:
  struct Host {
    /// Makes the guest's instance for a thread, in the thread's own Store. It is started in the new thread.
    std::function<Result<Instance *>(Store &)> instantiate;
    /// Told, in the thread, of a trap or an exit. All other threads are to end with it, so it should end the process.
    std::function<void(const Trap &)> on_end;
  };
  Threads(Engine &engine, Host host) : engine_(engine), host_(std::move(host)) {}

  /// Defines `thread-spawn`, which gives the guest the new thread's id, or a negative number if there can be none.
  void define(Linker &linker);

 private:
  static int32_t spawn(Caller caller, uint32_t argument);
  Result<> begin(int32_t id, uint32_t argument);

  Engine &engine_;
  Host host_;
  std::atomic<uint32_t> last_id_ = 0;
};

}  // namespace wasmc::wasi
