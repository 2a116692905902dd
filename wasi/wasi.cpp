// From what an embedder grants to the state of a guest.
#include "wasi/wasi.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>

#include "wasi/context.h"
#include "wasi/listen.h"

namespace wasmc::wasi {
namespace {

constexpr size_t kMaxStrings = size_t{1} << 30;  // bytes of arguments, and of environment: their addresses have 32 bits

Result<> add(StringBlock &block, std::string_view text, const char *what) {
  if (text.find('\0') != text.npos) return fail(std::string(what) + " with a zero byte");
  if (text.size() >= kMaxStrings - block.size()) return fail(std::string(what) + "s are too long together");
  block.add(text);
  return {};
}

Result<> add_strings(Context &context, const Config &config) {
  for (const std::string &argument : config.args) TRY(add(context.args, argument, "argument"));
  for (const auto &[name, value] : config.env) {
    if (name.empty() || name.find('=') != name.npos) return fail("not a name of an environment variable: \"" + name + "\"");
    TRY(add(context.env, name + '=' + value, "environment variable"));
  }
  return {};
}

/// `app 1<>app.aot`: the guest would write to its own code.
bool can_change(int host, const std::vector<FileId> &immutable_files) {
  struct stat info;
  const bool writes = (fcntl(host, F_GETFL) & O_ACCMODE) != O_RDONLY;
  return writes && fstat(host, &info) == 0 && std::ranges::find(immutable_files, FileId{info.st_dev, info.st_ino}) != immutable_files.end();
}

Result<> add_streams(DescriptorTable &table, const Config &config) {
  uint32_t fd = 0;
  for (int host : {config.stdin_fd, config.stdout_fd, config.stderr_fd}) {
    if (can_change(host, config.immutable_files)) return fail("standard stream " + std::to_string(fd) + " would let the guest write to what it runs from");
    if (auto stream = standard_stream(host)) table.place(fd, std::move(*stream));
    ++fd;
  }
  return {};
}

Result<> add_preopens(DescriptorTable &table, const Config &config) {
  for (const Preopen &dir : config.dirs) {
    if (dir.guest.empty() || dir.guest.find('\0') != dir.guest.npos)
      return fail("not a name for a directory: \"" + dir.guest + "\"");
    UniqueFd host(open(dir.host.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!host) return std::unexpected(Error(std::string("cannot open directory: ") + std::strerror(errno)).in_file(dir.host));
    if (is_on_procfs(host.get()))
      return std::unexpected(Error("no directory to grant: this process's memory and environment are among the files of procfs").in_file(dir.host));
    table.place_next(preopened_directory(std::move(host), dir.guest, dir.read_only));
  }
  return {};
}

/// After the directories: wasi-libc looks for those from 3 on, until a number is none.
Result<> add_sockets(DescriptorTable &table, const Config &config) {
  for (const std::string &address : config.tcp_listen) table.place_next(listening_socket(TRY(listen_on(address))));
  return {};
}

}  // namespace

Result<ContextPtr> create(const Config &config) {
  ContextPtr context(new Context(config.max_descriptors));
  context->immutable_files = config.immutable_files;
  TRY(add_strings(*context, config));
  TRY(add_streams(context->descriptors, config));
  TRY(add_preopens(context->descriptors, config));
  TRY(add_sockets(context->descriptors, config));
  return context;
}

void ContextDeleter::operator()(Context *context) const { delete context; }

}  // namespace wasmc::wasi
