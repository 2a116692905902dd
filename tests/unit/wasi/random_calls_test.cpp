// Every handler with arguments that are wrong in all combinations: with sanitizers, any access outside guest memory or the tables is
// found; without, that the world outside the granted directory stays as it was.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <tuple>
#include <utility>

#include "guest.h"

namespace wasmc::wasi {
namespace {

namespace fs = std::filesystem;

class RandomCalls : public Guest {
 protected:
  static constexpr const char *kPaths[] = {"f", "d", "d/f", "new", "d/new", "..", ".", "../outside/secret", "out", "out/secret",
                                           "out/", "outdir/", "outdir/..", "d/../..", "abs/secret", "/etc/passwd", "loop", "f/", "", "new/x", "d/out", "d/../new"};

  uint32_t pick(std::initializer_list<uint32_t> list) { return list.begin()[random() % list.size()]; }
  /// Small numbers (descriptors, flags, counts), addresses of paths and then mostly their length, addresses of buffers, the end of
  /// memory, the end of numbers.
  void fill(uint32_t &value) {
    uint32_t end = static_cast<uint32_t>(bytes.size());
    if (length_next && random() % 8 != 0) {
      value = *std::exchange(length_next, std::nullopt);
      return;
    }
    length_next.reset();
    switch (random() % 8) {
      case 0: case 1: case 2: value = 3 + static_cast<uint32_t>(random() % 3); break;
      case 3: value = static_cast<uint32_t>(random() % 3); break;
      case 4: case 5: {
        size_t path = random() % std::size(kPaths);
        value = kText + 64 * static_cast<uint32_t>(path);
        length_next = size(kPaths[path]);
        break;
      }
      case 6: value = pick({kData, kOut, kData + 8 * static_cast<uint32_t>(random() % 64), 8, 16, 17}); break;
      default: value = pick({0, end - 1, end - 8, end, end + 1, 0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0xffff'fff8}); break;
    }
  }
  void fill(uint64_t &value) {
    static constexpr uint64_t kValues[] = {0, 0, 1, 2, 8, 4096, kAll, uint64_t(Rights::FdRead), ~kAll, uint64_t{1} << 63, UINT64_MAX};
    value = kValues[random() % std::size(kValues)];
  }
  /// Paths at known places, and lists of buffers that are partly good.
  void fill_memory() {
    for (size_t i = 0; i < std::size(kPaths); ++i) put(kPaths[i], kText + 64 * static_cast<uint32_t>(i));
    for (uint32_t i = 0; i < 64; ++i) {
      Iovec entry{};
      fill(entry.buf);
      fill(entry.buf_len);
      store(kData + 8 * i, entry);
    }
  }

  template <class R, class... P> void call(R (*handler)(Context &, GuestMemory, P...)) {
    std::tuple<P...> arguments{};
    std::apply([&](auto &...each) { (fill(each), ...); }, arguments);
    std::apply([&](auto... each) { succeeded += handler(*context, memory(), each...).has_value(); }, arguments);
  }
  template <class R, class... P> void call(R (*handler)(Context &, P...)) {
    std::tuple<P...> arguments{};
    std::apply([&](auto &...each) { (fill(each), ...); }, arguments);
    std::apply([&](auto... each) { succeeded += handler(*context, each...).has_value(); }, arguments);
  }

  /// The same inside again, and what must not change outside.
  void start_again() {
    if (context && changed[0] != fs::file_time_type{}) expect_outside_untouched();
    fs::remove_all(scratch.inside());
    fs::create_directories(scratch.inside() / "d");
    fs::create_directories(scratch.outside() / "dir");
    fs::create_symlink("../outside", scratch.inside() / "out");
    fs::create_symlink("../outside/dir", scratch.inside() / "outdir");
    fs::create_symlink(scratch.outside(), scratch.inside() / "abs");
    fs::create_symlink("loop", scratch.inside() / "loop");
    auto made = create({.args = {"app"}, .dirs = {{scratch.inside(), "/"}}, .stdin_fd = null.get(), .stdout_fd = null.get(),
                        .stderr_fd = null.get(), .max_descriptors = 50});
    ASSERT_TRUE(made);
    context = std::move(*made);
    EXPECT_OK(create_file("f"));
    EXPECT_OK(open("d"));
    changed = {fs::last_write_time(scratch.outside()), fs::last_write_time(scratch.outside() / "dir")};
  }
  void expect_outside_untouched() {
    EXPECT_EQ(scratch.read(scratch.outside() / "secret"), "secret");
    EXPECT_EQ(fs::hard_link_count(scratch.outside() / "secret"), 1u);
    EXPECT_TRUE(fs::is_empty(scratch.outside() / "dir"));
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.outside()), {}), 2);
    EXPECT_EQ(changed[0], fs::last_write_time(scratch.outside()));
    EXPECT_EQ(changed[1], fs::last_write_time(scratch.outside() / "dir"));
  }

  UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  std::array<fs::file_time_type, 2> changed{};
  std::mt19937 random{20240131};
  std::optional<uint32_t> length_next;  ///< the last argument was the address of a path of this length
  int succeeded = 0;
};

TEST_F(RandomCalls, AnyArguments) {
  for (int round = 0; round < 300; ++round) {
    if (round % 10 == 0) start_again();
    fill_memory();
#define WASMC_WASI(name, signature, unstable) \
  if (std::string_view(#name) != "poll_oneoff") call(&name);  // which might rightly wait for ever
#include "wasi/functions.def"
  }
  EXPECT_GT(succeeded, 1000);  // of 12,600: not everything was refused at the door
  expect_outside_untouched();
}

/// Well-formed calls with good and bad paths, in any order: the directory inside is turned over, the one outside is not.
TEST_F(RandomCalls, AnyOrderOfPathOperations) {
  auto fd = [&] { return pick({kDir, kDir, kDir, 4, 5, 6}); };  // the root, a file, a directory, what was opened since
  for (int round = 0; round < 10000; ++round) {
    if (round % 200 == 0) start_again();
    std::string_view one = kPaths[random() % std::size(kPaths)], two = kPaths[random() % std::size(kPaths)];
    uint32_t a = put(one), a_len = size(one), b = put(two, kText + 8192), b_len = size(two);
    uint32_t lookup = random() % 2, oflags = random() % 16, times = random() % 16;
    Or<> result;
    switch (random() % 11) {
      case 0: result = path_create_directory(*context, memory(), fd(), a, a_len); break;
      case 1: result = path_filestat_get(*context, memory(), fd(), lookup, a, a_len, kOut); break;
      case 2: result = path_filestat_set_times(*context, memory(), fd(), lookup, a, a_len, 1, 2, times); break;
      case 3: result = path_link(*context, memory(), fd(), 0, a, a_len, fd(), b, b_len); break;
      case 4: case 5: {
        uint64_t rights = kAll & ~(random() % 2 ? uint64_t(kMutatingRights) : 0);
        result = path_open(*context, memory(), fd(), lookup, a, a_len, oflags, rights, kAll, 0, kOut);
        break;
      }
      case 6: result = path_readlink(*context, memory(), fd(), a, a_len, kData, 100, kOut); break;
      case 7: result = path_remove_directory(*context, memory(), fd(), a, a_len); break;
      case 8: result = path_rename(*context, memory(), fd(), a, a_len, fd(), b, b_len); break;
      case 9: result = path_symlink(*context, memory(), a, a_len, fd(), b, b_len); break;
      case 10: result = path_unlink_file(*context, memory(), fd(), a, a_len); break;
    }
    succeeded += result.has_value();
  }
  EXPECT_GT(succeeded, 500);
  expect_outside_untouched();
}

}  // namespace
}  // namespace wasmc::wasi
