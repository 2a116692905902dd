#include "link/elf_sections.h"

#include <elf.h>

#include <cstring>
#include <string>

namespace wasmc::link {
namespace {

template <class T> void append(Bytes &bytes, const T &value) {
  const auto *first = reinterpret_cast<const uint8_t *>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

Elf64_Ehdr file_header(abi::Arch arch, uint64_t section_headers, size_t section_count) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = uint16_t(arch);
  header.e_version = EV_CURRENT;
  header.e_shoff = section_headers;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = uint16_t(section_count);
  header.e_shstrndx = uint16_t(section_count - 1);
  return header;
}

Elf64_Shdr section_header(uint32_t type, uint32_t name, uint64_t offset, uint64_t size, uint64_t alignment) {
  Elf64_Shdr header{};
  header.sh_name = name;
  header.sh_type = type;
  header.sh_offset = offset;
  header.sh_size = size;
  header.sh_addralign = alignment;
  return header;
}

}  // namespace

// File header, the sections' bytes without padding (nobody maps this file), section headers, section names. A section's
// alignment counts in the linker's output only.
SectionObject::SectionObject(abi::Arch arch, std::span<const PlainSection> sections) {
  std::string names(1, '\0');
  append(tail_, Elf64_Shdr{});
  uint64_t offset = sizeof(Elf64_Ehdr);
  for (const PlainSection &section : sections) {
    append(tail_, section_header(SHT_PROGBITS, uint32_t(names.size()), offset, section.bytes.size(), section.alignment));
    names += section.name;
    names += '\0';
    offset += section.bytes.size();
  }
  const uint32_t own_name = uint32_t(names.size());
  names += ".shstrtab";
  names += '\0';
  const uint64_t padding = (8 - offset % 8) % 8;  // section headers are aligned
  const uint64_t headers = offset + padding;
  append(tail_, section_header(SHT_STRTAB, own_name, headers + tail_.size() + sizeof(Elf64_Shdr), names.size(), 1));
  tail_.insert(tail_.end(), names.begin(), names.end());
  tail_.insert(tail_.begin(), padding, 0);
  append(head_, file_header(arch, headers, sections.size() + 2));

  pieces_.push_back(head_);
  for (const PlainSection &section : sections) pieces_.push_back(section.bytes);
  pieces_.push_back(tail_);
}

}  // namespace wasmc::link
