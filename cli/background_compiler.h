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
/// compiles the module into the cache, which goes on if the guest ends first; then, while there is a guest, continuations of loops for it.
class BackgroundCompiler {
 public:
  /// What the process does first: leaves the best code in the cache. Runs in it.
  using CompileModule = std::function<Result<>()>;
  /// Call it while there is one thread only. Nothing if the system gives no process.
  static std::optional<BackgroundCompiler> start(std::span<const uint8_t> wasm, const CodeOptions &code, abi::BoundsMode bounds, const CompileModule &compile);

  struct Message {
    bool is_module;    ///< the code in the cache is there
    Fd continuation{}; ///< else an artifact for one loop
  };
  /// The next message; nothing if the process has ended, or has long had nothing to do.
  std::optional<Message> receive() const;
  /// Asks for a continuation; from any thread, without waiting. It may never come.
  void ask_for(WaitingLoop loop) const;
  /// Ends the process, unless it compiles for later runs' sake.
  void stop() const;

 private:
  BackgroundCompiler(pid_t process, Fd channel) : process_(process), channel_(std::move(channel)) {}

  pid_t process_;
  Fd channel_;
};

}  // namespace wasmc::cli
