// What `wasmc run` grants its guest.
#pragma once
#include <string>
#include <vector>

#include "file.h"
#include "wasi/wasi.h"

namespace wasmc::cli {

struct Part;

/// As given on the command line.
struct GuestOptions {
  std::vector<std::string> arguments, dirs, env, tcp_listen;
  bool inherit_env = false;
  std::string argv0, stdin_file, stdout_file, stderr_file;
};

/// Files opened for the guest, and those that it must not change.
struct GuestFiles {
  Fd input, output, error;  ///< none: wasmc's own
  std::vector<wasi::FileId> immutable;

  /// Output files are created; what is in them stays until the guest is sure to run. Errors: a file that cannot be opened, or that the
  /// program runs from.
  static Result<GuestFiles> open(const GuestOptions &options, const std::vector<Part> &parts);
  /// Of what earlier runs wrote.
  Result<> empty_outputs() const;
};

/// Error: an option that is not of its form.
Result<wasi::Config> guest_config(const GuestOptions &options, const std::string &file, const GuestFiles &files);

}  // namespace wasmc::cli
