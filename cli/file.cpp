// Opening and reading input files.
#include "file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "report.h"

namespace wasmc::cli {
namespace {

/// Reads to the end of something without a size, such as a pipe, into memory.
Result<Fd> copy_stream(int from) {
  Fd to = TRY(memory_file("wasmc-input"));
  char buffer[65536];
  for (ssize_t size; (size = ::read(from, buffer, sizeof buffer)) != 0;) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::unexpected(system_error("cannot read", errno));
    if (!print(to.get(), {buffer, size_t(size)})) return std::unexpected(system_error("cannot read", errno));
  }
  // Code may be mapped from it, which nobody is to change.
  if (fcntl(to.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return std::unexpected(system_error("cannot seal", errno));
  return to;
}

/// The first character that is no white space, and the one after it; fewer at the end of the file.
Result<std::string> first_characters(int fd) {
  char buffer[4096];
  for (off_t at = 0;;) {
    const ssize_t size = pread(fd, buffer, sizeof buffer, at);
    if (size < 0) return std::unexpected(system_error("cannot read", errno));
    const std::string_view part(buffer, size_t(size));
    const size_t first = part.find_first_not_of(" \t\r\n");
    if (size == 0) return std::string();
    if (first != part.npos && (first + 1 < part.size() || first == 0)) return std::string(part.substr(first, 2));
    at += off_t(first == part.npos ? part.size() : first);  // a character at the end is looked at again with what follows
  }
}

Result<Format> detect(int fd) {
  char head[4] = {};
  const ssize_t size = pread(fd, head, sizeof head, 0);
  if (size < 0) return std::unexpected(system_error("cannot read", errno));
  const std::string_view bytes(head, size_t(size));
  if (bytes == "\x7f" "ELF") return Format::Artifact;
  if (std::string_view("\0asm", 4).starts_with(bytes)) return Format::Wasm;
  const std::string first = TRY(first_characters(fd));
  if (first.starts_with('(') || first == ";;") return Format::Text;
  return fail("neither a WebAssembly module nor a compiled artifact: magic header not detected", 0);
}

Result<InputFile> open_file(const std::string &path) {
  InputFile file{path, Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), 0, Format::Wasm};
  struct stat status;
  if (!file.fd || fstat(file.fd.get(), &status) != 0) return std::unexpected(system_error("cannot open", errno));
  if (S_ISDIR(status.st_mode)) return fail("is a directory");
  if (!S_ISREG(status.st_mode)) {
    file.fd = TRY(copy_stream(file.fd.get()));
    fstat(file.fd.get(), &status);
  }
  if (status.st_size == 0) return fail("the file is empty");
  file.size = uint64_t(status.st_size);
  file.format = TRY(detect(file.fd.get()));
  return file;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Result<Fd> memory_file(const char *name) {
  Fd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return std::unexpected(system_error("cannot create a file in memory", errno));
  return fd;
}

Result<std::vector<uint8_t>> read_all(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return std::unexpected(system_error("cannot read", errno));
  std::vector<uint8_t> bytes(size_t(status.st_size));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t size = pread(fd, bytes.data() + done, bytes.size() - done, off_t(done));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::unexpected(system_error("cannot read", errno));
    if (size == 0) bytes.resize(done);  // it was cut in the meantime
    done += size_t(size);
  }
  return bytes;
}

Result<MappedFile> MappedFile::map(int fd, uint64_t size) {
  void *start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (start == MAP_FAILED) return std::unexpected(system_error("cannot read", errno));
  return MappedFile({static_cast<const uint8_t *>(start), size});
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<uint8_t *>(bytes_.data()), bytes_.size());
}

void cut_files_end_the_process() {
  std::signal(SIGBUS, [](int) {
    print(STDERR_FILENO, "wasmc: a file was cut while it was read\n");
    _exit(kExitError);
  });
}

Result<InputFile> InputFile::open(const std::string &path) {
  auto file = open_file(path);
  if (!file) return std::unexpected(std::move(file.error()).in_file(path));
  return file;
}

Result<std::vector<uint8_t>> InputFile::read() const {
  auto bytes = read_all(fd.get());
  if (!bytes) return std::unexpected(std::move(bytes.error()).in_file(path));
  return bytes;
}

}  // namespace wasmc::cli
