// A profile's file is read back as it was written, and whatever else it holds is an error.
#include "profile/file.h"

#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <random>

namespace wasmc::profile {
namespace {

using Bytes = std::vector<uint8_t>;
using Counters = std::vector<uint64_t>;

constexpr size_t kHeader = 28, kChecksum = 8;

Layout layout_of(uint64_t count) { return {{1, 2}, {0, count}, {}}; }

/// A copy on the heap of exactly that size, so that a sanitizer sees every read beyond it.
Result<Counters> read(std::span<const uint8_t> bytes, const Layout &layout) {
  Bytes exact(bytes.begin(), bytes.end());
  exact.shrink_to_fit();
  return decode(exact, layout);
}

/// With the right checksum, as someone would make it who wants to be believed.
Bytes sealed(Bytes content) {
  const uint64_t sum = XXH3_64bits(content.data(), content.size());
  content.resize(content.size() + kChecksum);
  std::memcpy(content.data() + content.size() - kChecksum, &sum, kChecksum);
  return content;
}
/// The header of layout_of(…), and these runs.
Bytes file_with(const Bytes &runs) {
  Bytes content = encode(layout_of(0), {});
  content.resize(kHeader);
  content.insert(content.end(), runs.begin(), runs.end());
  return sealed(content);
}

TEST(ProfileFile, IsReadBack) {
  for (const Counters &counters : {Counters{}, Counters{0}, Counters{1}, Counters{0, 0, 5}, Counters{5, 0, 0}, Counters{~uint64_t{0}, 0, 127, 128, 0, 0, 1}}) {
    const Layout layout = layout_of(counters.size());
    const auto decoded = read(encode(layout, counters), layout);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, counters);
  }
}

TEST(ProfileFile, EveryCutIsAnError) {
  const Layout layout = layout_of(6);
  const Bytes whole = encode(layout, Counters{0, 0, 500, 1, 0, 70000});
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read(std::span(whole).first(size), layout)) << size;
  for (size_t size = kHeader; size + kChecksum < whole.size(); ++size)
    EXPECT_FALSE(read(sealed(Bytes(whole.begin(), whole.begin() + ptrdiff_t(size))), layout)) << size;
}

TEST(ProfileFile, EveryFlippedBitIsAnError) {
  const Layout layout = layout_of(6);
  const Bytes whole = encode(layout, Counters{0, 0, 500, 1, 0, 70000});
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= uint8_t(1u << bit % 8);
    EXPECT_FALSE(read(flipped, layout)) << bit;
  }
}

TEST(ProfileFile, BytesThatSomebodyMadeUpAreRefusedOrFit) {
  const Layout layout = layout_of(9);
  size_t accepted = 0;
  for (unsigned seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    Bytes runs(random() % 14);
    for (uint8_t &byte : runs) byte = random() % 4 == 0 ? uint8_t(random()) : uint8_t(random() % 5);
    const auto decoded = read(file_with(runs), layout);
    if (decoded) EXPECT_EQ(decoded->size(), 9u);
    accepted += decoded.has_value();
  }
  EXPECT_GT(accepted, 0u);
}

TEST(ProfileFile, RunsMustFit) {
  EXPECT_TRUE(read(file_with({2, 1, 7}), layout_of(3)));
  EXPECT_FALSE(read(file_with({2, 1, 7}), layout_of(2)));
  EXPECT_FALSE(read(file_with({2, 1, 7}), layout_of(4)));
  EXPECT_FALSE(read(file_with({2, 1, 7, 0}), layout_of(3))) << "more than there should be";
  EXPECT_FALSE(read(file_with({0, 0, 2, 1, 7}), layout_of(3))) << "a run of nothing, without end";
  const Bytes most{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
  Bytes around = most;
  around.push_back(1);
  EXPECT_FALSE(read(file_with(around), layout_of(3))) << "a sum that wraps";
  Bytes others{1};
  others.insert(others.end(), most.begin(), most.end());
  EXPECT_FALSE(read(file_with(others), layout_of(3)));
  EXPECT_FALSE(read(file_with(Bytes(12, 0x80)), layout_of(3))) << "a number that never ends";
}

TEST(ProfileFile, SaysWhatIsWrong) {
  const Bytes file = encode(layout_of(1), Counters{4});
  Layout other = layout_of(1);
  other.code.high = 3;
  EXPECT_EQ(read(file, other).error().message, "is of another module");
  EXPECT_EQ(read(Bytes{'\0', 'a', 's', 'm'}, other).error().message, "is no profile of `wasmc run --profile-out`");
  EXPECT_EQ(read(file, layout_of(2)).error().message, "is damaged: it has not the counters of the module");
}

}  // namespace
}  // namespace wasmc::profile
