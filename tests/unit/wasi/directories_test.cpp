#include <gtest/gtest.h>

#include <map>
#include <set>

#include "guest.h"

namespace wasmc::wasi {
namespace {

class Directories : public Guest {
 protected:
  struct Entry {
    Dirent header;
    std::string name;
  };
  struct Page {
    std::vector<Entry> entries;  ///< the whole ones
    bool more;
  };

  Page page(uint64_t cookie, uint32_t length, uint32_t fd = kDir) {
    Page out{};
    auto result = fd_readdir(*context, memory(), fd, kData, length, cookie, kOut);
    EXPECT_OK(result);
    uint32_t used = load<uint32_t>(kOut);
    EXPECT_LE(used, length);
    out.more = used == length;
    for (uint32_t at = kData; at + sizeof(Dirent) <= kData + used;) {
      auto header = load<Dirent>(at);
      at += sizeof(Dirent);
      if (at + header.namlen > kData + used) break;
      out.entries.push_back({header, std::string(reinterpret_cast<char *>(&bytes[at]), header.namlen)});
      at += header.namlen;
    }
    return out;
  }

  std::multiset<std::string> names(uint32_t length) {
    std::multiset<std::string> out;
    uint64_t cookie = kDircookieStart;
    while (true) {
      Page now = page(cookie, length);
      for (Entry &entry : now.entries) out.insert(entry.name), cookie = entry.header.next;
      if (!now.more || now.entries.empty()) return out;
    }
  }
};

TEST_F(Directories, PreopenHasItsName) {
  EXPECT_OK(fd_prestat_get(*context, memory(), kDir, kOut));
  EXPECT_EQ(load<Prestat>(kOut).tag, 0);
  EXPECT_EQ(load<Prestat>(kOut).name_len, 1u);
  EXPECT_OK(fd_prestat_dir_name(*context, memory(), kDir, kData, 2));
  EXPECT_EQ(bytes[kData], '/');
  EXPECT_REFUSED(fd_prestat_dir_name(*context, memory(), kDir, kData, 0), Nametoolong);
  EXPECT_REFUSED(fd_prestat_get(*context, memory(), kDir + 1, kOut), Badf);
  EXPECT_REFUSED(fd_prestat_get(*context, memory(), 0, kOut), Badf);
}

TEST_F(Directories, EntriesWithTypes) {
  Scratch::write(scratch.inside() / "file", "");
  std::filesystem::create_directory(scratch.inside() / "dir");
  std::filesystem::create_symlink("file", scratch.inside() / "link");
  std::map<std::string, FileType> types;
  Page all = page(kDircookieStart, 4096);
  EXPECT_FALSE(all.more);
  for (Entry &entry : all.entries) types[entry.name] = entry.header.type;
  EXPECT_EQ(types, (std::map<std::string, FileType>{{".", FileType::Directory}, {"..", FileType::Directory},
                                                   {"dir", FileType::Directory}, {"file", FileType::RegularFile},
                                                   {"link", FileType::SymbolicLink}}));
}

TEST_F(Directories, AnyBufferSizeSeesEveryEntryOnce) {
  std::multiset<std::string> expected{".", ".."};
  for (int i = 0; i < 300; ++i) {
    std::string name = "file" + std::to_string(i) + std::string(static_cast<size_t>(i) % 200, 'x');
    Scratch::write(scratch.inside() / name, "");
    expected.insert(name);
  }
  for (uint32_t length : {280u, 300u, 511u, 4096u, 30000u}) EXPECT_EQ(names(length), expected) << length;
}

TEST_F(Directories, CookiesStayGoodWhileTheDirectoryChanges) {
  for (int i = 0; i < 50; ++i) Scratch::write(scratch.inside() / ("old" + std::to_string(i)), "");
  Page all = page(kDircookieStart, 16384);
  ASSERT_EQ(all.entries.size(), 52u);
  size_t middle = 20;
  std::set<std::string> rest;
  for (size_t i = middle + 1; i < all.entries.size(); ++i) rest.insert(all.entries[i].name);
  for (size_t i = 0; i < middle; ++i)  // what was read is removed, others come
    if (all.entries[i].name[0] == 'o') std::filesystem::remove(scratch.inside() / all.entries[i].name);
  for (int i = 0; i < 30; ++i) Scratch::write(scratch.inside() / ("new" + std::to_string(i)), "");
  std::set<std::string> seen;
  for (Entry &entry : page(all.entries[middle].header.next, 16384).entries)
    if (!entry.name.starts_with("new")) EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
  EXPECT_EQ(seen, rest);
}

TEST_F(Directories, ShortBufferIsFilledWithACutEntry) {
  EXPECT_OK(fd_readdir(*context, memory(), kDir, kData, 10, kDircookieStart, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 10u);
  EXPECT_OK(fd_readdir(*context, memory(), kDir, kData, 0, kDircookieStart, kOut));
  EXPECT_EQ(load<uint32_t>(kOut), 0u);
}

TEST_F(Directories, WhatIsRefused) {
  uint32_t file = *create_file("f");
  EXPECT_REFUSED(fd_readdir(*context, memory(), file, kData, 100, 0, kOut), Notdir);
  EXPECT_REFUSED(fd_readdir(*context, memory(), kDir, uint32_t(bytes.size()) - 10, 100, 0, kOut), Fault);
  EXPECT_REFUSED(fd_readdir(*context, memory(), kDir, kData, 100, 0, kOut + 1), Inval);
  EXPECT_OK(fd_fdstat_set_rights(*context, kDir, 0, 0));
  EXPECT_REFUSED(fd_readdir(*context, memory(), kDir, kData, 100, 0, kOut), Notcapable);
  // Any number may come as a cookie: an error or some entries, nothing worse.
  grant(false);
  for (uint64_t cookie : {uint64_t{1}, uint64_t{12345}, UINT64_MAX, uint64_t{1} << 63})
    (void)fd_readdir(*context, memory(), kDir, kData, 100, cookie, kOut);
}

}  // namespace
}  // namespace wasmc::wasi
