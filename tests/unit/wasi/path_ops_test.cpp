// Every operation on a path, and that none of them reaches what lies outside the directory.
#include <gtest/gtest.h>

#include "guest.h"

namespace wasmc::wasi {
namespace {

namespace fs = std::filesystem;

class PathOps : public Guest {
 protected:
  /// Second path of an operation.
  static constexpr uint32_t kText2 = kText + 8192;

  Or<> make_directory(std::string_view path) { return path_create_directory(*context, memory(), kDir, put(path), size(path)); }
  Or<> remove_directory(std::string_view path) { return path_remove_directory(*context, memory(), kDir, put(path), size(path)); }
  Or<> unlink(std::string_view path) { return path_unlink_file(*context, memory(), kDir, put(path), size(path)); }
  Or<> symlink(std::string_view target, std::string_view path) {
    return path_symlink(*context, memory(), put(target), size(target), kDir, put(path, kText2), size(path));
  }
  Or<> rename(std::string_view from, std::string_view to) {
    return path_rename(*context, memory(), kDir, put(from), size(from), kDir, put(to, kText2), size(to));
  }
  Or<> link(std::string_view from, std::string_view to, uint32_t lookup = 0) {
    return path_link(*context, memory(), kDir, lookup, put(from), size(from), kDir, put(to, kText2), size(to));
  }
  Or<Filestat> stat(std::string_view path, uint32_t lookup = 0) {
    auto result = path_filestat_get(*context, memory(), kDir, lookup, put(path), size(path), kOut);
    if (!result) return refuse(result.error());
    return load<Filestat>(kOut);
  }
  Or<> set_times(std::string_view path, uint32_t lookup = 0) {
    return path_filestat_set_times(*context, memory(), kDir, lookup, put(path), size(path), 7, 9, kFstflagsAtim | kFstflagsMtim);
  }
  Or<std::string> readlink(std::string_view path, uint32_t length = 100) {
    auto result = path_readlink(*context, memory(), kDir, put(path), size(path), kData, length, kOut);
    if (!result) return refuse(result.error());
    return std::string(reinterpret_cast<char *>(&bytes[kData]), load<uint32_t>(kOut));
  }
  fs::path in(const char *name) { return scratch.inside() / name; }
};

TEST_F(PathOps, ImmutableFilesAreNotOpenedForWriting) {
  Scratch::write(in("code"), "code");
  fs::create_hard_link(in("code"), in("other"));
  fs::create_symlink("code", in("symbolic"));
  struct ::stat info;
  ASSERT_EQ(::stat(in("code").c_str(), &info), 0);
  context->immutable_files = {{info.st_dev, info.st_ino}};
  const uint64_t read = uint64_t(Rights::FdRead), write = uint64_t(Rights::FdWrite);
  for (const char *name : {"code", "other", "symbolic"}) {
    EXPECT_OK(open(name, 0, read, kLookupSymlinkFollow)) << name;
    EXPECT_REFUSED(open(name, 0, write, kLookupSymlinkFollow), Txtbsy) << name;
    EXPECT_REFUSED(open(name, 0, uint64_t(Rights::FdFilestatSetSize), kLookupSymlinkFollow), Txtbsy) << name;
    EXPECT_REFUSED(open(name, kOflagsTrunc, read, kLookupSymlinkFollow), Txtbsy) << name;
    EXPECT_REFUSED(open(name, kOflagsTrunc | kOflagsCreat, read | write, kLookupSymlinkFollow), Txtbsy) << name;
  }
  EXPECT_OK(rename("other", "moved"));
  EXPECT_REFUSED(open("moved", 0, write), Txtbsy);
  EXPECT_EQ(Scratch::read(in("code")), "code");
  EXPECT_OK(create_file("new"));
}

TEST_F(PathOps, DirectoriesComeAndGo) {
  EXPECT_OK(make_directory("a"));
  EXPECT_OK(make_directory("a/b/"));
  EXPECT_REFUSED(make_directory("a/b"), Exist);
  EXPECT_REFUSED(make_directory("."), Exist);
  EXPECT_REFUSED(make_directory("x/y"), Noent);
  EXPECT_REFUSED(remove_directory("a"), Notempty);
  EXPECT_REFUSED(remove_directory("a/."), Inval);
  EXPECT_REFUSED(unlink("a/b"), Isdir);
  EXPECT_REFUSED(unlink("a/b/"), Isdir);
  EXPECT_OK(remove_directory("a/b/"));
  Scratch::write(in("a/f"), "");
  EXPECT_REFUSED(remove_directory("a/f"), Notdir);
  EXPECT_REFUSED(unlink("a/f/"), Notdir);
  EXPECT_OK(unlink("a/f"));
}

TEST_F(PathOps, OpenFlags) {
  Scratch::write(in("f"), "text");
  EXPECT_REFUSED(open("f", kOflagsCreat | kOflagsExcl), Exist);
  EXPECT_REFUSED(open("f", kOflagsDirectory), Notdir);
  EXPECT_REFUSED(open("f", 16), Inval);
  EXPECT_REFUSED(open("f", 0, 0, 2), Inval);
  EXPECT_REFUSED(open("f", 0, uint64_t{1} << 40), Notcapable);
  EXPECT_REFUSED(open(".", 0, uint64_t(Rights::FdRead | Rights::FdWrite)), Isdir);
  EXPECT_OK(open("f", kOflagsTrunc, 0));  // the directory's right, not the descriptor's
  EXPECT_EQ(fs::file_size(in("f")), 0u);
  auto dir = open(".", 0, kAll & ~uint64_t(Rights::FdWrite | Rights::FdAllocate | Rights::FdFilestatSetSize));
  ASSERT_TRUE(dir);
  EXPECT_OK(fd_fdstat_get(*context, memory(), *dir, kOut));
  EXPECT_EQ(load<Fdstat>(kOut).base & Rights::FdRead, Rights::None);  // no use for it
  auto file = open("f");
  EXPECT_REFUSED(open("x", kOflagsCreat, 0, 0, *file), Notdir);
}

TEST_F(PathOps, RightsOfTheDirectory) {
  Scratch::write(in("f"), "text");
  Rights less = kDirectoryRights & ~(Rights::PathCreateFile | Rights::PathFilestatSetSize | Rights::PathUnlinkFile);
  Rights inherited = kInheritableRights & ~Rights::FdWrite;
  EXPECT_OK(fd_fdstat_set_rights(*context, kDir, uint64_t(less), uint64_t(inherited)));
  auto all = [&](uint32_t oflags, Rights base) {
    return path_open(*context, memory(), kDir, 0, put("f"), 1, oflags, uint64_t(base), 0, 0, kOut);
  };
  EXPECT_OK(all(0, Rights::FdRead));
  EXPECT_REFUSED(all(kOflagsCreat, Rights::FdRead), Notcapable);
  EXPECT_REFUSED(all(kOflagsTrunc, Rights::FdRead), Notcapable);
  EXPECT_REFUSED(all(0, Rights::FdWrite), Notcapable);
  EXPECT_REFUSED(unlink("f"), Notcapable);
  EXPECT_EQ(scratch.read(in("f")), "text");
}

TEST_F(PathOps, DescriptorLimitBeforeCreation) {
  Config config{.args = {"app"}, .dirs = {{scratch.inside(), "/"}}, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .max_descriptors = 2};
  context = std::move(*create(config));
  EXPECT_OK(create_file("one"));
  EXPECT_REFUSED(create_file("two"), Mfile);
  EXPECT_FALSE(fs::exists(in("two")));
}

TEST_F(PathOps, BadAddresses) {
  uint32_t end = uint32_t(bytes.size());
  EXPECT_REFUSED(path_create_directory(*context, memory(), kDir, end - 1, 2), Fault);
  EXPECT_REFUSED(path_create_directory(*context, memory(), kDir, 0xffff'ffff, 0xffff'ffff), Fault);
  EXPECT_REFUSED(path_create_directory(*context, memory(), kDir, 0, uint32_t(bytes.size())), Nametoolong);
  EXPECT_REFUSED(make_directory(""), Noent);
  EXPECT_REFUSED(make_directory(std::string_view("a\0", 2)), Inval);
  auto created = path_open(*context, memory(), kDir, 0, put("new"), 3, kOflagsCreat, 0, 0, 0, end);
  EXPECT_REFUSED(created, Fault);
  EXPECT_FALSE(fs::exists(in("new")));
  EXPECT_REFUSED(path_filestat_get(*context, memory(), kDir, 0, put("."), 1, kOut + 4), Inval);
}

TEST_F(PathOps, StatOfLinkAndTarget) {
  Scratch::write(in("f"), "text");
  EXPECT_OK(symlink("f", "l"));
  EXPECT_EQ(stat("l")->filetype, FileType::SymbolicLink);
  EXPECT_EQ(stat("l", kLookupSymlinkFollow)->size, 4u);
  EXPECT_REFUSED(stat("l", 2), Inval);
  EXPECT_OK(set_times("l"));
  EXPECT_EQ(stat("l")->mtim, 9u);
  EXPECT_NE(stat("f")->mtim, 9u);
  EXPECT_OK(set_times("l", kLookupSymlinkFollow));
  EXPECT_EQ(stat("f")->mtim, 9u);
}

TEST_F(PathOps, SymlinkAndReadlink) {
  EXPECT_OK(symlink("some/where", "l"));
  EXPECT_EQ(*readlink("l"), "some/where");
  EXPECT_EQ(*readlink("l", 4), "some");
  EXPECT_REFUSED(symlink("x", "l"), Exist);
  EXPECT_REFUSED(symlink("/etc", "abs"), Notcapable);
  EXPECT_REFUSED(symlink("", "e"), Noent);
  EXPECT_REFUSED(symlink("x", "new/"), Noent);
  Scratch::write(in("f"), "");
  EXPECT_REFUSED(readlink("f"), Inval);
  EXPECT_REFUSED(readlink("."), Inval);
  EXPECT_REFUSED(readlink("missing"), Noent);
}

TEST_F(PathOps, HardLinks) {
  Scratch::write(in("f"), "text");
  EXPECT_OK(link("f", "g"));
  EXPECT_EQ(stat("f")->nlink, 2u);
  EXPECT_REFUSED(link("f", "g"), Exist);
  EXPECT_REFUSED(link("f", "new/"), Noent);
  EXPECT_REFUSED(link(".", "d"), Perm);
  EXPECT_REFUSED(link("f", "h", kLookupSymlinkFollow), Inval);
  EXPECT_OK(symlink("nothing", "l"));
  EXPECT_OK(link("l", "l2"));
  EXPECT_EQ(*readlink("l2"), "nothing");
}

TEST_F(PathOps, Rename) {
  Scratch::write(in("f"), "text");
  EXPECT_OK(make_directory("d"));
  EXPECT_REFUSED(rename("f", "d"), Isdir);
  EXPECT_OK(rename("f", "d/g"));
  EXPECT_OK(rename("d/", "e/"));
  EXPECT_EQ(scratch.read(in("e/g")), "text");
  EXPECT_REFUSED(rename("e/..", "x"), Busy);
  EXPECT_REFUSED(rename("e", "e/below"), Inval);
}

/// Whatever the operation and the way out (plain, by a link on the way, by a link as the last component), it is refused or acts on the
/// link itself, and the outside stays as it was.
TEST_F(PathOps, NothingOutside) {
  fs::create_directory(scratch.outside() / "dir");
  fs::create_symlink("../outside", in("out"));
  fs::create_symlink(scratch.outside(), in("abs"));
  fs::create_symlink("../outside/dir", in("outdir"));
  Scratch::write(in("own"), "own");
  EXPECT_OK(make_directory("owndir"));
  auto before = fs::last_write_time(scratch.outside() / "dir");

  for (std::string path : {"../outside", "out", "abs", "owndir/../../outside"}) {
    std::string secret = path + "/secret", fresh = path + "/new", dir = path + "/dir";
    EXPECT_REFUSED(open(secret), Notcapable) << secret;
    EXPECT_REFUSED(open(secret, 0, uint64_t(Rights::FdRead), kLookupSymlinkFollow), Notcapable);
    EXPECT_REFUSED(create_file(fresh), Notcapable);
    EXPECT_REFUSED(stat(secret), Notcapable);
    EXPECT_REFUSED(stat(secret, kLookupSymlinkFollow), Notcapable);
    EXPECT_REFUSED(stat(path + "/"), Notcapable);
    EXPECT_REFUSED(stat(path + "/.."), Notcapable);
    EXPECT_REFUSED(set_times(dir), Notcapable);
    EXPECT_REFUSED(set_times(path + "/"), Notcapable);
    EXPECT_REFUSED(set_times(dir, kLookupSymlinkFollow), Notcapable);
    EXPECT_REFUSED(make_directory(fresh), Notcapable);
    EXPECT_REFUSED(remove_directory(dir), Notcapable);
    EXPECT_REFUSED(unlink(secret), Notcapable);
    EXPECT_REFUSED(symlink("x", fresh), Notcapable);
    EXPECT_REFUSED(readlink(secret), Notcapable);
    EXPECT_REFUSED(link(secret, "stolen"), Notcapable);
    EXPECT_REFUSED(link("own", fresh), Notcapable);
    EXPECT_REFUSED(rename(secret, "stolen"), Notcapable);
    EXPECT_REFUSED(rename("own", fresh), Notcapable);
  }
  // The last component is the link, with and without slashes behind it.
  for (std::string slash : {"", "/", "//", "/."}) {
    std::string path = "outdir" + slash;
    EXPECT_FALSE(open(path)) << path;
    EXPECT_FALSE(open(path, kOflagsDirectory, uint64_t(Rights::FdReaddir), kLookupSymlinkFollow)) << path;
    EXPECT_FALSE(make_directory(path)) << path;
    EXPECT_FALSE(remove_directory(path)) << path;
    EXPECT_FALSE(symlink("x", path)) << path;
    EXPECT_FALSE(link("own", path)) << path;
    EXPECT_FALSE(rename("owndir", path)) << path;
    if (slash.empty()) continue;
    EXPECT_FALSE(stat(path)) << path;
    EXPECT_FALSE(set_times(path)) << path;
    EXPECT_FALSE(readlink(path)) << path;
    EXPECT_FALSE(unlink(path)) << path;
    EXPECT_FALSE(rename(path, "moved")) << path;
    EXPECT_FALSE(link(path, "stolen")) << path;
  }
  EXPECT_EQ(scratch.read(scratch.outside() / "secret"), "secret");
  EXPECT_TRUE(fs::is_empty(scratch.outside() / "dir"));
  EXPECT_EQ(fs::last_write_time(scratch.outside() / "dir"), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.outside()), {}), 2);
  EXPECT_FALSE(fs::exists(in("stolen")));
}

TEST_F(PathOps, ASubdirectoryIsARootOfItsOwn) {
  EXPECT_OK(make_directory("d"));
  Scratch::write(in("f"), "text");
  uint32_t dir = *open("d");
  EXPECT_REFUSED(open("../f", 0, uint64_t(Rights::FdRead), 0, dir), Notcapable);
  EXPECT_OK(symlink("../f", "d/up"));
  EXPECT_OK(open("d/up", 0, uint64_t(Rights::FdRead), kLookupSymlinkFollow));
  EXPECT_REFUSED(open("up", 0, uint64_t(Rights::FdRead), kLookupSymlinkFollow, dir), Notcapable);
}

TEST_F(PathOps, ReadOnlyDirectory) {
  Scratch::write(in("f"), "text");
  fs::create_directory(in("d"));
  grant(true);
  auto file = open("f");
  ASSERT_TRUE(file);
  EXPECT_EQ(*read(*file, 10), "text");
  EXPECT_REFUSED(fd_filestat_set_times(*context, *file, 1, 1, kFstflagsMtim), Rofs);
  EXPECT_OK(open("f", kOflagsCreat));
  EXPECT_REFUSED(open("f", kOflagsCreat | kOflagsExcl), Exist);
  EXPECT_REFUSED(open("new", kOflagsCreat), Rofs);
  EXPECT_REFUSED(open("f", kOflagsTrunc), Rofs);
  EXPECT_REFUSED(open("f", 0, uint64_t(Rights::FdWrite)), Rofs);
  uint32_t dir = *open("d");
  EXPECT_REFUSED(open("new", kOflagsCreat, 0, 0, dir), Rofs);  // and below
  EXPECT_REFUSED(make_directory("x"), Rofs);
  EXPECT_REFUSED(remove_directory("d"), Rofs);
  EXPECT_REFUSED(unlink("f"), Rofs);
  EXPECT_REFUSED(rename("f", "g"), Rofs);
  EXPECT_REFUSED(link("f", "g"), Rofs);
  EXPECT_REFUSED(symlink("f", "g"), Rofs);
  EXPECT_REFUSED(set_times("f"), Rofs);
  EXPECT_OK(stat("f"));
  EXPECT_EQ(scratch.read(in("f")), "text");
}

}  // namespace
}  // namespace wasmc::wasi
