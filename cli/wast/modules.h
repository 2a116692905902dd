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
#include "text/assemble.h"

namespace wasmc::wast {

/// A module of a script in its binary form, and the way back from its bytes to the script.
class ScriptModule {
 public:
  /// Errors: malformed text, with its place in the script.
  static Result<ScriptModule> assemble(const Node &module, std::string_view script);

  std::span<const uint8_t> bytes() const { return assembled_.bytes; }
  /// An error at an offset in the bytes, with its place in the script.
  Error explain(Error error) const;

 private:
  ScriptModule(const Node &module, std::string_view script) : script_(script), begin_(uint64_t(module.source.data() - script.data())) {}
  Error at_place(Error error) const;

  std::string_view script_;
  uint64_t begin_;  ///< of the module in the script
  text::Assembled assembled_;
};

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
