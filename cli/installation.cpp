#include "installation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdint>

namespace wasmc::cli {
namespace {

/// Empty if the system does not tell (there is no /proc): what is looked for must not be found in the current directory.
std::string executable_folder() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == ssize_t(sizeof path) || path[0] != '/') return "";
  const std::string whole(path, size_t(size));
  return whole.substr(0, whole.rfind('/') + 1);
}

}  // namespace

std::string whole_program_path() {
  const std::string folder = executable_folder();
  return folder.empty() ? "" : folder + "../lib/wasmc/wasmc";
}

std::string compiler_path() {
  const std::string folder = executable_folder();
  for (const char *place : {"../lib/wasmc/", ""}) {
    const std::string path = folder + place + "libwasmc_compiler.so";
    if (!folder.empty() && access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

std::string compiler_identity() {
  struct stat info;
  if (stat(compiler_path().c_str(), &info) != 0) return "";
  // Reproducible builds set the time of modification; the time of change tells when this file came here.
  const int64_t numbers[] = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
  return {reinterpret_cast<const char *>(numbers), sizeof numbers};
}

}  // namespace wasmc::cli
