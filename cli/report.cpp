// Lines for people.
#include "report.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace wasmc::cli {

bool print(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(size_t(written));
  }
  return true;
}

int print_out(std::string_view text) {
  if (print(STDOUT_FILENO, text)) return 0;
  return report(system_error("cannot write to standard output", errno));
}

int report(std::string_view message) {
  print(STDERR_FILENO, "wasmc: " + printable(message) + '\n');
  return kExitError;
}

int report(const Error &error) {
  report(error.describe());
  print(STDERR_FILENO, printable_lines(error.excerpt));
  return kExitError;
}

void warn(std::string_view message) { print(STDERR_FILENO, "wasmc: warning: " + printable(message) + '\n'); }

Error system_error(std::string_view what, int code) { return Error(std::string(what) + ": " + std::strerror(code)); }

std::string printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) out += c;
    else out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string json_string(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += {'\\', c};
    else if (byte < 0x20 || byte == 0x7f) out += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    else out += c;
  }
  return out + '"';
}

}  // namespace wasmc::cli
