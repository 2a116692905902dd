// The recipe: Wasm bytes to an artifact.
#include "compiler/compiler.h"

#include <llvm/Config/llvm-config.h>

#include <optional>

#include "abi/artifact.h"
#include "codegen/partition.h"
#include "codegen/target.h"
#include "codegen/workers.h"
#include "link/description.h"
#include "link/linker.h"
#include "lower/facts.h"
#include "lower/fixed_tables.h"
#include "lower/layout.h"
#include "lower/lower.h"
#include "profile/file.h"
#include "wasm/module.h"

namespace wasmc::compiler {
namespace {

/// Times one phase that runs on the calling thread.
class PhaseTimer {
 public:
  explicit PhaseTimer(const Options &options) : times_(options.times) {}
  void start() {
    wall_ = codegen::wall_seconds();
    cpu_ = codegen::thread_cpu_seconds();
  }
  void stop(const char *phase) {
    if (times_) times_->push_back({phase, codegen::wall_seconds() - wall_, codegen::thread_cpu_seconds() - cpu_});
  }

 private:
  std::vector<PhaseTime> *times_;
  double wall_ = 0, cpu_ = 0;
};

/// The worker threads' phases run side by side: each gets its share of their common wall time.
void record_parallel_phases(const codegen::GeneratedCode &code, std::vector<PhaseTime> *times) {
  if (!times) return;
  const double sum = code.lower.wall + code.optimise.wall + code.generate.wall;
  const double scale = sum > 0 ? code.wall / sum : 0;
  times->push_back({"lower", code.lower.wall * scale, code.lower.cpu});
  times->push_back({"optimise", code.optimise.wall * scale, code.optimise.cpu});
  times->push_back({"codegen", code.generate.wall * scale, code.generate.cpu});
}

std::optional<lower::LoopPlace> loop_place(const Options &options) {
  if (!options.continuation) return std::nullopt;
  return lower::LoopPlace{wasm::FuncIndex(options.continuation->function), options.continuation->offset};
}

lower::Options lowering_options(const Options &options, const codegen::ResolvedTarget &target, bool uses_segment_base) {
  const bool x86 = target.arch == abi::Arch::X86_64;
  const lower::Isa isa{.x86 = x86,
                       .has_rounding = !x86 || target.has("sse4.1"),
                       .has_ssse3 = x86 && target.has("ssse3"),
                       .has_fma = !x86 || target.has("fma"),
                       .has_dotprod = !x86 && target.has("dotprod")};
  return {options.bounds, options.strict_traps, options.strict_traps || options.opt_level == OptLevel::O0, options.deterministic, isa, uses_segment_base, options.first_tier, loop_place(options)};
}

/// Callees are counted by their records. A continuation has no arrays of its own. Calls of their own are for inlining.
lower::CallOptions call_options(const Options &options) {
  const bool inlines = options.opt_level == OptLevel::O2 || options.opt_level == OptLevel::O3;
  return {.arrays = !options.counters && !options.continuation, .few = !options.counters && inlines};
}

Result<std::vector<uint64_t>> counts_of(const Options &options, const profile::Layout &layout) {
  if (options.profile.empty()) return {};
  auto counts = profile::decode(options.profile, layout);
  if (!counts) return fail("the profile " + options.profile_name + " " + counts.error().message);
  return counts;
}

/// Empty where there is nothing to do with profiles.
Result<std::optional<lower::Profiling>> profiling(const wasm::Module &module, const lower::FixedTables &tables, const Options &options) {
  if (options.profile.empty() && !options.counters) return std::nullopt;
  profile::Layout layout = TRY(profile::lay_out(module));
  std::vector<uint64_t> counts = TRY(counts_of(options, layout));
  return lower::make_profiling(tables, std::move(layout), options.counters, std::move(counts));
}

}  // namespace

Result<> compile(std::span<const uint8_t> wasm, const Options &options, int output) {
  PhaseTimer timer(options);
  const codegen::ResolvedTarget target = TRY(codegen::resolve(options.target));
  if (options.segue && !target.has("fsgsbase")) return fail("--segue needs the CPU feature fsgsbase, which the target " + target.cpu + " lacks");

  timer.start();
  const wasm::Module module = TRY(wasm::decode_module(wasm));
  timer.stop("decode");

  timer.start();
  const lower::ModuleFacts facts = TRY(lower::collect_facts(module, options.jobs));
  timer.stop("validate");

  if (options.continuation && options.first_tier) return fail("a continuation is no first-tier code");
  if (options.continuation && (options.continuation->function < module.imported_functions || options.continuation->function >= module.functions.size()))
    return fail("no function " + std::to_string(options.continuation->function) + " of which a loop could be continued");

  const lower::FixedTables tables = lower::find_fixed_tables(module, facts, call_options(options));
  const lower::ContextLayout layout(module);
  const lower::Options lowering = lowering_options(options, target, options.segue && lower::may_use_segment_base(layout, facts));
  const lower::CodeTable code_table(module, lowering.uses_segment_base, options.continuation.has_value());
  const std::optional<lower::Profiling> profiles = TRY(profiling(module, tables, options));
  const lower::ModuleContext context{module, layout, facts, tables, lowering, profiles ? &*profiles : nullptr};
  codegen::GeneratedCode code = TRY(codegen::generate_code({context, code_table, target, options}));
  record_parallel_phases(code, options.times);

  timer.start();
  link::Description description = TRY(link::describe({module, layout, code_table, target, options, WASMC_VERSION}));
  const std::span<const uint8_t> kept_wasm = options.keep_wasm ? wasm : std::span<const uint8_t>();
  TRY(link::link_artifact({target.arch, std::move(code.objects), std::move(description), kept_wasm}, output));
  timer.stop("link");
  return {};
}

Result<Target> resolve_target(const Target &target) {
  const codegen::ResolvedTarget resolved = TRY(codegen::resolve(target));
  return Target{resolved.triple, resolved.cpu, resolved.feature_list()};
}

}  // namespace wasmc::compiler

/// The one symbol that the shared object exports.
extern "C" [[gnu::visibility("default")]] const wasmc::compiler::Api *wasmc_compiler_api() {
  using namespace wasmc;
  static constexpr compiler::Api kApi{abi::kAbiVersion, WASMC_VERSION, LLVM_VERSION_STRING, compiler::compile, compiler::resolve_target};
  return &kApi;
}
