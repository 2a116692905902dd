#include "link/linker.h"

#include <elf.h>
#include <lld/Common/Driver.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/raw_ostream.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <optional>

#include "codegen/diagnostics.h"
#include "link/elf_sections.h"
#include "link/files.h"
#include "link/hash.h"

LLD_HAS_DRIVER(elf)

namespace wasmc::link {
namespace {

using codegen::fail_internal;

/// The linker's own words, first line only and without its name.
std::string first_line(llvm::StringRef text) {
  text = text.ltrim();
  text = text.substr(0, text.find('\n'));
  text.consume_front("ld.lld: error: ");
  return text.str();
}

/// lld keeps its state in globals, so the process has one of these.
class Lld {
 public:
  static Lld &instance() {
    static Lld lld;
    return lld;
  }
  Result<> run(const std::vector<std::string> &arguments) {
    const std::lock_guard lock(mutex_);
    if (!can_run_again_) return fail_internal("linking", "an earlier failure of the linker forbids to run it again");
    std::vector<const char *> words;
    for (const std::string &argument : arguments) words.push_back(argument.c_str());
    std::string messages;
    llvm::raw_string_ostream out(messages);
    const lld::Result result = lld::lldMain(words, llvm::nulls(), out, {{lld::Gnu, &lld::elf::link}});
    can_run_again_ = result.canRunAgain;
    if (result.retCode != 0) return fail_internal("linking", first_line(messages));
    return {};
  }

 private:
  std::mutex mutex_;
  bool can_run_again_ = true;
};

std::vector<std::string> linker_arguments(abi::Arch arch, const std::string &archive, const std::string &output) {
  const std::string page_size = arch == abi::Arch::X86_64 ? "4096" : "65536";
  return {"ld.lld", "-shared", "--no-dynamic-linker", "-Bsymbolic", "--hash-style=gnu", "--build-id=none", "--eh-frame-hdr",
          "--strip-debug", "--threads=1", "--error-limit=1",
          // No segment is writable, nothing is left to the dynamic linker.
          "-z", "defs", "-z", "norelro", "-z", "rodynamic", "-z", "separate-code", "-z", "noexecstack",
          "-z", "max-page-size=" + page_size,
          "--no-mmap-output-file", "-o", output, "--whole-archive", archive};
}

Result<MemoryArchive> make_archive(Parts &parts) {
  MemoryArchive archive = TRY(MemoryArchive::create());
  for (codegen::Object &object : parts.objects) {
    TRY(archive.add({{reinterpret_cast<const uint8_t *>(object.bytes.data()), object.bytes.size()}}));
    object.bytes = {};
  }
  const Bytes traps = trap_table(parts.objects);
  std::vector<PlainSection> sections{{".wasmc.module", parts.description.module, 16},
                                     {".wasmc.names", parts.description.names, 8},
                                     {".wasmc.data", parts.description.data, 16},
                                     {".wasmc.traps", traps, 8},
                                     {".wasmc.image", parts.description.image, abi::kImageAlignment},
                                     {".wasmc.wasm", parts.wasm, 16}};
  if (parts.wasm.empty()) sections.pop_back();
  TRY(archive.add(SectionObject(parts.arch, sections).pieces()));
  return archive;
}

/// The linked file, mapped.
class LinkedFile {
 public:
  static Result<LinkedFile> map(int fd, uint64_t size) {
    void *bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) return fail_errno("cannot read the artifact back", errno);
    return LinkedFile({static_cast<const uint8_t *>(bytes), size});
  }
  LinkedFile(LinkedFile &&other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  ~LinkedFile() {
    if (!bytes_.empty()) munmap(const_cast<uint8_t *>(bytes_.data()), bytes_.size());
  }

  std::span<const uint8_t> bytes() const { return bytes_; }
  const Elf64_Ehdr &header() const { return at<Elf64_Ehdr>(0); }
  std::span<const Elf64_Phdr> segments() const { return {&at<Elf64_Phdr>(header().e_phoff), header().e_phnum}; }
  std::span<const Elf64_Shdr> sections() const { return {&at<Elf64_Shdr>(header().e_shoff), header().e_shnum}; }
  std::span<const Elf64_Dyn> dynamic(const Elf64_Phdr &segment) const {
    return {&at<Elf64_Dyn>(segment.p_offset), segment.p_filesz / sizeof(Elf64_Dyn)};
  }
  const Elf64_Shdr *section(std::string_view name) const {
    const uint64_t names = sections()[header().e_shstrndx].sh_offset;
    for (const Elf64_Shdr &section : sections())
      if (name == &at<char>(names + section.sh_name)) return &section;
    return nullptr;
  }

 private:
  explicit LinkedFile(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  template <class T> const T &at(uint64_t offset) const { return *reinterpret_cast<const T *>(bytes_.data() + offset); }
  std::span<const uint8_t> bytes_;
};

/// What abi/artifact.h promises the loader: it maps segments and is done.
Result<> check_needs_no_dynamic_linker(const LinkedFile &file) {
  for (const Elf64_Shdr &section : file.sections())
    if (section.sh_type == SHT_RELA || section.sh_type == SHT_REL || section.sh_type == SHT_RELR)
      return fail_internal("linking", "the artifact has dynamic relocations");
  for (const Elf64_Phdr &segment : file.segments()) {
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W)) return fail_internal("linking", "the artifact has a writable segment");
    if (segment.p_type == PT_INTERP || segment.p_type == PT_TLS) return fail_internal("linking", "the artifact has an unexpected segment");
    if (segment.p_type == PT_DYNAMIC && std::ranges::any_of(file.dynamic(segment), [](const Elf64_Dyn &entry) { return entry.d_tag == DT_NEEDED; }))
      return fail_internal("linking", "the artifact needs a library");
  }
  return {};
}

/// Fills in the header's file_size, then description_hash, which covers it, then content_hash, which covers both.
Result<> patch_header(int fd, const LinkedFile &file) {
  const Elf64_Shdr *module = file.section(".wasmc.module");
  if (!module || module->sh_size < sizeof(abi::ModuleHeader)) return fail_internal("linking", "the artifact has no description");
  const auto patch = [&](size_t member, const auto &value) -> Result<> {
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t *>(&value), sizeof value);
    if (const int error = write_all(fd, bytes, module->sh_offset + member)) return fail_errno("cannot write the artifact", error);
    return {};
  };
  TRY(patch(offsetof(abi::ModuleHeader, file_size), uint64_t(file.bytes().size())));
  TRY(patch(offsetof(abi::ModuleHeader, description_hash), hash(file.bytes().subspan(module->sh_offset, module->sh_size))));
  std::vector<std::span<const uint8_t>> hashed{file.bytes()};
  if (const Elf64_Shdr *wasm = file.section(".wasmc.wasm"))
    hashed = {file.bytes().first(wasm->sh_offset), file.bytes().subspan(wasm->sh_offset + wasm->sh_size)};
  return patch(offsetof(abi::ModuleHeader, content_hash), hash(hashed));
}

}  // namespace

Result<> link_artifact(Parts parts, int output) {
  const MemoryArchive archive = TRY(make_archive(parts));
  CopyingPipe pipe(output);
  TRY(pipe.open());
  const Result<> linked = Lld::instance().run(linker_arguments(parts.arch, archive.path(), pipe.path()));
  const uint64_t size = TRY(pipe.finish());
  if (!linked) return linked;
  const LinkedFile file = TRY(LinkedFile::map(output, size));
  TRY(check_needs_no_dynamic_linker(file));
  return patch_header(output, file);
}

}  // namespace wasmc::link
