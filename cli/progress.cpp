// Progress of a compilation, for people.
#include "progress.h"

#include <unistd.h>

#include <cstdio>

#include "report.h"

namespace wasmc::cli {
namespace {

// What is done before anybody wonders shows nothing, and a terminal does not flicker.
constexpr std::chrono::milliseconds kFirst{300}, kInterval{100};

}  // namespace

Progress::Progress(std::string name, bool wanted)
    : name_(std::move(name)), is_wanted_(wanted && isatty(STDERR_FILENO)), next_(begin_ + kFirst) {}

void Progress::attach(compiler::Options &options) {
  if (is_wanted_) options.on_progress = [this](const compiler::Progress &progress) { show(progress); };
}

void Progress::show(const compiler::Progress &progress) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kInterval;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
  print(STDERR_FILENO, "\r\033[Kcompiling " + printable(name_) + ": " + std::to_string(progress.functions_done) + " of " +
                           std::to_string(progress.functions_total) + " functions, " + std::to_string(seconds) + " s");
  is_shown_ = true;
}

void Progress::clear() {
  if (is_shown_) print(STDERR_FILENO, "\r\033[K");
  is_shown_ = false;
}

void print_times(const std::vector<compiler::PhaseTime> &times) {
  std::string text = "phase                     seconds   of all threads\n";
  for (const compiler::PhaseTime &time : times) {
    char line[96];
    std::snprintf(line, sizeof line, "%-24s %8.3f %16.3f\n", time.phase.c_str(), time.wall, time.cpu);
    text += line;
  }
  print(STDERR_FILENO, text);
}

}  // namespace wasmc::cli
