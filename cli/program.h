// What `wasmc run` runs: a module, those linked with it, and how what they import is supplied.
#pragma once
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "file.h"
#include "load.h"
#include "runtime/runtime.h"
#include "wasi/threads.h"
#include "wasi/wasi.h"

namespace wasmc::cli {

/// What to do about an import that nothing supplies.
enum class UnknownImports {
  Error,
  Trap,  ///< functions trap when they are called; other imports are errors
  Zero,  ///< functions give zeros, globals are zero, memories and tables are as the import's type asks for
};

/// A module of the program. The main module has no name, and is the last.
struct Part {
  std::string name;  ///< by which later modules import its exports
  InputFile file;
  Module module;
};

class Program {
 public:
  /// `preloads` are `NAME=FILE`.
  static Result<std::vector<Part>> load(Engine &engine, InputFile main, const std::vector<std::string> &preloads, const LoadOptions &options);

  /// `on_end` is told, in a thread that the guest began, how it ended the guest. Errors: a memory that threads need cannot be made; threads
  /// in a program that cannot have any.
  static Result<std::unique_ptr<Program>> create(Engine &engine, std::vector<Part> parts, wasi::Context &wasi, UnknownImports unknown,
                                                 std::function<void(const Trap &)> on_end);

  /// An instance of each module in the store, the main one last. Errors: imports that are unknown, all of them at once, or do not fit.
  Result<std::vector<Instance *>> link(Store &store);
  const Module &main() const { return parts_.back().module; }

 private:
  using ImportName = std::pair<std::string, std::string>;

  Program(Engine &engine, std::vector<Part> parts, wasi::Context &wasi, UnknownImports unknown)
      : engine_(engine), parts_(std::move(parts)), wasi_(wasi), unknown_(unknown) {}
  bool imports_unstable() const;
  Result<> share_memories();
  Result<> prepare_threads(std::function<void(const Trap &)> on_end);
  Result<Instance *> link_thread(Store &store);
  Result<> supply_missing(Store &store, Linker &linker, const Part &part);
  Result<Extern> supply(Store &store, const Module &module, const ImportType &import);

  Engine &engine_;
  std::vector<Part> parts_;
  wasi::Context &wasi_;
  UnknownImports unknown_;
  std::map<ImportName, SharedMemory> memories_;  // imported ones that the threads of the guest share
  std::unique_ptr<wasi::Threads> threads_;       // null if the guest cannot begin any
  std::list<std::string> words_;                 // of functions that trap
  std::mutex linking_;                           // threads may begin threads at the same time
};

}  // namespace wasmc::cli
