// A guest without compiled code: some memory, a scratch directory on the host, and a Context that grants it. Handlers are called
// directly.
#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/functions.h"

namespace wasmc::wasi {

/// A directory that goes with the test. `inside` is what a guest is granted, `outside` what it must never reach.
class Scratch {
 public:
  Scratch() {
    std::string pattern = ::testing::TempDir() + "wasmc-wasi-XXXXXX";
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(inside());
    std::filesystem::create_directory(outside());
    write(outside() / "secret", "secret");
  }
  ~Scratch() { std::filesystem::remove_all(root_); }
  std::filesystem::path inside() const { return root_ / "inside"; }
  std::filesystem::path outside() const { return root_ / "outside"; }
  static void write(const std::filesystem::path &path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(const std::filesystem::path &path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path root_;
};

/// Fixture: descriptor 3 is the scratch directory's inside.
class Guest : public ::testing::Test {
 protected:
  static constexpr uint32_t kDir = 3;
  static constexpr uint32_t kOut = 16;       ///< where results go
  static constexpr uint32_t kData = 1024;    ///< where buffers are
  static constexpr uint32_t kText = 32768;   ///< where paths are put
  static constexpr uint64_t kAll = uint64_t(kInheritableRights);

  Guest() { grant(false); }

  void grant(bool read_only) {
    Config config{.args = {"app", "one"}, .env = {{"K", "V"}}, .dirs = {{scratch.inside(), "/", read_only}}};
    auto made = create(config);
    ASSERT_TRUE(made) << made.error().describe();
    context = std::move(*made);
  }

  GuestMemory memory() { return GuestMemory(bytes); }
  template <class T> T load(uint32_t address) {
    T value;
    std::memcpy(&value, bytes.data() + address, sizeof value);
    return value;
  }
  template <class T> void store(uint32_t address, const T &value) {
    std::memcpy(bytes.data() + address, &value, sizeof value);
  }
  /// Puts text into guest memory and gives its address.
  uint32_t put(std::string_view text, uint32_t address = kText) {
    std::memcpy(bytes.data() + address, text.data(), text.size());
    return address;
  }
  static uint32_t size(std::string_view text) { return static_cast<uint32_t>(text.size()); }

  /// path_open; the new descriptor, or the error.
  Or<uint32_t> open(std::string_view path, uint32_t oflags = 0, uint64_t base = kAll & ~uint64_t(Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize),
                    uint32_t lookup = 0, uint32_t dir = kDir, uint32_t fdflags = 0) {
    auto result = path_open(*context, memory(), dir, lookup, put(path), size(path), oflags, base, kAll, fdflags, kOut);
    if (!result) return refuse(result.error());
    return load<uint32_t>(kOut);
  }
  Or<uint32_t> create_file(std::string_view path) { return open(path, kOflagsCreat, uint64_t(kFileRights)); }

  /// fd_write or fd_read of one buffer; the bytes moved.
  Or<uint32_t> write(uint32_t fd, std::string_view text) {
    store(kData, Iovec{put(text, kData + 64), size(text)});
    auto result = fd_write(*context, memory(), fd, kData, 1, kOut);
    if (!result) return refuse(result.error());
    return load<uint32_t>(kOut);
  }
  Or<std::string> read(uint32_t fd, uint32_t length) {
    store(kData, Iovec{kData + 64, length});
    auto result = fd_read(*context, memory(), fd, kData, 1, kOut);
    if (!result) return refuse(result.error());
    return std::string(reinterpret_cast<char *>(bytes.data()) + kData + 64, load<uint32_t>(kOut));
  }

  Scratch scratch;
  std::vector<uint8_t> bytes = std::vector<uint8_t>(65536);
  ContextPtr context;
};

/// Reads as the number in a failure message.
template <class T> std::string why(const Or<T> &result) {
  return result ? "success" : std::string(to_string(result.error()));
}
#define EXPECT_OK(expression) EXPECT_EQ(why(expression), "success")
#define EXPECT_REFUSED(expression, error) EXPECT_EQ(why(expression), #error)

}  // namespace wasmc::wasi
