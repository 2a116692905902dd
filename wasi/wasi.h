// WASI 0.1 (wasi_snapshot_preview1) as host functions over runtime.h. Nothing is reachable that the Config did not grant.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/result.h"
#include "runtime/runtime.h"

namespace wasmc::wasi {

/// The module name under which guests import the functions.
inline constexpr std::string_view kModuleName = "wasi_snapshot_preview1";
/// And that of the snapshot before.
inline constexpr std::string_view kUnstableModuleName = "wasi_unstable";

/// A host directory that the guest may use, and the name it has for the guest.
struct Preopen {
  std::string host, guest;
  bool read_only = false;
};

/// A file, whatever its names.
struct FileId {
  uint64_t device, inode;  ///< st_dev, st_ino
  friend bool operator==(const FileId &, const FileId &) = default;
};

struct Config {
  std::vector<std::string> args;                             ///< args[0] is the program's name
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<Preopen> dirs;                                 ///< descriptors 3 and on
  std::vector<std::string> tcp_listen;                       ///< HOST:PORT to listen at: the descriptors after those of the directories
  std::vector<FileId> immutable_files;                       ///< cannot be opened for writing (TXTBSY), wherever they are granted:
                                                             ///< code that is mapped changes with its file
  int stdin_fd = 0, stdout_fd = 1, stderr_fd = 2;            ///< host descriptors; not closed by WASI; one that is not open
                                                             ///< is not open for the guest either
  uint32_t max_descriptors = 4096;                           ///< that the guest may have open at once
};

/// The state of one guest: descriptors, arguments, environment.
class Context;

struct ContextDeleter { void operator()(Context *context) const; };
using ContextPtr = std::unique_ptr<Context, ContextDeleter>;

/// Errors: a directory that cannot be opened, an address that cannot be listened at, an argument with a zero byte.
Result<ContextPtr> create(const Config &config);

/// Defines every function of wasi_snapshot_preview1 in the linker. `context` must outlive the Stores that use it.
void define(Linker &linker, Context &context);
/// The same for wasi_unstable.
void define_unstable(Linker &linker, Context &context);

/// What a function is in wasi_unstable.
enum class Unstable : uint8_t { Same, Own, Absent };

/// A row of functions.def, for messages and documentation.
struct FunctionInfo {
  std::string_view name;
  std::string_view signature;  ///< letters i i32, l i64; ':' separates parameters from the result
  Unstable unstable;
};
std::span<const FunctionInfo> functions();

}  // namespace wasmc::wasi
