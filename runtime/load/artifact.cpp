#include "load/artifact.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "platform/cpu.h"
#include "runtime/runtime.h"

// libgcc's, in every C++ program: frames of code that no dynamic linker knows.
extern "C" void __register_frame(void *);
extern "C" void __deregister_frame(void *);

namespace wasmc::load {
namespace {

std::string_view arch_name(uint32_t arch) {
  switch (abi::Arch(arch)) {
    case abi::Arch::X86_64: return "x86-64";
    case abi::Arch::AArch64: return "AArch64";
  }
  return "an unknown CPU";
}

/// `size` bytes of T's at `offset`, or nothing if they are not all there.
template <class T> const T *at(std::span<const uint8_t> bytes, uint64_t offset, uint64_t count = 1) {
  if (offset > bytes.size() || count > (bytes.size() - offset) / sizeof(T) || offset % alignof(T) != 0) return nullptr;
  return reinterpret_cast<const T *>(bytes.data() + offset);
}

/// A fixed-size, zero-padded field.
template <size_t N> std::string_view text(const char (&field)[N]) { return {field, strnlen(field, N)}; }

}  // namespace

Artifact::~Artifact() {
  if (registered_frames_) __deregister_frame(registered_frames_);
  if (fd_ >= 0) close(fd_);
}

Result<std::unique_ptr<Artifact>> Artifact::load(int fd, uint64_t offset, uint64_t size, const std::string &name) {
  std::unique_ptr<Artifact> artifact(new Artifact);
  const auto load = [&]() -> Result<> {
    TRY(artifact->map_file(fd, offset, size));
    TRY(artifact->read_sections());
    TRY(artifact->check_header());
    TRY(artifact->check_ranges());
    return artifact->map_segments();
  };
  if (auto loaded = load(); !loaded) return std::unexpected(std::move(loaded).error().in_file(name));
  return artifact;
}

Result<> Artifact::map_file(int fd, uint64_t offset, uint64_t size) {
  struct stat info;
  if (fstat(fd, &info) != 0) return fail(std::string("cannot read: ") + std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return fail("is a directory");
  const uint64_t file_size = uint64_t(info.st_size);
  if (offset % abi::kImageAlignment != 0 || offset > file_size) return fail("artifact begins outside the file");
  if (size == 0) size = file_size - offset;
  if (size < sizeof(Elf64_Ehdr) || size > file_size - offset) return fail("artifact is truncated");
  fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::string("cannot read: ") + std::strerror(errno));
  file_offset_ = offset;
  file_map_ = platform::Reservation::reserve(platform::round_up(size, platform::page_size()));
  if (!file_map_ || !file_map_.map_file(0, file_map_.size(), fd, offset, PROT_READ)) return fail("cannot map the file");
  file_ = {file_map_.base(), size};
  return {};
}

Result<> Artifact::read_sections() {
  const auto *elf = at<Elf64_Ehdr>(file_, 0);
  if (std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0) return fail("not an artifact of wasmc: no ELF file");
  if (elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_ident[EI_DATA] != ELFDATA2LSB) return fail("not an artifact of wasmc: no 64-bit little-endian ELF file");
  if (elf->e_machine != uint32_t(platform::host_arch()))
    return fail("artifact is for " + std::string(arch_name(elf->e_machine)) + ", this machine is " + std::string(arch_name(uint32_t(platform::host_arch()))));
  const auto *sections = at<Elf64_Shdr>(file_, elf->e_shoff, elf->e_shnum);
  if (!sections || elf->e_shentsize != sizeof(Elf64_Shdr) || elf->e_shstrndx >= elf->e_shnum) return fail("artifact is truncated or corrupt: no section table");
  const Elf64_Shdr &names = sections[elf->e_shstrndx];
  if (!at<char>(file_, names.sh_offset, names.sh_size)) return fail("artifact is truncated or corrupt: no section names");
  for (uint32_t i = 0; i < elf->e_shnum; ++i) {
    const Elf64_Shdr &section = sections[i];
    if (section.sh_name >= names.sh_size) return fail("artifact is corrupt: a section name is outside the table");
    const auto *start = reinterpret_cast<const char *>(file_.data() + names.sh_offset + section.sh_name);
    const std::string_view name(start, strnlen(start, names.sh_size - section.sh_name));
    if (name == ".eh_frame") frames_vaddr_ = section.sh_addr, frames_size_ = section.sh_size;
    if (!name.starts_with(".wasmc.")) continue;
    if (!at<uint8_t>(file_, section.sh_offset, section.sh_size)) return fail("artifact is truncated: section " + std::string(name) + " ends after the file");
    const auto bytes = file_.subspan(section.sh_offset, section.sh_size);
    if (name == ".wasmc.module") module_ = bytes;
    if (name == ".wasmc.names") names_ = bytes;
    if (name == ".wasmc.data") data_ = bytes;
    if (name == ".wasmc.wasm") wasm_ = bytes;
    if (name == ".wasmc.traps") traps_ = bytes;
    if (name == ".wasmc.image") image_offset_ = file_offset_ + section.sh_offset, image_bytes_ = bytes;
    if (name == ".wasmc.code") code_vaddr_ = section.sh_addr, code_size_ = section.sh_size;
  }
  if (module_.empty()) return fail("not an artifact of wasmc: it has no section .wasmc.module");
  return {};
}

namespace {

std::span<const uint8_t> bytes_of(const abi::Hash128 &hash) { return {reinterpret_cast<const uint8_t *>(&hash), sizeof hash}; }

/// Whether the hash of `bytes` is `expected`, where `zeros` in them count as zeros and `left_out` does not count. False if these overlap.
bool has_hash(std::span<const uint8_t> bytes, abi::Hash128 expected, std::initializer_list<std::span<const uint8_t>> zeros, std::span<const uint8_t> left_out) {
  static constexpr uint8_t kZeros[sizeof(abi::Hash128)] = {};
  std::vector<std::span<const uint8_t>> holes(zeros);
  if (!left_out.empty()) holes.push_back(left_out);
  std::ranges::sort(holes, {}, [](std::span<const uint8_t> hole) { return hole.data(); });
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  const uint8_t *at = bytes.data();
  for (const std::span<const uint8_t> hole : holes) {
    if (hole.data() < at) return false;
    XXH3_128bits_update(&state, at, size_t(hole.data() - at));
    if (hole.data() != left_out.data()) XXH3_128bits_update(&state, kZeros, hole.size());
    at = hole.data() + hole.size();
  }
  XXH3_128bits_update(&state, at, size_t(bytes.data() + bytes.size() - at));
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return expected == abi::Hash128{hash.low64, hash.high64};
}

}  // namespace

Result<> Artifact::check_header() {
  header_ = at<abi::ModuleHeader>(module_, 0);
  if (!header_ || std::memcmp(header_->magic, abi::kMagic, sizeof abi::kMagic) != 0) return fail("artifact is corrupt: bad magic number");
  if (header_->abi_version != abi::kAbiVersion)
    return fail("artifact has format version " + std::to_string(header_->abi_version) + ", this wasmc reads " + std::to_string(abi::kAbiVersion) + "; compile it again");
  if (text(header_->compiler_version) != version())
    return fail("artifact was made by wasmc " + std::string(text(header_->compiler_version)) + ", this is " + std::string(version()) + "; compile it again");
  if (header_->file_size != file_.size()) return fail("artifact is truncated: it has " + std::to_string(file_.size()) + " of " + std::to_string(header_->file_size) + " bytes");
  if (!has_hash(module_, header_->description_hash, {bytes_of(header_->content_hash), bytes_of(header_->description_hash)}, {}))
    return fail("artifact is corrupt: its description does not match its hash");
  if (file_.size() <= abi::kHashedWhole && !has_hash(file_, header_->content_hash, {bytes_of(header_->content_hash)}, wasm_))
    return fail("artifact is corrupt: its contents do not match its hash");
  return {};
}

namespace {
template <class T> bool fits(std::span<const uint8_t> bytes, abi::Range range) { return at<T>(bytes, range.offset, range.count) != nullptr; }
}  // namespace

Result<> Artifact::check_ranges() {
  const abi::ModuleHeader &h = *header_;
  const bool good = fits<uint8_t>(module_, h.strings) && fits<abi::TypeEntry>(module_, h.types) &&
                    fits<abi::ImportEntry>(module_, h.imports) && fits<abi::FunctionEntry>(module_, h.functions) &&
                    fits<abi::TableEntry>(module_, h.tables) && fits<abi::MemoryEntry>(module_, h.memories) &&
                    fits<abi::GlobalEntry>(module_, h.globals) && fits<abi::ExportEntry>(module_, h.exports) &&
                    fits<abi::ConstExpr>(module_, h.const_exprs) && fits<abi::ConstOp>(module_, h.const_ops) &&
                    fits<abi::ElementEntry>(module_, h.elements) && fits<uint32_t>(module_, h.element_items) &&
                    fits<abi::DataEntry>(module_, h.data) && fits<abi::ImageRun>(module_, h.image_runs) &&
                    code_size_ / sizeof(int32_t) >= h.code_count;
  if (!good) return fail("artifact is corrupt: its module description points outside itself");
  return platform::require_features(h.cpu_features);
}

Result<> Artifact::map_segments() {
  const auto *elf = at<Elf64_Ehdr>(file_, 0);
  const auto *segments = at<Elf64_Phdr>(file_, elf->e_phoff, elf->e_phnum);
  if (!segments) return fail("artifact is corrupt: no program headers");
  constexpr uint64_t kMaxAddress = uint64_t{4} << 30;
  uint64_t end = 0;
  for (uint32_t i = 0; i < elf->e_phnum; ++i) {
    if (segments[i].p_type != PT_LOAD) continue;
    if (segments[i].p_vaddr > kMaxAddress || segments[i].p_memsz > kMaxAddress) return fail("artifact is corrupt: bad segment addresses");
    end = std::max(end, segments[i].p_vaddr + segments[i].p_memsz);
  }
  const uint64_t page = platform::page_size();
  if (end == 0) return fail("artifact is corrupt: it has no segments");
  image_ = platform::Reservation::reserve(platform::round_up(end, page));
  if (!image_) return fail("cannot reserve address space for the code");
  for (uint32_t i = 0; i < elf->e_phnum; ++i) {
    const Elf64_Phdr &segment = segments[i];
    if (segment.p_type != PT_LOAD || segment.p_filesz == 0) continue;
    if (!at<uint8_t>(file_, segment.p_offset, segment.p_filesz) || segment.p_memsz != segment.p_filesz || segment.p_vaddr % page != segment.p_offset % page)
      return fail("artifact is corrupt: bad segment");
    if (segment.p_flags & PF_W) return fail("artifact is corrupt: a segment is writable");
    const uint64_t slack = segment.p_vaddr % page;
    const int protection = PROT_READ | (segment.p_flags & PF_X ? PROT_EXEC : 0);
    if (!image_.map_file(segment.p_vaddr - slack, platform::round_up(segment.p_filesz + slack, page), fd_, file_offset_ + segment.p_offset - slack, protection))
      return fail("cannot map the code");
    if (segment.p_flags & PF_X) {
      text_begin_ = reinterpret_cast<uintptr_t>(image_.base() + segment.p_vaddr);
      text_size_ = segment.p_memsz;
    }
  }
  const auto is_mapped = [&](uint64_t address, uint64_t size) { return address <= image_.size() && size <= image_.size() - address; };
  if (!is_mapped(code_vaddr_, code_size_) || code_vaddr_ % alignof(int32_t) != 0) return fail("artifact is corrupt: the code table is not mapped");
  if (!is_mapped(frames_vaddr_, frames_size_)) return fail("artifact is corrupt: the frame table is not mapped");
  code_base_ = image_.base() + code_vaddr_;
  code_table_ = reinterpret_cast<const int32_t *>(code_base_);
  for (uint32_t i = 0; i < header_->code_count; ++i)
    if (!in_text(reinterpret_cast<uintptr_t>(code(i)))) return fail("artifact is corrupt: the code table points outside the code");
  return {};
}

void Artifact::register_frames() const {
  std::call_once(frames_once_, [this] {
    if (frames_size_ == 0) return;
    registered_frames_ = image_.base() + frames_vaddr_;
    __register_frame(registered_frames_);
  });
}

std::string_view Artifact::function_name(uint32_t function) const {
  const auto *table = at<abi::NameTable>(names_, 0);
  if (!table || function >= table->count) return {};
  const auto *ends = at<uint32_t>(names_, sizeof *table, uint64_t{table->count} + 1);
  const uint64_t bytes = sizeof *table + (uint64_t{table->count} + 1) * sizeof(uint32_t);
  if (!ends || ends[function] > ends[function + 1] || !at<char>(names_, bytes + ends[function], ends[function + 1] - ends[function])) return {};
  return {reinterpret_cast<const char *>(names_.data()) + bytes + ends[function], ends[function + 1] - ends[function]};
}

}  // namespace wasmc::load
