// The validator's loop: reads an instruction, has it checked, hands it on. Included by validator.h.
#pragma once
#include <utility>

#include "wasm/checker.h"
#include "wasm/reader.h"

namespace wasmc::wasm {

/// The types of all locals, parameters first (spec 5.5.13), read from the start of a body.
Result<> read_locals(Reader &reader, const FuncType &type, std::vector<ValType> &locals);

/// The error for a body that ends before its last block does.
std::unexpected<Error> missing_end(const Module &module, FuncIndex func);

/// Validates functions of one module, one after the other, and keeps its room between them.
template <class Sink> class FunctionValidator {
 public:
  FunctionValidator(const Module &module, Sink &sink)
      : module_(module), sink_(sink), checker_(module), reader_(module) {}

  Result<> validate(FuncIndex func) {
    Result<> result = run(func);
    if (!result) return std::unexpected(std::move(result).error().in(module_.describe(func)));
    return result;
  }

 private:
  Result<> run(FuncIndex func) {
    const FuncType &type = module_.func_type(func);
    reader_.start(module_.body(func).bytes);
    TRY(read_locals(reader_, type, locals_));
    sink_.begin(type, locals_);
    checker_.begin(type, locals_);
    while (!checker_.finished()) {
      if (reader_.done()) return missing_end(module_, func);
      if (auto status = instruction(); !status) [[unlikely]] return std::unexpected(std::move(status).error());
    }
    if (!reader_.done()) return fail("section size mismatch: code after the function's end", reader_.offset());
    sink_.finish();
    return {};
  }

  [[gnu::always_inline]] Status instruction() {
    const uint64_t at = reader_.offset();
    checker_.at(at);
    const OpInfo *row;
    CHECK(reader_.read(row));
    const OpInfo &op = *row;
    switch (op.family) {
#define WASM_FAMILY(family, Imm)                                \
  case Family::family: {                                        \
    Imm imm{};                                                  \
    CHECK(reader_.read(op, imm));                               \
    const bool is_shown = checker_.is_shown(Family::family);    \
    CHECK(checker_.family(op, imm));                            \
    if (is_shown) {                                             \
      sink_.at(at);                                             \
      sink_.family(op, std::as_const(imm));                     \
    }                                                           \
    return {};                                                  \
  }
#include "wasm/opcodes.def"
    }
    __builtin_unreachable();
  }

  const Module &module_;
  Sink &sink_;
  Checker checker_;
  CodeReader reader_;
  std::vector<ValType> locals_;
};

template <class Sink> Result<> validate_function(const Module &module, FuncIndex func, Sink &sink) {
  return FunctionValidator<Sink>(module, sink).validate(func);
}

}  // namespace wasmc::wasm
