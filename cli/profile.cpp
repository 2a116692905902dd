#include "profile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "profile/file.h"
#include "report.h"
#include "wasm/module.h"

namespace wasmc::cli {

Result<std::vector<uint8_t>> read_profile(const std::string &path) {
  const auto failed = [&](Error error) { return std::unexpected(std::move(error).in_file(path)); };
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!fd || fstat(fd.get(), &status) != 0) return failed(system_error("cannot open", errno));
  if (!S_ISREG(status.st_mode)) return failed(Error("is no regular file, and so no profile"));
  if (status.st_size == 0) return failed(Error("the file is empty"));
  auto bytes = read_all(fd.get());
  if (!bytes) return failed(bytes.error());
  return bytes;
}

Result<ProfileRecorder> ProfileRecorder::create(const std::string &path, const InputFile &module) {
  return ProfileRecorder(path, TRY(OutputFile::create(path, module)));
}

Result<uint64_t *> ProfileRecorder::counters_for(std::span<const uint8_t> wasm) {
  layout_ = TRY(profile::lay_out(TRY(wasm::decode_module(wasm))));
  counters_.resize(layout_.count());
  return counters_.data();
}

Result<> ProfileRecorder::finish() {
  std::vector<uint64_t> counted;
  counted.reserve(counters_.size());
  for (const uint64_t &counter : counters_) counted.push_back(__atomic_load_n(&counter, __ATOMIC_RELAXED));
  const std::vector<uint8_t> bytes = profile::encode(layout_, counted);
  if (!print(file_.fd(), {reinterpret_cast<const char *>(bytes.data()), bytes.size()}))
    return std::unexpected(system_error("cannot write", errno).in_file(path_));
  return file_.commit();
}

}  // namespace wasmc::cli
