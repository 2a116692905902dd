// Damaged artifacts are refused at load, whatever byte is missing or wrong. (Tests of the executable try some of the same from outside.)
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

namespace wasmc {
namespace {

/// A file in memory.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("artifact", MFD_CLOEXEC)) {}
  ~MemoryFile() { close(fd_); }
  int fd() const { return fd_; }
  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> out(size_t(lseek(fd_, 0, SEEK_END)));
    EXPECT_EQ(pread(fd_, out.data(), out.size(), 0), ssize_t(out.size()));
    return out;
  }
  void flip(size_t at, uint8_t bits) const {
    uint8_t byte = 0;
    ASSERT_EQ(pread(fd_, &byte, 1, off_t(at)), 1);
    byte ^= bits;
    ASSERT_EQ(pwrite(fd_, &byte, 1, off_t(at)), 1);
  }
  void cut(size_t size) const { ASSERT_EQ(ftruncate(fd_, off_t(size)), 0); }

 private:
  int fd_;
};

class DamagedArtifact : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(WASMC_TEST_MODULES "/memory.wasm", std::ios::binary);
    const std::vector<uint8_t> wasm(std::istreambuf_iterator<char>(in), {});
    compiler::Options options;
    options.keep_wasm = false;  // the hash leaves it out, and nothing runs from it
    ASSERT_TRUE(wasmc_compiler_api()->compile(wasm, options, file.fd()));
    size = file.bytes().size();
    ASSERT_TRUE(load());
  }
  Result<Module> load() { return Module::load(engine, ArtifactFile{.fd = file.fd(), .name = "damaged"}); }

  Engine engine;
  MemoryFile file;
  size_t size = 0;
};

TEST_F(DamagedArtifact, EveryTruncationIsRefused) {
  while (size > 0) {
    file.cut(--size);
    const auto module = load();
    ASSERT_FALSE(module) << size << " bytes";
    ASSERT_TRUE(module.error().describe().starts_with("damaged: ")) << module.error().describe();
  }
}

TEST_F(DamagedArtifact, EveryByteIsCovered) {
  for (size_t at = 0; at < size; ++at) {
    const uint8_t bits = uint8_t(1 << at % 8);
    file.flip(at, bits);
    const auto module = load();
    ASSERT_FALSE(module) << "byte " << at;
    ASSERT_TRUE(module.error().describe().starts_with("damaged: ")) << module.error().describe();
    file.flip(at, bits);
  }
  EXPECT_TRUE(load());
}

TEST_F(DamagedArtifact, MoreThanTheWholeIsRefused) {
  file.cut(size + 1);
  EXPECT_FALSE(load());
}

}  // namespace
}  // namespace wasmc
