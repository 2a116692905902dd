#include "profile/layout.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "wasm/validate_all.h"

namespace wasmc::profile {
namespace {

/// A sink that sums up what the instructions of a function have.
struct CountCounters : wasm::IgnoreAll {
  explicit CountCounters(Layout &out, uint64_t first) : layout(out), next(first) {}
  Layout &layout;
  uint64_t next;

  void begin(const wasm::FuncType &, std::span<const wasm::ValType>) { next += kEntryCounters; }
  void if_(const wasm::OpInfo &, const wasm::BlockImm &) { next += kBranchCounters; }
  void br_if(const wasm::OpInfo &, const wasm::LabelImm &) { next += kBranchCounters; }
  void br_on_null(const wasm::OpInfo &, const wasm::LabelImm &) { next += kBranchCounters; }
  void br_on_non_null(const wasm::OpInfo &, const wasm::LabelImm &) { next += kBranchCounters; }
  void br_table(const wasm::OpInfo &, const wasm::BrTableImm &imm) { next += table_counters(imm); }
  void call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &) { indirect_call(); }
  void call_ref(const wasm::OpInfo &, const wasm::TypeImm &) { indirect_call(); }
  void return_call_indirect(const wasm::OpInfo &, const wasm::CallIndirectImm &) { indirect_call(); }
  void return_call_ref(const wasm::OpInfo &, const wasm::TypeImm &) { indirect_call(); }

 private:
  void indirect_call() {
    layout.calls.push_back(next);
    next += kCallCounters;
  }
};

abi::Hash128 hash_code(const wasm::Module &module) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (const wasm::FunctionBody &body : module.bodies) {
    const uint64_t size = body.bytes.size();
    XXH3_128bits_update(&state, &size, sizeof size);
    XXH3_128bits_update(&state, body.bytes.data(), size);
  }
  const XXH128_hash_t value = XXH3_128bits_digest(&state);
  return {value.low64, value.high64};
}

}  // namespace

Result<Layout> lay_out(const wasm::Module &module) {
  Layout layout{hash_code(module), {0}, {}};
  for (uint32_t i = 0; i < module.bodies.size(); ++i) {
    CountCounters sink(layout, layout.first.back());
    TRY(wasm::validate_function(module, wasm::FuncIndex(module.imported_functions + i), sink));
    layout.first.push_back(sink.next);
  }
  return layout;
}

}  // namespace wasmc::profile
