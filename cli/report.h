// What wasmc says: always whole lines, straight to the descriptor (no stream to construct, nothing to flush at exit).
#pragma once
#include <string>
#include <string_view>

#include "abi/result.h"

namespace wasmc::cli {

/// Exit codes of wasmc. A guest's own exit code is passed on as it is.
inline constexpr int kExitError = 1;   ///< an error of wasmc or of its input
inline constexpr int kExitTrap = 134;  ///< the guest trapped; as a shell tells of SIGABRT

/// Writes all of the text; false if that fails.
bool print(int fd, std::string_view text);
/// To standard output; a failure (a full disk, /dev/full) is reported and makes the exit code kExitError.
int print_out(std::string_view text);

/// `wasmc: app.wasm: offset 0x1f: …` on standard error, exactly one line whatever the message holds, and the excerpt of a text
/// below it. Returns kExitError.
int report(const Error &error);
int report(std::string_view message);
/// `wasmc: warning: …`
void warn(std::string_view message);

/// The message of errno, after `what`: `cannot read: Is a directory`.
Error system_error(std::string_view what, int code);

/// With control characters escaped, so that text from a file cannot break a line or drive a terminal.
std::string printable(std::string_view text);
/// The same for each of several lines, each with its end.
std::string printable_lines(std::string_view text);
/// As a string of JSON, quotes included.
std::string json_string(std::string_view text);

}  // namespace wasmc::cli
