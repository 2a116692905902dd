#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "load/trap_sites.h"

namespace wasmc::load {
namespace {

using Bytes = std::vector<uint8_t>;

template <class T> void append(Bytes &bytes, const T &value) {
  const auto *raw = reinterpret_cast<const uint8_t *>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof value);
}

/// Functions with code table entries 3 and 7. The sites of 3: machine 4 → body + 10, machine 4 + 200 → body + 5. Of 7: machine 0 → body - 64.
Bytes example() {
  const Bytes sites{4, 10, 0xc8, 0x01, 0x7b, 0, 0x40};
  Bytes table;
  append(table, abi::TrapTable{2, uint32_t(sites.size())});
  append(table, abi::TrapFunction{3, 0, 5});
  append(table, abi::TrapFunction{7, 5, 2});
  table.insert(table.end(), sites.begin(), sites.end());
  return table;
}

TEST(TrapSites, ASiteReachesToTheNext) {
  const Bytes table = example();
  EXPECT_EQ(find_trap_site(table, 3, 1000, 3), std::nullopt);
  EXPECT_EQ(find_trap_site(table, 3, 1000, 4), 1010u);
  EXPECT_EQ(find_trap_site(table, 3, 1000, 203), 1010u);
  EXPECT_EQ(find_trap_site(table, 3, 1000, 204), 1005u);
  EXPECT_EQ(find_trap_site(table, 3, 1000, 1'000'000), 1005u);
}

TEST(TrapSites, OffsetsMayLieBeforeTheBody) { EXPECT_EQ(find_trap_site(example(), 7, 1000, 0), 936u); }

TEST(TrapSites, UnknownFunctionsHaveNone) {
  EXPECT_EQ(find_trap_site(example(), 2, 0, 10), std::nullopt);
  EXPECT_EQ(find_trap_site(example(), 8, 0, 10), std::nullopt);
  EXPECT_EQ(find_trap_site({}, 3, 0, 10), std::nullopt);
}

TEST(TrapSites, NoDamageReadsOutside) {
  const Bytes table = example();
  for (size_t size = 0; size < table.size(); ++size) {
    const Bytes cut(table.begin(), table.begin() + long(size));  // of its own, so that a sanitizer sees its end
    find_trap_site(cut, 3, 0, 1000);
    find_trap_site(cut, 7, 0, 1000);
  }
  for (size_t i = 0; i < table.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes flipped = table;
      flipped[i] ^= uint8_t(1 << bit);
      find_trap_site(flipped, 3, 0, 1000);
      find_trap_site(flipped, 7, 0, 1000);
    }
}

}  // namespace
}  // namespace wasmc::load
