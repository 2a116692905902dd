#include "modules.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <filesystem>

#include "file.h"
#include "report.h"
#include "text/place.h"

namespace wasmc::wast {
namespace {

using cli::Fd;
using cli::system_error;

/// Fills `path` through a file beside it, so that a reader, or another process at the same module, never sees half of it.
Result<> write_whole(const std::string &path, const std::function<Result<>(int file)> &fill) {
  std::string temporary = path + ".XXXXXX";
  const Fd file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return std::unexpected(system_error("cannot create", errno).in_file(temporary));
  auto done = fill(file.get());
  if (done && rename(temporary.c_str(), path.c_str()) != 0) done = std::unexpected(system_error("cannot create", errno).in_file(path));
  if (!done) unlink(temporary.c_str());
  return done;
}

}  // namespace

Result<ScriptModule> ScriptModule::assemble(const Node &module, std::string_view script) {
  if (module.item(1).is_atom("instance")) return fail("no module");
  ScriptModule out(module, script);
  auto assembled = text::assemble(module.source);
  if (!assembled) return std::unexpected(out.at_place(std::move(assembled.error())));
  out.assembled_ = *std::move(assembled);
  return out;
}

Error ScriptModule::explain(Error error) const {
  if (error.offset == Error::kNoOffset || !error.file.empty()) return error;  // it is about something else: an artifact, a full disk
  error.offset = text::place_of(assembled_.marks, error.offset);
  return at_place(std::move(error));
}

Error ScriptModule::at_place(Error error) const {
  error.offset += begin_;
  return text::at_place(std::move(error), "", script_);
}

Result<Module> load_by_file(Engine &engine, std::span<const uint8_t> wasm, const Compile &compile) {
  std::string path = std::filesystem::temp_directory_path() / "wasmc-wast-XXXXXX";
  Fd file(mkostemp(path.data(), O_CLOEXEC));
  if (!file) return std::unexpected(system_error("cannot create", errno).in_file(path));
  const auto compiled = compile(wasm, file.get());
  file = Fd();
  auto module = compiled ? Module::load(engine, path) : Result<Module>(std::unexpected(compiled.error()));
  unlink(path.c_str());
  return module;
}

Result<> ArtifactFolder::create() const {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) return std::unexpected(Error("cannot create the directory: " + error.message()).in_file(path_));
  if (!std::filesystem::is_empty(path_, error) || error) return std::unexpected(Error("is not an empty directory").in_file(path_));
  return {};
}

std::string ArtifactFolder::stem(std::span<const uint8_t> wasm) const {
  const XXH128_hash_t hash = XXH3_128bits(wasm.data(), wasm.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
  return path_ + '/' + digits;
}

Result<std::optional<Error>> ArtifactFolder::add(std::span<const uint8_t> wasm, const Compile &compile) const {
  const std::string name = stem(wasm), artifact = name + ".aot";
  if (access(artifact.c_str(), F_OK) == 0) return std::nullopt;
  std::optional<Error> refusal;
  const auto written = write_whole(artifact, [&](int file) {
    auto compiled = compile(wasm, file);
    if (!compiled) refusal = compiled.error();
    return compiled;
  });
  if (!written && !refusal) return std::unexpected(written.error());
  if (refusal) TRY(write_whole(name + ".error", [&](int file) -> Result<> {
    if (!cli::print(file, refusal->message)) return std::unexpected(system_error("cannot write", errno).in_file(name + ".error"));
    return {};
  }));
  return refusal;
}

Result<Module> ArtifactFolder::load(Engine &engine, std::span<const uint8_t> wasm) const {
  const std::string name = stem(wasm), artifact = name + ".aot", refused = name + ".error";
  if (access(artifact.c_str(), F_OK) == 0) return Module::load(engine, artifact);
  const Fd refusal(::open(refused.c_str(), O_RDONLY | O_CLOEXEC));
  if (!refusal) return fail("nothing about this module in the directory of artifacts");
  const std::vector<uint8_t> message = TRY(cli::read_all(refusal.get()));
  return fail(std::string(message.begin(), message.end()));
}

}  // namespace wasmc::wast
