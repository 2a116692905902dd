#include "link/elf_sections.h"

#include <gtest/gtest.h>
#include <llvm/Object/ELFObjectFile.h>

namespace wasmc::link {
namespace {

TEST(ElfSections, LlvmReadsThem) {
  const Bytes first{1, 2, 3}, second{};
  const PlainSection sections[] = {{".wasmc.first", first, 16}, {".wasmc.second", second, abi::kImageAlignment}};
  const SectionObject object(abi::Arch::AArch64, sections);
  std::string file;
  for (std::span<const uint8_t> piece : object.pieces()) file.append(piece.begin(), piece.end());

  auto parsed = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(file, "test"));
  ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
  EXPECT_EQ((*parsed)->getArch(), llvm::Triple::aarch64);
  std::vector<std::string> seen;
  for (const llvm::object::SectionRef &section : (*parsed)->sections())
    seen.push_back(llvm::cantFail(section.getName()).str() + ":" + std::to_string(llvm::cantFail(section.getContents()).size()) + ":" +
                   std::to_string(section.getAlignment().value()));
  EXPECT_EQ(seen, (std::vector<std::string>{":0:1", ".wasmc.first:3:16", ".wasmc.second:0:65536", ".shstrtab:38:1"}));
}

}  // namespace
}  // namespace wasmc::link
