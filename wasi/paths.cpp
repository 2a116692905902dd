#include "wasi/paths.h"

#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace wasmc::wasi {
namespace {

constexpr int kMaxSymlinks = 40;       // as Linux
constexpr int kMaxRaceRetries = 100;   // when something is renamed meanwhile
constexpr int kLookOnly = O_PATH | O_CLOEXEC;

/// O_PATH opens nothing, so the kernel takes no O_NOCTTY with it.
int host_flags(int flags) { return flags | O_CLOEXEC | ((flags & O_PATH) ? 0 : O_NOCTTY); }

Or<UniqueFd> opened(int fd) {
  if (fd < 0) return refuse_host();
  return UniqueFd(fd);
}

mode_t type_of(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 ? info.st_mode & S_IFMT : 0;
}

bool is_symlink(int fd) { return type_of(fd) == S_IFLNK; }
bool is_directory(int fd) { return type_of(fd) == S_IFDIR; }

/// One resolution, component by component. The directories entered so far are kept open, because going back by opening ".."
/// could lead outside after a rename.
class Walk {
 public:
  Walk(int root, const char *path, int flags, mode_t mode) : root_(root), flags_(flags), mode_(mode), rest_(path) {}

  Or<UniqueFd> run() {
    if (rest_.empty()) return refuse(Errno::Noent);
    if (rest_[0] == '/') return refuse(Errno::Notcapable);
    while (true) {
      rest_.erase(0, rest_.find_first_not_of('/'));
      if (rest_.empty()) return opened(retry([&] { return openat(here(), ".", host_flags(flags_), mode_); }));
      auto end = rest_.find('/');
      std::string name = rest_.substr(0, end);
      bool last = end == std::string::npos;
      rest_.erase(0, name.size());
      if (name == ".") continue;
      if (name == "..") {
        if (entered_.empty()) return refuse(Errno::Notcapable);
        entered_.pop_back();
      } else if (!last) {
        if ((flags_ & O_CREAT) && rest_.find_first_not_of('/') == rest_.npos) return refuse(Errno::Isdir);  // as Linux
        TRY(enter(name));
      } else if (UniqueFd found = TRY(flags_ & O_PATH ? look_at_last(name) : open_last(name))) {
        return found;
      }
    }
  }

 private:
  int here() const { return entered_.empty() ? root_ : entered_.back().get(); }

  /// Goes into a directory, or prepends a link's target to what is left of the path.
  Or<> enter(const std::string &name) {
    UniqueFd fd = TRY(opened(retry([&] { return openat(here(), name.c_str(), kLookOnly | O_NOFOLLOW); })));
    if (is_symlink(fd.get())) return follow(TRY(target(fd.get())));
    if (!is_directory(fd.get())) return refuse(Errno::Notdir);
    entered_.push_back(std::move(fd));
    return {};
  }

  // Of the last component: a descriptor, or none if it was a link whose target is now the rest of the path.

  Or<UniqueFd> look_at_last(const std::string &name) {
    UniqueFd fd = TRY(opened(retry([&] { return openat(here(), name.c_str(), kLookOnly | O_NOFOLLOW); })));
    if (is_symlink(fd.get()) && !(flags_ & O_NOFOLLOW)) return follow_last(fd);
    if ((flags_ & O_DIRECTORY) && !is_directory(fd.get())) return refuse(Errno::Notdir);
    return fd;
  }

  Or<UniqueFd> open_last(const std::string &name) {
    for (int attempt = 1;; ++attempt) {
      UniqueFd fd(retry([&] { return openat(here(), name.c_str(), host_flags(flags_) | O_NOFOLLOW, mode_); }));
      if (fd) return fd;
      const int error = errno;
      if ((flags_ & O_NOFOLLOW) || (error != ELOOP && error != ENOTDIR)) return refuse(from_host(error));
      // Perhaps a link. What it is, and where it leads, is asked of one open descriptor: the name may be another's meanwhile.
      UniqueFd look(retry([&] { return openat(here(), name.c_str(), kLookOnly | O_NOFOLLOW); }));
      if (look && is_symlink(look.get())) return follow_last(look);
      const bool explained = look && error == ENOTDIR && !is_directory(look.get());
      if (explained || attempt == kMaxRaceRetries) return refuse(from_host(error));
    }
  }

  Or<UniqueFd> follow_last(const UniqueFd &link) {
    TRY(follow(TRY(target(link.get()))));
    return UniqueFd();
  }

  /// Of an open link.
  static Or<std::string> target(int link) {
    char text[PATH_MAX];
    ssize_t length = readlinkat(link, "", text, sizeof text);
    if (length < 0) return refuse_host();
    if (length == sizeof text) return refuse(Errno::Nametoolong);
    return std::string(text, length);
  }

  Or<> follow(std::string target) {
    if (++links_ > kMaxSymlinks) return refuse(Errno::Loop);
    if (target.empty()) return refuse(Errno::Noent);
    if (target[0] == '/') return refuse(Errno::Notcapable);
    rest_.insert(0, target);  // what is left begins with its slash, or is empty
    return {};
  }

  int root_;
  int flags_;
  mode_t mode_;
  std::string rest_;
  std::vector<UniqueFd> entered_;
  int links_ = 0;
};

class ComponentResolver final : public PathResolver {
 public:
  Or<UniqueFd> open(int root, const char *path, int flags, mode_t mode) const override {
    return Walk(root, path, flags, mode).run();
  }
};

int openat2_beneath(int root, const char *path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(host_flags(flags));
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof how));
}

class KernelResolver final : public PathResolver {
 public:
  Or<UniqueFd> open(int root, const char *path, int flags, mode_t mode) const override {
    for (int attempt = 0; attempt < kMaxRaceRetries; ++attempt) {
      int fd = retry([&] { return openat2_beneath(root, path, flags, mode); });
      if (fd >= 0) return UniqueFd(fd);
      if (errno == EXDEV) return refuse(Errno::Notcapable);
      // EAGAIN: something was renamed while ".." was resolved, so the kernel could not tell whether it left. (A FIFO without
      // a reader gives ENXIO, a lease EWOULDBLOCK: then the other resolver's answer is the same.)
      if (errno != EAGAIN) return refuse_host();
    }
    return fallback_.open(root, path, flags, mode);
  }

 private:
  ComponentResolver fallback_;
};

}  // namespace

Or<> GuestPath::assign(std::string_view text) {
  if (text.empty()) return refuse(Errno::Noent);
  if (text.size() >= sizeof text_) return refuse(Errno::Nametoolong);
  // Copied first: another thread of the guest may write to it while it is looked at.
  std::memcpy(text_, text.data(), text.size());
  text_[text.size()] = '\0';
  length_ = static_cast<uint32_t>(text.size());
  if (std::memchr(text_, '\0', length_)) return refuse(Errno::Inval);
  if (text_[0] == '/') return refuse(Errno::Notcapable);
  return {};
}

Or<> GuestPath::read(GuestMemory memory, uint32_t address, uint32_t length) {
  auto text = TRY(memory.bytes(address, length));
  return assign({reinterpret_cast<const char *>(text.data()), text.size()});
}

std::unique_ptr<PathResolver> make_kernel_resolver() {
  // Asked once, on "/" because it is always there: a call that is not there, or filtered (EPERM, ENOSYS), fails for every path,
  // whereas later EPERM is about a file.
  UniqueFd root(::open("/", kLookOnly | O_DIRECTORY));
  UniqueFd probe(openat2_beneath(root.get(), ".", kLookOnly | O_DIRECTORY, 0));
  return probe ? std::make_unique<KernelResolver>() : nullptr;
}

std::unique_ptr<PathResolver> make_component_resolver() { return std::make_unique<ComponentResolver>(); }

std::unique_ptr<PathResolver> make_resolver() {
  auto kernel = make_kernel_resolver();
  return kernel ? std::move(kernel) : make_component_resolver();
}

Or<Place> locate(const PathResolver &resolver, int root, GuestPath &path) {
  std::string_view text = path.view();
  size_t end = text.find_last_not_of('/') + 1;  // not 0: a path does not begin with a slash
  size_t start = text.find_last_of('/', end - 1);
  start = start == text.npos ? 0 : start + 1;
  std::string_view last = text.substr(start, end - start);
  if (last == "." || last == "..") {
    // Such a name is not an entry of the directory. "." keeps each call's own answer (Busy, Inval, Exist) and cannot climb.
    return Place(TRY(resolver.open(root, path.c_str(), kLookOnly | O_DIRECTORY)), ".");
  }
  if (start == 0) return Place(root, path.c_str());
  path.data()[start - 1] = '\0';
  return Place(TRY(resolver.open(root, path.c_str(), kLookOnly | O_DIRECTORY)), path.c_str() + start);
}

}  // namespace wasmc::wasi
