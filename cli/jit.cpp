#include "jit.h"

#include "compiler_library.h"
#include "profile.h"
#include "progress.h"

namespace wasmc::cli {

CompileFunction jit(const CodeOptions &code, const std::string &name) {
  return [&code, name](std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) -> Result<> {
    const compiler::Api *api = TRY(load_compiler());
    Progress progress(name, !code.no_progress);
    std::vector<compiler::PhaseTime> times;
    compiler::Options options = run_options(code, bounds);
    progress.attach(options);
    if (code.time) options.times = &times;
    if (code.recorder) options.counters = TRY(code.recorder->counters_for(wasm));
    TRY(api->compile(wasm, options, output));
    progress.clear();
    if (code.time) print_times(times);
    return {};
  };
}

}  // namespace wasmc::cli
