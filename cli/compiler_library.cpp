#include "compiler_library.h"

#include <dlfcn.h>

#include <string>

#include "abi/artifact.h"
#include "installation.h"
#include "runtime/runtime.h"

namespace wasmc::cli {
namespace {

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

}  // namespace

Result<const compiler::Api *> load_compiler() {
  const std::string path = compiler_path();
  if (!path.empty()) return open_library(path);
  return fail("this wasmc was built without the compiler (there is no ../lib/wasmc/libwasmc_compiler.so beside it): it runs compiled artifacts only");
}

}  // namespace wasmc::cli
