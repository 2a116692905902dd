// From a file to a module that can be instantiated.
#include "load.h"

#include <algorithm>

#include "artifact_view.h"
#include "module_source.h"
#include "report.h"
#include "universal.h"

namespace wasmc::cli {
namespace {

/// Guard pages are needed by the accesses to a module's own memories, and may not be there (`ulimit -v`, some containers).
Result<> check_bounds(Engine &engine, const Module &module) {
  if (module.bounds() == abi::BoundsMode::Explicit || module.header().memories.count == 0) return {};
  if (engine.preferred_bounds() == abi::BoundsMode::Guard) return {};
  return fail("compiled for guard pages, and this process cannot reserve 8 GiB of addresses for them");
}

Result<Module> compile(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const LoadOptions &options) {
  return options.no_cache || options.code.recorder ? Module::compile(engine, wasm, path) : options.compile(engine, wasm, path, options.code);
}

/// The warning comes last: compiling may be left to another program, which will warn.
Result<Module> compile_again(Engine &engine, std::span<const uint8_t> wasm, const std::string &path, const Error &why, const LoadOptions &options) {
  auto module = compile(engine, wasm, path, options);
  warn(path + ": " + why.message + "; compiling the WebAssembly in it");
  return module;
}

/// An artifact that was refused: its Wasm, if it may be used instead. A damaged artifact is never used.
Result<std::vector<uint8_t>> wasm_of_refused(const InputFile &file, const Error &why, const LoadOptions &options, bool is_bounds) {
  if (options.fallback == "none" || (options.fallback.empty() && !is_bounds)) return std::unexpected(why);
  const std::vector<uint8_t> bytes = TRY(read_all(file.fd.get()));
  const auto view = view_artifact(bytes);
  if (!view || !view->is_intact()) return std::unexpected(why);
  if (view->header.wasm_size != 0 && view->section(".wasmc.wasm").empty())
    return fail(why.message + "; it cannot be compiled again, for it was stripped of its WebAssembly");
  const auto wasm = view->wasm();
  if (!wasm) return std::unexpected(why);
  return std::vector(wasm->begin(), wasm->end());
}

/// Adds what the user can do about it.
Error with_hint(Error error, const InputFile &file, const LoadOptions &options) {
  if (!options.fallback.empty()) return error;
  const auto bytes = read_all(file.fd.get());
  const auto view = bytes ? view_artifact(*bytes) : Result<ArtifactView>(std::unexpected(bytes.error()));
  if (view && view->is_intact() && view->wasm()) error.message += "; --fallback=jit compiles the WebAssembly in it again";
  return error;
}

Result<Module> load_artifact(Engine &engine, const InputFile &file, const LoadOptions &options) {
  auto module = Module::load(engine, ArtifactFile{file.fd.get(), 0, 0, file.path});
  const Result<> bounds = module ? check_bounds(engine, *module) : Result<>();
  if (module && bounds) return module;
  const Error &why = module ? bounds.error() : module.error();
  const auto wasm = wasm_of_refused(file, why, options, module.has_value());
  if (!wasm) return std::unexpected(with_hint(wasm.error(), file, options));
  return compile_again(engine, *wasm, file.path, why, options);
}

/// The native code for this machine inside a module. Errors are for a warning: the module can be compiled.
Result<Module> load_embedded(Engine &engine, const InputFile &file, std::span<const uint8_t> bytes) {
  const auto artifacts = find_artifacts(bytes);
  const auto fits = std::ranges::find(artifacts, kHostArch, &EmbeddedArtifact::arch);
  if (fits == artifacts.end()) return fail("no native code for this machine inside; compiling it");
  auto module = Module::load(engine, ArtifactFile{file.fd.get(), fits->offset, fits->size, file.path});
  const Result<> bounds = module ? check_bounds(engine, *module) : Result<>();
  if (module && bounds) return module;
  return fail((module ? bounds.error() : module.error()).message + "; compiling the module");
}

Result<Module> load_wasm(Engine &engine, const InputFile &file, const LoadOptions &options) {
  ModuleSource source = TRY(ModuleSource::read(file));
  auto embedded = options.allow_precompiled ? load_embedded(engine, file, source.bytes) : fail("");
  if (embedded) return embedded;
  auto module = compile(engine, without_artifacts(std::move(source.bytes)), file.path, options);
  if (options.allow_precompiled) warn(file.path + ": " + embedded.error().message);
  if (!module) return std::unexpected(source.explain(module.error()));
  return module;
}

}  // namespace

Result<Module> load_module(Engine &engine, const InputFile &file, const LoadOptions &options) {
  auto module = file.format == Format::Artifact ? load_artifact(engine, file, options) : load_wasm(engine, file, options);
  if (!module) return std::unexpected(std::move(module.error()).in_file(file.path));
  return module;
}

}  // namespace wasmc::cli
