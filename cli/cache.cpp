#include "cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "byte_count.h"
#include "report.h"

namespace wasmc::cli {
namespace {

constexpr uint64_t kDefaultLimit = uint64_t{2} << 30;
constexpr mode_t kDirectoryMode = 0700, kEntryMode = 0500;
constexpr time_t kTouchInterval = 60;          // seconds: writing the time down at each use would keep disks busy
constexpr time_t kTemporaryLifetime = 60 * 60;  // seconds: whoever has been writing for longer has died
constexpr std::string_view kTemporaryPrefix = ".new-";
constexpr size_t kNameDigits = 64;
constexpr std::string_view kNameSuffix = ".aot";
constexpr char kLabelAttribute[] = "user.wasmc.module";  // not every file system has attributes; then entries have no label

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }
bool is_entry(std::string_view name) {
  return name.size() == kNameDigits + kNameSuffix.size() && is_hex(name.substr(0, kNameDigits)) && name.ends_with(kNameSuffix);
}
bool is_temporary(std::string_view name) { return name.starts_with(kTemporaryPrefix) && is_hex(name.substr(kTemporaryPrefix.size())); }

Error at_path(Error error, const std::string &path) { return std::move(error).in_file(path); }

/// Empty if unset: shells make the two hard to tell apart.
std::string variable(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// Set-user-ID and the like: the environment is then somebody else's.
bool has_other_rights() { return getauxval(AT_SECURE) != 0 || getuid() != geteuid() || getgid() != getegid(); }

Result<> check_directory(int directory) {
  struct stat info;
  if (fstat(directory, &info) != 0) return std::unexpected(system_error("cannot use it as the cache", errno));
  if (info.st_uid != geteuid()) return fail("not used as the cache: it belongs to another user");
  if ((info.st_mode & 077) != 0) return fail("not used as the cache: it is open to other users (chmod 700 closes it)");
  struct statvfs system;
  if (fstatvfs(directory, &system) == 0 && (system.f_flag & ST_NOEXEC) != 0) return fail("not used as the cache: no code can run from that file system (noexec)");
  return {};
}

bool is_trusted(const struct stat &info) {
  return S_ISREG(info.st_mode) && info.st_uid == geteuid() && (info.st_mode & 07777) == kEntryMode;
}

std::string parent_of(const std::string &path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Makes a directory and, up to `levels` in all, those that it is in. Not in one of somebody else's, to whom it would be lost: under sudo, HOME may
/// still be the user's.
Result<> make_directory(const std::string &path, int levels) {
  const std::string parent = parent_of(path);
  struct stat info;
  if (levels > 1 && stat(parent.c_str(), &info) != 0) TRY(make_directory(parent, levels - 1));
  if (stat(parent.c_str(), &info) != 0) return std::unexpected(at_path(system_error("cannot make a directory in it", errno), parent));
  if (info.st_uid != geteuid() && info.st_uid != 0) return std::unexpected(at_path(Error("no cache is made in it: it belongs to another user"), parent));
  if (mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return std::unexpected(at_path(system_error("cannot make the directory", errno), path));
  return {};
}

Result<uint64_t> random_number() {
  uint64_t number;
  if (getrandom(&number, sizeof number, 0) != ssize_t(sizeof number)) return std::unexpected(system_error("cannot make up a name", errno));
  return number;
}

std::string temporary_name(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", (unsigned long long)number);
  return std::string(kTemporaryPrefix) + text;
}

Result<> copy(int from, uint64_t size, int to) {
  for (off_t done = 0; uint64_t(done) < size;) {
    const ssize_t copied = sendfile(to, from, &done, size - uint64_t(done));
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) return std::unexpected(system_error("cannot write to the cache", copied < 0 ? errno : EIO));
  }
  return {};
}

Result<> fill(int file, int content, uint64_t size, const std::string &label) {
  TRY(copy(content, size, file));
  fsetxattr(file, kLabelAttribute, label.data(), label.size(), 0);
  if (fchmod(file, kEntryMode) != 0) return std::unexpected(system_error("cannot write to the cache", errno));
  return {};
}

bool is_later(const timespec &a, const timespec &b) { return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec; }

}  // namespace

Result<std::string> cache_directory() {
  if (has_other_rights()) return fail("there is no cache for a process with another user's rights");
  if (std::string own = variable("WASMC_CACHE_DIR"); !own.empty()) {
    while (own.size() > 1 && own.ends_with('/')) own.pop_back();  // behind a slash, a link would be followed
    return own;
  }
  if (const std::string caches = variable("XDG_CACHE_HOME"); caches.starts_with('/')) return caches + "/wasmc";
  if (const std::string home = variable("HOME"); home.starts_with('/')) return home + "/.cache/wasmc";
  return fail("there is no place for a cache: WASMC_CACHE_DIR and HOME are not set");
}

Result<uint64_t> cache_limit() {
  const std::string text = variable("WASMC_CACHE_SIZE");
  if (text.empty()) return kDefaultLimit;
  const auto limit = parse_byte_count(text);
  if (!limit) return fail("WASMC_CACHE_SIZE: not a number of bytes: " + text);
  return *limit;
}

Result<Cache> Cache::open(std::string path, uint64_t limit) {
  Cache cache(std::move(path), limit);
  if (const auto opened = cache.open_directory(); !opened) return std::unexpected(at_path(opened.error(), cache.path_));
  return cache;
}

Result<> Cache::open_directory() const {
  Fd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory && errno == ENOENT) return {};
  if (!directory) return std::unexpected(system_error("cannot use it as the cache", errno));
  TRY(check_directory(directory.get()));
  directory_ = std::move(directory);
  return {};
}

Fd Cache::find(const std::string &name) const {
  if (!directory_ && (!open_directory() || !directory_)) return Fd();
  Fd file(openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info;
  if (!file || fstat(file.get(), &info) != 0) return Fd();
  if (!is_trusted(info)) {
    remove(name);
    return Fd();
  }
  const time_t age = time(nullptr) - info.st_mtim.tv_sec;
  if (age < 0 || age >= kTouchInterval) futimens(file.get(), nullptr);
  return file;
}

Result<> Cache::store(const std::string &name, int content, const std::string &label, bool wait_for_disk) {
  struct stat info;
  if (fstat(content, &info) != 0) return std::unexpected(system_error("cannot read what is to be kept", errno));
  const uint64_t size = uint64_t(info.st_size);
  if (size > limit_) return fail("larger than the cache");
  if (!directory_) {
    TRY(make_directory(path_, 2));
    TRY(open_directory());
    if (!directory_) return fail("somebody removes the cache");
  }
  const uint64_t number = TRY(random_number());
  if (should_prune(size, number)) (void)prune(limit_ - size);
  const std::string temporary = temporary_name(number);
  const Fd file(openat(directory_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return std::unexpected(system_error("cannot write to the cache", errno));
  Result<> done = fill(file.get(), content, size, label);
  if (done && wait_for_disk && fdatasync(file.get()) != 0) done = std::unexpected(system_error("cannot write to the cache", errno));
  if (done && !give_name(temporary, name)) done = std::unexpected(system_error("cannot write to the cache", errno));
  remove(temporary);  // unless that is its name no longer
  return done;
}

/// Who comes second leaves the entry that is there, which is equal: others may have it locked. False with errno if the name is not there then.
bool Cache::give_name(const std::string &temporary, const std::string &name) const {
  const int directory = directory_.get();
  if (linkat(directory, temporary.c_str(), directory, name.c_str(), 0) == 0) return true;
  if (errno == EEXIST && find(name)) return true;
  return renameat(directory, temporary.c_str(), directory, name.c_str()) == 0;  // over what is no entry, or where there are no links
}

/// Once there are thousands of entries, looking at each takes as long as compiling a small module. Then only one in a few stores does it, and
/// those of what is large: on average, the limit is passed by a sixteenth at most.
bool Cache::should_prune(uint64_t size, uint64_t chance) const {
  static constexpr uint64_t kOneIn = 16, kLargePart = 256, kFew = 500;
  return size > limit_ / kLargePart || chance % kOneIn == 0 || files().size() <= kFew;
}

/// Who has the file mapped keeps it.
bool Cache::remove(const std::string &name) const { return unlinkat(directory_.get(), name.c_str(), 0) == 0; }

std::vector<std::string> Cache::files() const {
  std::vector<std::string> names;
  const int listed = directory_ ? openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;  // closedir closes it
  DIR *list = listed < 0 ? nullptr : fdopendir(listed);
  if (!list) return names;
  while (const dirent *entry = readdir(list)) names.push_back(entry->d_name);
  closedir(list);
  return names;
}

std::vector<CacheEntry> Cache::entries() const {
  std::vector<CacheEntry> out;
  for (const std::string &name : files()) {
    struct stat info;
    if (!is_entry(name) || fstatat(directory_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(info.st_mode)) continue;
    out.push_back({name, uint64_t(info.st_size), info.st_mtim});
  }
  std::ranges::sort(out, [](const CacheEntry &a, const CacheEntry &b) { return is_later(a.used, b.used); });
  return out;
}

std::string Cache::label(const CacheEntry &entry) const {
  const Fd file(openat(directory_.get(), entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  char label[4096];
  const ssize_t size = file ? fgetxattr(file.get(), kLabelAttribute, label, sizeof label) : 0;
  return std::string(label, size > 0 ? size_t(size) : 0);
}

/// Files that processes were writing when they died.
void Cache::remove_temporaries(time_t youngest) const {
  for (const std::string &name : files()) {
    struct stat info;
    if (is_temporary(name) && fstatat(directory_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_mtim.tv_sec <= youngest) remove(name);
  }
}

Result<Removed> Cache::prune(uint64_t limit) const {
  remove_temporaries(time(nullptr) - kTemporaryLifetime);
  const std::vector<CacheEntry> all = entries();
  uint64_t total = 0;
  for (const CacheEntry &entry : all) total += entry.size;
  Removed removed;
  for (auto oldest = all.rbegin(); total > limit; ++oldest) {
    TRY(remove_entry(*oldest, removed));
    total -= oldest->size;
  }
  return removed;
}

Result<Removed> Cache::clear() const {
  remove_temporaries(std::numeric_limits<time_t>::max());
  Removed removed;
  for (const CacheEntry &entry : entries()) TRY(remove_entry(entry, removed));
  return removed;
}

Result<> Cache::remove_entry(const CacheEntry &entry, Removed &removed) const {
  const bool done = remove(entry.name);
  if (!done && errno != ENOENT) return std::unexpected(at_path(system_error("cannot remove", errno), path_ + '/' + entry.name));
  removed.count += done;
  removed.bytes += done ? entry.size : 0;
  return {};
}

}  // namespace wasmc::cli
