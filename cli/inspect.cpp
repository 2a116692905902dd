// `wasmc inspect`: what is in a file.
#include "inspect.h"

#include <cinttypes>
#include <cstdio>

#include "command_line.h"
#include "commands.h"
#include "file.h"
#include "module_source.h"
#include "report.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[OPTIONS] FILE";
constexpr char kExamples[] =
    "Examples:\n"
    "  wasmc inspect app.wasm                imports, exports, sections, memories, …\n"
    "  wasmc inspect app.aot                 target, CPU features, versions, hashes, sizes\n"
    "  wasmc inspect --functions app.wasm    every function with type, size and offset\n";

Result<std::string> inspect_file(const std::string &path, const InspectOptions &options, bool json) {
  const InputFile input = TRY(InputFile::open(path));
  const ModuleSource source = TRY(ModuleSource::read(input));
  Listing listing{path, "", {}};
  const auto inspected = input.format == Format::Artifact ? inspect_artifact(source.bytes, options, listing) : inspect_module(source.bytes, options, listing);
  if (!inspected) return std::unexpected(source.explain(inspected.error()));
  return json ? to_json(listing) : to_text(listing);
}

}  // namespace

std::string bytes_text(uint64_t count) { return std::to_string(count) + (count == 1 ? " byte" : " bytes"); }

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%" PRIx64, value);
  return text;
}

std::string limits_text(uint64_t min, bool has_max, uint64_t max) {
  return std::to_string(min) + (has_max ? " to " + std::to_string(max) : " or more");
}

std::string memory_text(uint8_t page_size_log2, bool is_shared, bool is_64) {
  return std::string(page_size_log2 == 0 ? "pages of 1 byte" : "pages of 64 KiB") + (is_shared ? ", shared" : "") + address_text(is_64);
}

int inspect_command(int argc, char **argv) {
  std::string file;
  InspectOptions options;
  bool json = false;
  CLI::App app("Shows what is in a module or a compiled artifact. Nothing is run.");
  set_up(app, "inspect", kUsage, kExamples);
  app.add_option("FILE", file, "module or artifact")->required();
  app.add_flag("--functions", options.functions, "list every function");
  app.add_flag("--json", json, "for programs");
  if (const auto finished = parse(app, argc, argv)) return *finished;
  const auto text = inspect_file(file, options, json);
  return text ? print_out(*text) : report(text.error());
}

}  // namespace wasmc::cli
