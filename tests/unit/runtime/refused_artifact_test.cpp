// Files that are no artifact at all. Damaged artifacts: tests/cli and tests/embedding.
#include <gtest/gtest.h>

#include <elf.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "platform/file.h"
#include "runtime/runtime.h"

namespace wasmc {
namespace {

class RefusedArtifact : public testing::Test {
 protected:
  std::string refusal(std::string_view contents) {
    const auto file = platform::File::in_memory();
    EXPECT_EQ(write(file->fd(), contents.data(), contents.size()), ssize_t(contents.size()));
    return refusal(ArtifactFile{.fd = file->fd(), .name = "given"});
  }
  std::string refusal(const ArtifactFile &file) {
    const auto module = Module::load(engine, file);
    return module ? "loaded" : module.error().describe();
  }
  Engine engine;
};

TEST_F(RefusedArtifact, ShortFiles) {
  EXPECT_EQ(refusal(""), "given: artifact is truncated");
  EXPECT_EQ(refusal("\x7f" "ELF"), "given: artifact is truncated");
}

TEST_F(RefusedArtifact, OtherFiles) { EXPECT_EQ(refusal(std::string(4096, 'x')), "given: not an artifact of wasmc: no ELF file"); }

TEST_F(RefusedArtifact, EveryElfHeaderOfOnes) {
  // Each field of the ELF header in turn says the largest number that it can.
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_machine = EM_X86_64;
  for (const uint16_t machine : {EM_X86_64, EM_AARCH64})
    for (size_t i = EI_NIDENT; i < sizeof header; ++i) {
      std::string file(65536, '\0');
      header.e_machine = machine;
      std::memcpy(file.data(), &header, sizeof header);
      file[i] = char(0xff);
      EXPECT_NE(refusal(file), "loaded");
    }
}

TEST_F(RefusedArtifact, Directories) {
  const auto directory = platform::File::open("/");
  EXPECT_EQ(refusal({.fd = directory->fd(), .name = "/"}), "/: is a directory");
}

TEST_F(RefusedArtifact, RangesOutsideTheFile) {
  const auto file = platform::File::in_memory();
  ASSERT_EQ(ftruncate(file->fd(), 4096), 0);
  EXPECT_EQ(refusal({.fd = file->fd(), .offset = 1, .name = "given"}), "given: artifact begins outside the file");
  EXPECT_EQ(refusal({.fd = file->fd(), .offset = abi::kImageAlignment, .name = "given"}), "given: artifact begins outside the file");
  EXPECT_EQ(refusal({.fd = file->fd(), .size = ~uint64_t{0}, .name = "given"}), "given: artifact is truncated");
}

}  // namespace
}  // namespace wasmc
