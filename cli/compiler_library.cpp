// Finds and opens libwasmc_compiler.so, relative to the executable, so that an installed tree can be moved.
#include "compiler_library.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <string>

#include "abi/artifact.h"
#include "runtime/runtime.h"

namespace wasmc::cli {
namespace {

std::string executable_folder() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  const std::string whole(path, size > 0 ? size_t(size) : 0);
  return whole.substr(0, whole.rfind('/') + 1);
}

Result<const compiler::Api *> open_library(const std::string &path) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail(std::string("the compiler cannot be loaded: ") + dlerror());
  const auto get = reinterpret_cast<const compiler::Api *(*)()>(dlsym(library, "wasmc_compiler_api"));
  if (!get) return fail(path + " is not the compiler of wasmc");
  const compiler::Api *api = get();
  if (api->abi_version != abi::kAbiVersion || api->version != version())
    return fail(path + " is of another version than this wasmc: " + (api->abi_version == abi::kAbiVersion ? api->version : "another ABI"));
  return api;
}

/// Empty if there is none.
std::string library_path() {
  const std::string folder = executable_folder();
  for (const char *place : {"../lib/wasmc/", ""}) {
    const std::string path = folder + place + "libwasmc_compiler.so";
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

}  // namespace

Result<const compiler::Api *> load_compiler() {
  const std::string path = library_path();
  if (!path.empty()) return open_library(path);
  return fail("this wasmc was built without the compiler (there is no ../lib/wasmc/libwasmc_compiler.so beside it): it runs compiled artifacts only");
}

std::string compiler_identity() {
  struct stat info;
  if (stat(library_path().c_str(), &info) != 0) return "";
  // Reproducible builds set the time of modification; the time of change tells when this file came here.
  const int64_t numbers[] = {info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
  return {reinterpret_cast<const char *>(numbers), sizeof numbers};
}

}  // namespace wasmc::cli
