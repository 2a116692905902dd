// A process that compiles beside the guest.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "code_options.h"
#include "file.h"
#include "runtime/runtime.h"

namespace wasmc::cli {

/// A fork of this process: module, options and the opened compiler are all there, and whatever becomes of it, the guest's process is spared. It
/// compiles the module, then, while there is a guest, continuations of loops.
class BackgroundCompiler {
 public:
  /// What the process does first.
  struct Work {
    std::function<Result<Fd>()> compile;  ///< gives the module's artifact; runs in the process
    bool is_for_later_runs;               ///< it goes on if the guest ends first
  };
  /// Call it while there is one thread only. Nothing if the system gives no process.
  static std::optional<BackgroundCompiler> start(std::span<const uint8_t> wasm, const CodeOptions &code, abi::BoundsMode bounds, const Work &work);

  /// The next artifact: first the module's, then those of continuations. Nothing if the process has ended; it does when it has long been asked nothing.
  std::optional<Fd> receive() const;
  /// Asks for a continuation; from any thread, without waiting. It may never come.
  void ask_for(WaitingLoop loop) const;
  /// Ends the process.
  void stop() const;

 private:
  BackgroundCompiler(pid_t process, Fd channel) : process_(process), channel_(std::move(channel)) {}

  pid_t process_;
  Fd channel_;
};

}  // namespace wasmc::cli
