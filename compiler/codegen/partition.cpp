#include "codegen/partition.h"

#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <optional>

#include "codegen/diagnostics.h"
#include "codegen/workers.h"

namespace wasmc::codegen {
namespace {

using compiler::Emit;
using compiler::OptLevel;

constexpr uint64_t kMaxPiece = 256 << 10;
/// Below that a module is one piece, and no piece is much smaller. Where nothing is inlined, a piece needs no neighbours.
constexpr uint64_t min_piece(OptLevel level) { return level == OptLevel::O0 ? 8 << 10 : 32 << 10; }
/// Pieces that a module of middling size is cut into: enough for all cores to be busy to the end.
constexpr uint64_t kPieces = 24;

/// Adds the time from construction to destruction to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(PhaseSeconds &sum) : sum_(sum), wall_(wall_seconds()), cpu_(thread_cpu_seconds()) {}
  ~Stopwatch() {
    sum_.wall += wall_seconds() - wall_;
    sum_.cpu += thread_cpu_seconds() - cpu_;
  }

 private:
  PhaseSeconds &sum_;
  double wall_, cpu_;
};

struct ThreadSeconds {
  PhaseSeconds lower, optimise, generate;
};

void add(PhaseSeconds &to, const PhaseSeconds &from) {
  to.wall += from.wall;
  to.cpu += from.cpu;
}

/// What the worker threads share: which task is next, how far all are, the first error.
class Pool {
 public:
  explicit Pool(const Job &job) : job_(job), partitions_(plan_partitions(body_sizes(job), job.options.opt_level)), code_(partitions_.size() + 1) {
    order_.resize(tasks());
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::sort(order_, {}, [this](uint32_t task) { return std::pair(~cost(task), task); });
  }

  Result<GeneratedCode> run() {
    const double start = wall_seconds();
    const unsigned jobs = job_.options.jobs ? job_.options.jobs : core_count();
    run_on_threads(std::min(jobs, tasks()), [this] { work(); });
    if (error_) return std::unexpected(std::move(*error_));
    if (cancelled()) return fail("cancelled");
    GeneratedCode out{std::move(code_), sums_.lower, sums_.optimise, sums_.generate, wall_seconds() - start};
    return out;
  }

 private:
  static std::vector<uint64_t> body_sizes(const Job &job) {
    std::vector<uint64_t> sizes;
    for (const wasm::FunctionBody &body : job.context.module.bodies) sizes.push_back(body.bytes.size());
    return sizes;
  }
  static bool is_giant(const Partition &partition) { return partition.count == 1 && partition.code_bytes >= kGiantBody; }

  /// The partitions, then the thunks.
  unsigned tasks() const { return unsigned(partitions_.size()) + 1; }
  bool is_thunks(uint32_t task) const { return task == partitions_.size(); }
  uint64_t cost(uint32_t task) const { return is_thunks(task) ? 0 : partitions_[task].code_bytes; }
  bool cancelled() const { return is_cancelled(job_.options.cancelled); }

  void work() {
    Backend backend(job_.target, job_.options.opt_level, job_.context.options.volatile_loads, job_.options.cancelled);
    ThreadSeconds seconds;
    for (uint32_t i = next_++; i < order_.size() && !cancelled(); i = next_++) {
      const uint32_t task = order_[i];
      Result<> done = compile(task, backend, seconds);
      const std::lock_guard lock(mutex_);
      if (!done) keep_first(std::move(done).error());
      else report(task);
    }
    const std::lock_guard lock(mutex_);
    add(sums_.lower, seconds.lower);
    add(sums_.optimise, seconds.optimise);
    add(sums_.generate, seconds.generate);
  }

  /// The error with the lowest offset is the one to tell, so a later partition's does not keep earlier ones from being looked at.
  void keep_first(Error error) {
    if (!error_ || error.offset < error_->offset) error_ = std::move(error);
    first_bad_offset_ = error_->offset;
  }

  void report(uint32_t task) {
    if (is_thunks(task) || !job_.options.on_progress) return;
    done_ += partitions_[task].count;
    job_.options.on_progress({done_, uint32_t(job_.context.module.bodies.size())});
  }

  Result<> compile(uint32_t task, Backend &backend, ThreadSeconds &seconds) {
    if (is_thunks(task)) return compile_with(task, backend, seconds);
    if (job_.context.module.bodies[partitions_[task].first].offset > first_bad_offset_) return {};
    if (!is_giant(partitions_[task]) || job_.options.opt_level == OptLevel::O0) return compile_with(task, backend, seconds);
    Backend quick(job_.target, OptLevel::O0, job_.context.options.volatile_loads, job_.options.cancelled);
    return compile_with(task, quick, seconds);
  }

  Result<> compile_with(uint32_t task, Backend &backend, ThreadSeconds &seconds) {
    CollectingContext llvm;
    // Names of values are only for people to read.
    llvm.llvm().setDiscardValueNames(job_.options.emit.empty());
    std::unique_ptr<llvm::Module> module;
    {
      const Stopwatch watch(seconds.lower);
      module = TRY(lower(task, llvm.llvm(), backend));
    }
    if (first_bad_offset_ != Error::kNoOffset || cancelled()) return {};
    TRY(emit_ir(Emit::LlvmIr, task, *module, ".ll"));
    {
      const Stopwatch watch(seconds.optimise);
      TRY(backend.optimise(*module));
    }
    if (cancelled()) return {};
    TRY(emit_ir(Emit::LlvmOpt, task, *module, ".opt.ll"));
    const SiteFunctions sites = site_functions(task);
    TRY(emit_assembly(task, *module, backend, sites));
    const Stopwatch watch(seconds.generate);
    code_[task].bytes = TRY(backend.generate(*module, FileForm::Object, sites));
    TRY(llvm.check());
    emit(Emit::Obj, task, ".o", {code_[task].bytes.data(), code_[task].bytes.size()});
    code_[task].sites = TRY(read_trap_sites(code_[task].bytes));
    return {};
  }

  Result<std::unique_ptr<llvm::Module>> lower(uint32_t task, llvm::LLVMContext &llvm, const Backend &backend) {
    const std::string &triple = job_.target.triple;
    if (is_thunks(task)) return lower::lower_thunks(llvm, job_.context, job_.code_table, backend.data_layout(), triple);
    std::vector<wasm::FuncIndex> functions;
    for (uint32_t i = 0; i < partitions_[task].count; ++i) functions.push_back(func(partitions_[task].first + i));
    return lower::lower_functions(llvm, job_.context, backend.data_layout(), triple, functions);
  }

  SiteFunctions site_functions(uint32_t task) const {
    SiteFunctions out;
    if (is_thunks(task) || !job_.context.options.trap_sites) return out;
    const Partition &partition = partitions_[task];
    for (uint32_t body = partition.first; body < partition.first + partition.count; ++body)
      out.try_emplace(lower::symbol_of(job_.context.module, func(body)),
                      SiteFunction{body, job_.context.module.bodies[body].offset});
    return out;
  }
  wasm::FuncIndex func(uint32_t body) const { return wasm::FuncIndex(job_.context.module.imported_functions + body); }

  bool wants(Emit form) const { return job_.options.on_emit && std::ranges::find(job_.options.emit, form) != job_.options.emit.end(); }
  void emit(Emit form, uint32_t task, const char *suffix, std::string_view contents) {
    if (!wants(form)) return;
    std::string name = is_thunks(task) ? "thunks" : "part-" + std::to_string(task);
    const std::lock_guard lock(mutex_);
    job_.options.on_emit(form, name + suffix, contents);
  }
  Result<> emit_ir(Emit form, uint32_t task, const llvm::Module &module, const char *suffix) {
    if (!wants(form)) return {};
    std::string text;
    llvm::raw_string_ostream out(text);
    if (llvm::verifyModule(module, &out)) return fail_internal("optimisation", text);  // who looks at IR, as tests do, should see it valid
    module.print(out, nullptr);
    emit(form, task, suffix, text);
    return {};
  }
  /// The code generator consumes IR, so assembly is made from a copy.
  Result<> emit_assembly(uint32_t task, const llvm::Module &module, Backend &backend, const SiteFunctions &sites) {
    if (!wants(Emit::Asm)) return {};
    const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    const ObjectBytes text = TRY(backend.generate(*copy, FileForm::Assembly, sites));
    emit(Emit::Asm, task, ".s", {text.data(), text.size()});
    return {};
  }

  const Job &job_;
  const std::vector<Partition> partitions_;
  std::vector<Object> code_;            ///< by task
  std::vector<uint32_t> order_;         ///< tasks, the longest first
  std::atomic<uint32_t> next_ = 0;      ///< in order_
  std::atomic<uint64_t> first_bad_offset_ = Error::kNoOffset;
  std::mutex mutex_;                    ///< of what follows, and of calls to the user's functions
  std::optional<Error> error_;
  ThreadSeconds sums_;
  uint32_t done_ = 0;
};

}  // namespace

std::vector<Partition> plan_partitions(const std::vector<uint64_t> &sizes, OptLevel level) {
  const uint64_t total = std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
  const uint64_t piece = total <= min_piece(level) ? total : std::clamp(total / kPieces, min_piece(level), kMaxPiece);
  std::vector<Partition> out;
  for (uint32_t i = 0; i < sizes.size(); ++i) {
    const bool is_giant = sizes[i] >= kGiantBody;
    const bool fits = !out.empty() && out.back().code_bytes < kGiantBody && out.back().code_bytes + sizes[i] <= piece;
    if (is_giant || !fits) out.push_back({i, 0, 0});
    ++out.back().count;
    out.back().code_bytes += sizes[i];
  }
  return out;
}

namespace {

/// One function, and the code table.
Result<GeneratedCode> generate_continuation(const Job &job) {
  const lower::LoopPlace place = *job.context.options.continuation;
  const uint32_t body = raw(place.function) - job.context.module.imported_functions;
  SiteFunctions sites;
  sites.try_emplace(lower::kContinuation, SiteFunction{0, job.context.module.bodies[body].offset});
  Backend backend(job.target, job.options.opt_level, job.context.options.volatile_loads, job.options.cancelled);
  GeneratedCode out;
  const auto generate = [&](CollectingContext &llvm, Result<std::unique_ptr<llvm::Module>> module) -> Result<> {
    if (!module) return std::unexpected(std::move(module).error());
    TRY(backend.optimise(**module));
    Object object{TRY(backend.generate(**module, FileForm::Object, sites)), {}};
    TRY(llvm.check());
    object.sites = TRY(read_trap_sites(object.bytes));
    out.objects.push_back(std::move(object));
    return {};
  };
  CollectingContext code, table;
  TRY(generate(code, lower::lower_continuation(code.llvm(), job.context, backend.data_layout(), job.target.triple)));
  TRY(generate(table, lower::lower_thunks(table.llvm(), job.context, job.code_table, backend.data_layout(), job.target.triple)));
  return out;
}

}  // namespace

Result<GeneratedCode> generate_code(const Job &job) { return job.context.options.continuation ? generate_continuation(job) : Pool(job).run(); }

}  // namespace wasmc::codegen
