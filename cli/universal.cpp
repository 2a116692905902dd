// Artifacts in custom sections of a module.
#include "universal.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "artifact_view.h"
#include "report.h"
#include "wasm/reader.h"

namespace wasmc::cli {
namespace {

constexpr uint64_t kModuleHeaderSize = 8;  // magic and version

/// Numbers in sections that we write take five bytes, so that a section's layout does not depend on their values.
std::string padded_leb(uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; i++, value >>= 7) out += char(0x80 | (value & 0x7f));
  return out + char(value);
}

Result<Section> read_section(wasm::Reader &reader) {
  Section section{};
  section.offset = reader.offset();
  section.id = TRY(reader.byte());
  const uint32_t size = TRY(reader.u32());
  wasm::Reader payload = TRY(reader.slice(size));
  if (section.id == 0) section.name = TRY(payload.name());
  section.payload = payload.offset();
  section.end = reader.offset();
  return section;
}

/// The section of one artifact that will begin at `offset` of the file. Nothing follows the padding that it ends with.
Result<std::string> section_start(uint64_t offset, uint64_t artifact_size, const abi::ModuleHeader &artifact) {
  const std::string name = padded_leb(sizeof abi::kUniversalSection - 1) + abi::kUniversalSection;
  const uint64_t header_at = offset + 1 + 5 + name.size();
  const uint64_t artifact_at = (header_at + sizeof(abi::UniversalHeader) + abi::kImageAlignment - 1) / abi::kImageAlignment * abi::kImageAlignment;
  const uint64_t size = artifact_at + artifact_size - (offset + 1 + 5);
  if (size > ~uint32_t{0}) return fail("the artifact is too large for a section of a module");
  abi::UniversalHeader header{};
  std::memcpy(header.magic, abi::kMagic, sizeof header.magic);
  header.abi_version = abi::kAbiVersion;
  header.arch = artifact.arch;
  std::memcpy(header.triple, artifact.triple, sizeof header.triple);
  header.artifact_offset = artifact_at;
  header.artifact_size = artifact_size;
  std::string out = std::string(1, '\0') + padded_leb(uint32_t(size)) + name;
  out.append(reinterpret_cast<const char *>(&header), sizeof header);
  out.resize(artifact_at - offset);
  return out;
}

Result<> write(int output, std::string_view bytes) {
  if (!print(output, bytes)) return std::unexpected(system_error("cannot write", errno));
  return {};
}

std::string_view text_of(std::span<const uint8_t> bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

}  // namespace

Result<std::vector<Section>> list_sections(std::span<const uint8_t> module) {
  if (module.size() < kModuleHeaderSize || text_of(module.first(4)) != std::string_view("\0asm", 4))
    return fail("magic header not detected", 0);
  std::vector<Section> sections;
  wasm::Reader reader(module.subspan(kModuleHeaderSize), kModuleHeaderSize);
  while (!reader.done()) sections.push_back(TRY(read_section(reader)));
  return sections;
}

std::vector<EmbeddedArtifact> find_artifacts(std::span<const uint8_t> module) {
  std::vector<EmbeddedArtifact> out;
  const auto sections = list_sections(module);
  if (!sections) return out;
  for (const Section &section : *sections) {
    abi::UniversalHeader header;
    if (section.name != abi::kUniversalSection || section.end - section.payload < sizeof header) continue;
    std::memcpy(&header, module.data() + section.payload, sizeof header);
    const bool is_ours = std::memcmp(header.magic, abi::kMagic, sizeof header.magic) == 0 && header.abi_version == abi::kAbiVersion;
    const bool is_inside = header.artifact_offset >= section.payload + sizeof header && header.artifact_offset <= section.end &&
                           header.artifact_size == section.end - header.artifact_offset;
    if (is_ours && is_inside && header.artifact_offset % abi::kImageAlignment == 0)
      out.push_back({header.arch, fixed_text(header.triple), header.artifact_offset, header.artifact_size});
  }
  return out;
}

std::vector<uint8_t> without_artifacts(std::vector<uint8_t> module) {
  const auto sections = list_sections(module);
  if (!sections || std::ranges::none_of(*sections, [](const Section &s) { return s.name == abi::kUniversalSection; })) return module;
  std::vector<uint8_t> out(module.begin(), module.begin() + kModuleHeaderSize);
  for (const Section &section : *sections)
    if (section.name != abi::kUniversalSection)
      out.insert(out.end(), module.begin() + ptrdiff_t(section.offset), module.begin() + ptrdiff_t(section.end));
  return out;
}

Result<> write_universal(std::span<const uint8_t> module, std::span<const Fd> artifacts, int output) {
  TRY(write(output, text_of(module)));
  uint64_t offset = module.size();
  for (const Fd &fd : artifacts) {
    const auto bytes = TRY(read_all(fd.get()));
    const ArtifactView artifact = TRY(view_artifact(bytes));
    const std::string start = TRY(section_start(offset, bytes.size(), artifact.header));
    TRY(write(output, start));
    TRY(write(output, text_of(bytes)));
    offset += start.size() + bytes.size();
  }
  return {};
}

}  // namespace wasmc::cli
