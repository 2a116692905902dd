// How far compiling has come, on a terminal only: `compiling app.wasm: 1234 of 133398 functions, 12 s`.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "compiler/compiler.h"

namespace wasmc::cli {

class Progress {
 public:
  /// Shows nothing unless standard error is a terminal and `wanted`.
  Progress(std::string name, bool wanted);
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void attach(compiler::Options &options);
  /// Takes the line away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void show(const compiler::Progress &progress);

  std::string name_;
  bool is_wanted_, is_shown_ = false;
  Clock::time_point begin_ = Clock::now(), next_;
};

/// The table of `--time`, to standard error.
void print_times(const std::vector<compiler::PhaseTime> &times);

}  // namespace wasmc::cli
