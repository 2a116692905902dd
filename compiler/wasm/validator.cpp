#include "wasm/validator.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace wasmc::wasm {

namespace {

constexpr uint64_t kMaxLocals = 50'000;

/// Takes instructions and does nothing.
struct NullSink {
  void begin(const FuncType &, std::span<const ValType>) {}
  void at(uint64_t) {}
  void finish() {}
#define WASM_FAMILY(family, Imm) \
  void family(const OpInfo &, const Imm &) {}
#include "wasm/opcodes.def"
};

/// The functions of a module, handed out to threads in runs; remembers the error of the first bad function, which is the one
/// with the first offset because bodies come in order.
class Work {
 public:
  explicit Work(const Module &module) : module_(module) {}

  /// What each thread does.
  void run() {
    NullSink sink;
    FunctionValidator<NullSink> validator(module_, sink);
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

}  // namespace

Result<> read_locals(Reader &reader, const FuncType &type, std::vector<ValType> &locals) {
  locals = type.params;
  const uint64_t at = reader.offset();
  const uint32_t groups = TRY(reader.count());
  for (uint32_t i = 0; i < groups; ++i) {
    const uint32_t count = TRY(reader.u32());
    if (locals.size() + uint64_t(count) > kMaxLocals)
      return fail("too many locals: the limit is " + std::to_string(kMaxLocals), at);
    locals.resize(locals.size() + count, TRY(reader.val_type()));
  }
  return {};
}

/// The test suite's words depend on what follows the body, because the reference interpreter reads on.
std::unexpected<Error> missing_end(const Module &module, FuncIndex func) {
  const FunctionBody &body = module.body(func);
  const uint64_t end = body.offset + body.bytes.size();
  if (end == module.bytes.size()) return fail("unexpected end of section or function", end);
  const bool is_last = raw(func) + 1 == module.functions.size();
  return fail(is_last ? "section size mismatch: END opcode expected" : "END opcode expected", end);
}

Result<> validate_function(const Module &module, FuncIndex func) {
  NullSink sink;
  return validate_function(module, func, sink);
}

Result<> validate_module(std::span<const uint8_t> bytes, unsigned jobs) {
  const Module module = TRY(decode_module(bytes));
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  Work work(module);
  std::vector<std::jthread> helpers;
  const size_t useful = module.bodies.size() / 64;  // A thread is not worth less.
  for (size_t i = 0; i < std::min<size_t>(jobs - 1, useful); ++i) helpers.emplace_back([&work] { work.run(); });
  work.run();
  helpers.clear();
  return std::move(work).result();
}

}  // namespace wasmc::wasm
