// From a module in a script to its bytes, and from these to code.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/compiler.h"
#include "node.h"
#include "runtime/runtime.h"

namespace wasmc::wast {

/// The binary module of `(module binary "…"*)`, `(module quote "…"*)` or a module in text. Errors: malformed text.
Result<std::vector<uint8_t>> module_bytes(const Node &module);

/// How a script gets from bytes to a Module.
using Loader = std::function<Result<Module>(Engine &engine, std::span<const uint8_t> wasm)>;
/// Compiles to a file.
using Compile = std::function<Result<>(std::span<const uint8_t> wasm, int output)>;

/// As `wasmc compile` and then `wasmc run` do it: an artifact in a file, closed and loaded again.
Result<Module> load_by_file(Engine &engine, std::span<const uint8_t> wasm, const Compile &compile);

/// Compiled modules in a directory, for a machine or a wasmc that has no compiler. A module is found by the hash of its bytes:
/// `HASH.aot` is its artifact, or `HASH.error` the message that the compiler refused it with.
class ArtifactFolder {
 public:
  explicit ArtifactFolder(std::string path) : path_(std::move(path)) {}

  /// Makes the directory, which must not have anything in it: what is there might have been compiled otherwise.
  Result<> create() const;
  /// Compiles, unless that has been done. The value is the compiler's refusal, if it refuses; the error, that nothing can be written.
  Result<std::optional<Error>> add(std::span<const uint8_t> wasm, const Compile &compile) const;
  /// Errors: the compiler's refusal, or there is nothing about this module.
  Result<Module> load(Engine &engine, std::span<const uint8_t> wasm) const;

 private:
  std::string stem(std::span<const uint8_t> wasm) const;

  std::string path_;
};

}  // namespace wasmc::wast
