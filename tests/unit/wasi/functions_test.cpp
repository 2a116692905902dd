// The list of functions, and that the documentation says the same.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "wasi/types.h"
#include "wasi/wasi.h"

namespace wasmc::wasi {
namespace {

TEST(Functions, FortySixDifferentOnes) {
  std::set<std::string_view> names;
  for (const FunctionInfo &function : functions()) names.insert(function.name);
  EXPECT_EQ(names.size(), 46u);
  EXPECT_EQ(functions().size(), 46u);
}

/// Under `## Functions`, README.md has a line `| name | signature | in wasi_unstable |` for each row.
TEST(Functions, ReadmeTableIsTheList) {
  std::ifstream in(WASMC_WASI_README);
  ASSERT_TRUE(in);
  std::multiset<std::string> expected, found;
  const std::map<Unstable, std::string> words = {{Unstable::Same, "same"}, {Unstable::Own, "its own layout"}, {Unstable::Absent, "not there"}};
  for (const FunctionInfo &function : functions())
    expected.insert("| `" + std::string(function.name) + "` | `" + std::string(function.signature) + "` | " + words.at(function.unstable) + " |");
  bool in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) in_table = line == "## Functions";
    if (in_table && line.starts_with("| `")) found.insert(line);
  }
  EXPECT_EQ(found, expected);
}

TEST(Errors, HostNumbersMap) {
  EXPECT_EQ(from_host(ENOENT), Errno::Noent);
  EXPECT_EQ(static_cast<int>(from_host(ENOENT)), 44);
  EXPECT_EQ(static_cast<int>(from_host(EXDEV)), 75);
  EXPECT_EQ(static_cast<int>(from_host(E2BIG)), 1);
  EXPECT_EQ(static_cast<int>(from_host(ENOTEMPTY)), 55);
  EXPECT_EQ(from_host(EWOULDBLOCK), Errno::Again);
  EXPECT_EQ(from_host(EOPNOTSUPP), Errno::Notsup);
  EXPECT_EQ(from_host(ENOKEY), Errno::Io);
  EXPECT_EQ(to_string(Errno::Notcapable), "Notcapable");
}

}  // namespace
}  // namespace wasmc::wasi
