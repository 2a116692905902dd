// From a guest's path to a place in the host's file system, without ever leaving the directory that the path starts from.
//
// Operations never use a path of several components on the host. They either open what the path names through a PathResolver
// (`O_PATH` to look at it, or the real flags), or `locate` the directory that holds the last component and act on that one name
// with an `*at` call that does not follow it. Between the two steps nothing can be swapped for a symbolic link.
#pragma once
#include <climits>
#include <cstdint>
#include <memory>
#include <string_view>

#include <sys/types.h>

#include "wasi/guest_memory.h"
#include "wasi/host.h"
#include "wasi/types.h"

namespace wasmc::wasi {

/// A path as a guest gave it, copied out of its memory: relative, not empty, without NUL, shorter than PATH_MAX.
class GuestPath {
 public:
  GuestPath() { text_[0] = '\0'; }
  /// Notcapable for an absolute path, Noent for an empty one, Inval for a NUL in it, Nametoolong, Fault.
  Or<> read(GuestMemory memory, uint32_t address, uint32_t length);
  Or<> assign(std::string_view text);
  const char *c_str() const { return text_; }
  std::string_view view() const { return {text_, length_}; }
  char *data() { return text_; }

 private:
  uint32_t length_ = 0;
  char text_[PATH_MAX];
};

/// Opens files beneath a directory.
class PathResolver {
 public:
  virtual ~PathResolver() = default;
  /// As openat(2) with O_CLOEXEC and O_NOCTTY added (and O_NOFOLLOW, O_PATH, O_DIRECTORY, O_CREAT, … meaning the same), but
  /// Notcapable where `path`, or a symbolic link on its way, is absolute or climbs above `root`. Links that are not text
  /// (/proc/…/fd) are never followed.
  virtual Or<UniqueFd> open(int root, const char *path, int flags, mode_t mode = 0) const = 0;
};

/// The kernel's own resolution, openat2(2) of Linux 5.6; null where the kernel or a system call filter refuses it.
std::unique_ptr<PathResolver> make_kernel_resolver();
/// The same, one component after another with O_NOFOLLOW, for hosts without openat2.
std::unique_ptr<PathResolver> make_component_resolver();
/// The kernel's if there is one.
std::unique_ptr<PathResolver> make_resolver();

/// The directory that holds a path's last component, and that component, to be used with `*at` calls that act on the name itself:
/// create, remove, rename, link. `name` may end in slashes, which those calls judge as POSIX wants without following the
/// name. It is never "..".
class Place {
 public:
  Place(int dir, const char *name) : dir_(dir), name_(name) {}
  Place(UniqueFd dir, const char *name) : owned_(std::move(dir)), dir_(owned_.get()), name_(name) {}
  int dir() const { return dir_; }
  const char *name() const { return name_; }

 private:
  UniqueFd owned_;  // empty if the directory is the one that the path started from
  int dir_;
  const char *name_;
};

/// The path's text is cut in two in place and must outlive the Place.
Or<Place> locate(const PathResolver &resolver, int root, GuestPath &path);

}  // namespace wasmc::wasi
