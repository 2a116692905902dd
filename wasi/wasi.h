// WASI 0.1 (wasi_snapshot_preview1) as host functions over runtime.h. Nothing is reachable that the Config did not grant.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "abi/result.h"
#include "runtime/runtime.h"

namespace wasmc::wasi {

/// A host directory that the guest may use, and the name it has for the guest.
struct Preopen {
  std::string host, guest;
  bool read_only = false;
};

struct Config {
  std::vector<std::string> args;                             ///< args[0] is the program's name
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<Preopen> dirs;
  int stdin_fd = 0, stdout_fd = 1, stderr_fd = 2;            ///< host descriptors; not closed by WASI
};

/// The state of one guest: descriptors, arguments, environment.
class Context;

struct ContextDeleter { void operator()(Context *context) const; };
using ContextPtr = std::unique_ptr<Context, ContextDeleter>;

/// Errors: a directory that cannot be opened, an argument with a zero byte.
Result<ContextPtr> create(const Config &config);

/// Defines every function of wasi_snapshot_preview1 in the linker. `context` must outlive the Stores that use it.
void define(Linker &linker, Context &context);

}  // namespace wasmc::wasi
