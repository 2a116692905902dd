#include "guest_config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "program.h"
#include "report.h"

namespace wasmc::cli {
namespace {

using Variable = std::pair<std::string, std::string>;

/// `HOST[::GUEST][:ro]`
Result<wasi::Preopen> parse_dir(const std::string &argument) {
  std::string text = argument;
  wasi::Preopen out;
  out.read_only = text.ends_with(":ro") && !text.ends_with("::ro");
  if (out.read_only) text.resize(text.size() - 3);
  const size_t split = text.find("::");
  out.host = text.substr(0, split);
  out.guest = split == text.npos ? text : text.substr(split + 2);
  if (out.host.empty() || out.guest.empty() || out.guest.find("::") != out.guest.npos) return fail("--dir: not HOST[::GUEST][:ro]: \"" + argument + "\"");
  return out;
}

void set(std::vector<Variable> &env, Variable variable) {
  const auto known = std::ranges::find(env, variable.first, &Variable::first);
  if (known == env.end()) env.push_back(std::move(variable));
  else known->second = std::move(variable.second);
}

std::vector<Variable> environment(const GuestOptions &options) {
  std::vector<Variable> env;
  if (options.inherit_env) {
    for (char **entry = environ; *entry; ++entry) {
      const std::string text = *entry;
      const size_t split = text.find('=');
      if (split != 0 && split != text.npos) env.emplace_back(text.substr(0, split), text.substr(split + 1));
    }
  }
  for (const std::string &variable : options.env) {
    const size_t split = variable.find('=');
    const char *here = split == variable.npos ? std::getenv(variable.c_str()) : nullptr;
    if (split != variable.npos) set(env, {variable.substr(0, split), variable.substr(split + 1)});
    else if (here) set(env, {variable, here});
  }
  return env;
}

Result<wasi::FileId> id_of(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return std::unexpected(system_error("cannot look at it", errno));
  return wasi::FileId{info.st_dev, info.st_ino};
}

Result<Fd> open_input(const std::string &path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(system_error("cannot open for --stdin", errno).in_file(path));
  return file;
}

Result<Fd> open_output(const std::string &path, const std::vector<wasi::FileId> &immutable) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!file) return std::unexpected(system_error("cannot open for the guest's output", errno).in_file(path));
  const wasi::FileId id = TRY(id_of(file.get()));
  if (std::ranges::find(immutable, id) != immutable.end())
    return std::unexpected(Error("the guest's output would overwrite what it runs from").in_file(path));
  return file;
}

/// One file for both streams has one position, whatever names it is given by.
Result<Fd> open_error(const GuestOptions &options, const Fd &output, const std::vector<wasi::FileId> &immutable) {
  Fd file = TRY(open_output(options.stderr_file, immutable));
  if (!output || TRY(id_of(file.get())) != TRY(id_of(output.get()))) return file;
  Fd shared(fcntl(output.get(), F_DUPFD_CLOEXEC, 0));
  if (!shared) return std::unexpected(system_error("cannot open for the guest's output", errno).in_file(options.stderr_file));
  return shared;
}

}  // namespace

Result<GuestFiles> GuestFiles::open(const GuestOptions &options, const std::vector<Part> &parts) {
  GuestFiles files;
  for (const Part &part : parts) {
    files.immutable.push_back(TRY(id_of(part.file.fd.get())));
    files.immutable.push_back(TRY(id_of(part.module.file())));  // where the code is mapped from may be another: the cache
  }
  if (!options.stdin_file.empty()) files.input = TRY(open_input(options.stdin_file));
  if (!options.stdout_file.empty()) files.output = TRY(open_output(options.stdout_file, files.immutable));
  if (!options.stderr_file.empty()) files.error = TRY(open_error(options, files.output, files.immutable));
  return files;
}

Result<> GuestFiles::empty_outputs() const {
  for (const Fd *file : {&output, &error}) {
    struct stat info;
    if (!*file || fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (ftruncate(file->get(), 0) != 0) return std::unexpected(system_error("cannot empty the file for the guest's output", errno));
  }
  return {};
}

Result<wasi::Config> guest_config(const GuestOptions &options, const std::string &file, const GuestFiles &files) {
  wasi::Config config;
  config.args = {options.argv0.empty() ? file : options.argv0};
  config.args.insert(config.args.end(), options.arguments.begin(), options.arguments.end());
  config.env = environment(options);
  for (const std::string &dir : options.dirs) config.dirs.push_back(TRY(parse_dir(dir)));
  config.tcp_listen = options.tcp_listen;
  config.immutable_files = files.immutable;
  if (files.input) config.stdin_fd = files.input.get();
  if (files.output) config.stdout_fd = files.output.get();
  if (files.error) config.stderr_fd = files.error.get();
  return config;
}

}  // namespace wasmc::cli
