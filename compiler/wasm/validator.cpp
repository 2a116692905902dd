#include "wasm/validator.h"

#include "wasm/validate_all.h"

namespace wasmc::wasm {

namespace {

constexpr uint64_t kMaxLocals = 50'000;

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
  IgnoreAll sink;
  return validate_function(module, func, sink);
}

Result<> validate_module(std::span<const uint8_t> bytes, unsigned jobs) {
  const Module module = TRY(decode_module(bytes));
  std::vector<IgnoreAll> sinks(useful_jobs(module, jobs));
  return validate_functions(module, std::span(sinks));
}

}  // namespace wasmc::wasm
