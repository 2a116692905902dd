// Validates all bodies of a module on several threads, each with a sink of its own.
#pragma once
#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "wasm/validator.h"

namespace wasmc::wasm {

/// A sink that looks at nothing; sinks that look at little derive from it and hide the handlers that they want.
struct IgnoreAll {
  void begin(const FuncType &, std::span<const ValType>) {}
  void at(uint64_t) {}
  void finish() {}
#define WASM_FAMILY(family, Imm) \
  void family(const OpInfo &, const Imm &) {}
#include "wasm/opcodes.def"
};

/// The functions of a module, handed out to threads in runs; remembers the error of the first bad function, which is the one
/// with the first offset because bodies come in order.
class ValidationWork {
 public:
  explicit ValidationWork(const Module &module) : module_(module) {}

  /// What each thread does.
  template <class Sink> void run(Sink &sink) {
    FunctionValidator<Sink> validator(module_, sink);
    for (size_t first; (first = next_.fetch_add(kRun)) < bound();)
      for (size_t body = first; body < std::min(first + kRun, bound()); ++body)
        if (auto result = validator.validate(FuncIndex(module_.imported_functions + body)); !result)
          failed(body, std::move(result).error());
  }

  Result<> result() && {
    if (error_) return std::unexpected(std::move(*error_));
    return {};
  }

 private:
  static constexpr size_t kRun = 32;

  /// Where there is still something to find.
  size_t bound() const { return std::min(module_.bodies.size(), first_bad_.load(std::memory_order_relaxed)); }

  void failed(size_t body, Error error) {
    const std::scoped_lock lock(mutex_);
    if (body >= first_bad_) return;
    first_bad_ = body;
    error_ = std::move(error);
  }

  const Module &module_;
  std::atomic<size_t> next_ = 0, first_bad_ = ~size_t{0};
  std::mutex mutex_;
  std::optional<Error> error_;
};

/// How many threads are worth having: `jobs` (0: one per core), but no more than the module keeps busy.
inline size_t useful_jobs(const Module &module, unsigned jobs) {
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  return std::min<size_t>(jobs, 1 + module.bodies.size() / 64);
}

/// Validates every body; each sink belongs to one thread and sees some of the functions. Errors: the invalid function with the
/// lowest offset.
template <class Sink> Result<> validate_functions(const Module &module, std::span<Sink> sinks) {
  ValidationWork work(module);
  std::vector<std::jthread> helpers;
  for (size_t i = 1; i < sinks.size(); ++i) helpers.emplace_back([&work, sink = &sinks[i]] { work.run(*sink); });
  work.run(sinks[0]);
  helpers.clear();
  return std::move(work).result();
}

}  // namespace wasmc::wasm
