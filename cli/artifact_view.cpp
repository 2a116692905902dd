// Reading artifacts without loading them.
#include "artifact_view.h"

#include <elf.h>

#include <cstring>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wasmc::cli {
namespace {

/// A struct at an offset, if it lies in the file.
template <class T> std::optional<T> read_at(std::span<const uint8_t> file, uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, file.data() + offset, sizeof out);
  return out;
}

std::optional<std::span<const uint8_t>> part(std::span<const uint8_t> file, uint64_t offset, uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return std::nullopt;
  return file.subspan(offset, size);
}

std::string_view name_at(std::span<const uint8_t> names, uint64_t offset) {
  if (offset >= names.size()) return {};
  const char *begin = reinterpret_cast<const char *>(names.data() + offset);
  return {begin, strnlen(begin, names.size() - offset)};
}

Result<std::vector<ArtifactSection>> read_sections(std::span<const uint8_t> file) {
  const auto elf = read_at<Elf64_Ehdr>(file, 0);
  if (!elf || std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0) return fail("not a compiled artifact");
  const auto section_header = [&](uint64_t i) { return read_at<Elf64_Shdr>(file, elf->e_shoff + i * sizeof(Elf64_Shdr)); };
  const auto names_header = section_header(elf->e_shstrndx);
  const auto names = names_header ? part(file, names_header->sh_offset, names_header->sh_size) : std::nullopt;
  if (!names) return fail("the artifact is truncated or damaged");
  std::vector<ArtifactSection> out;
  for (uint32_t i = 0; i < elf->e_shnum; i++) {
    const auto header = section_header(i);
    if (header && header->sh_type == SHT_NOBITS) continue;
    const auto bytes = header ? part(file, header->sh_offset, header->sh_size) : std::nullopt;
    if (!bytes) return fail("the artifact is truncated or damaged");
    if (header->sh_type != SHT_NULL) out.push_back({name_at(*names, header->sh_name), *bytes});
  }
  return out;
}

bool same(abi::Hash128 expected, XXH128_hash_t got) { return expected == abi::Hash128{got.low64, got.high64}; }

struct HashState {
  XXH3_state_t *state = XXH3_createState();
  HashState() { XXH3_128bits_reset(state); }
  ~HashState() { XXH3_freeState(state); }
  void add(const uint8_t *begin, const uint8_t *end) { XXH3_128bits_update(state, begin, size_t(end - begin)); }
};

}  // namespace

std::span<const uint8_t> ArtifactView::section(std::string_view name) const {
  for (const ArtifactSection &section : sections)
    if (section.name == name) return section.bytes;
  return {};
}

std::string_view ArtifactView::string(abi::StringRef ref) const {
  const auto pool = range<char>(header.strings);
  if (ref.offset > pool.size() || ref.size > pool.size() - ref.offset) return {};
  return {pool.data() + ref.offset, ref.size};
}

bool ArtifactView::is_intact() const {
  struct Hole {
    const uint8_t *begin, *end;
    bool is_zeros;  // counts as zeros, or not at all
  };
  const std::span<const uint8_t> wasm = section(".wasmc.wasm");
  const uint8_t *hash = description.data() + offsetof(abi::ModuleHeader, content_hash);
  Hole holes[] = {{hash, hash + sizeof(abi::Hash128), true}, {wasm.data(), wasm.data() + wasm.size(), false}};
  if (wasm.empty()) holes[1] = {file.data() + file.size(), file.data() + file.size(), false};
  if (holes[1].begin < holes[0].begin) std::swap(holes[0], holes[1]);
  HashState state;
  const uint8_t *at = file.data();
  for (const Hole &hole : holes) {
    static constexpr uint8_t kZeros[sizeof(abi::Hash128)] = {};
    if (hole.begin < at) return false;  // sections that overlap
    state.add(at, hole.begin);
    if (hole.is_zeros) state.add(kZeros, kZeros + sizeof kZeros);
    at = hole.end;
  }
  state.add(at, file.data() + file.size());
  return same(header.content_hash, XXH3_128bits_digest(state.state));
}

std::optional<std::span<const uint8_t>> ArtifactView::wasm() const {
  const std::span<const uint8_t> bytes = section(".wasmc.wasm");
  if (bytes.empty() || !same(header.wasm_hash, XXH3_128bits(bytes.data(), bytes.size()))) return std::nullopt;
  return bytes;
}

Result<ArtifactView> view_artifact(std::span<const uint8_t> file) {
  ArtifactView view{file, TRY(read_sections(file)), {}, {}};
  view.description = view.section(".wasmc.module");
  const auto header = read_at<abi::ModuleHeader>(view.description, 0);
  if (!header || std::memcmp(header->magic, abi::kMagic, sizeof header->magic) != 0) return fail("an ELF file, but not an artifact of wasmc");
  view.header = *header;
  return view;
}

std::vector<std::string_view> feature_names(abi::Arch arch, std::span<const uint64_t, 4> bits) {
  static constexpr std::string_view kX86[] = {
#define WASMC_X86(name, level) name,
#include "abi/cpu_features.def"
  };
  static constexpr std::string_view kAArch64[] = {
#define WASMC_AARCH64(name, cpuinfo) name,
#include "abi/cpu_features.def"
  };
  const std::span<const std::string_view> names = arch == abi::Arch::X86_64 ? std::span<const std::string_view>(kX86) : kAArch64;
  std::vector<std::string_view> out;
  for (size_t i = 0; i < names.size(); i++)
    if (bits[i / 64] >> (i % 64) & 1) out.push_back(names[i]);
  return out;
}

std::string_view arch_name(abi::Arch arch) {
  switch (arch) {
    case abi::Arch::X86_64: return "x86-64";
    case abi::Arch::AArch64: return "AArch64";
  }
  return "an unknown architecture";
}

}  // namespace wasmc::cli
