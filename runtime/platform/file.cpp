#include "platform/file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace wasmc::platform {

File::~File() {
  if (fd_ >= 0) close(fd_);
}

Result<File> File::open(const std::string &path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(Error(std::strerror(errno)).in_file(path));
  return File(fd);
}

Result<File> File::in_memory() {
  const int fd = memfd_create("wasmc", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return fail(std::string("cannot make a file in memory: ") + std::strerror(errno));
  return File(fd);
}

Result<> File::seal() {
  if (fcntl(fd_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0) return {};
  return fail(std::string("cannot seal a file in memory: ") + std::strerror(errno));
}

}  // namespace wasmc::platform
