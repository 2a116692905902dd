// The validator (spec 3.3 Instructions, 7.3 Validation algorithm) reads a body once and drives a sink with each instruction it
// has accepted. It owns types and reachability; the sink owns values.
//
// A sink has:
//   void begin(const FuncType &type, std::span<const ValType> locals);   // locals: parameters first, all of them
//   void at(uint64_t offset);                                            // before each instruction: its offset in the module
//   void <family>(const OpInfo &op, const <Imm> &imm);                   // one per WASM_FAMILY, named alike
//   void finish();                                                       // after the body's last `end`
//
// What a sink may rely on: instructions come in order and are valid; unreachable ones are left out: after `unreachable`, `br`,
// `br_table`, `return_` and `return_call…` the next call is the `else_` or `end` of the innermost block that the sink has seen, and whole
// blocks that open in unreachable code never come. The last `end` is the function's own.
#pragma once
#include "wasm/module.h"
#include "wasm/opcode.h"

namespace wasmc::wasm {

/// Validates the body of a defined function. The error has the offset in the module and `where` set to the function.
template <class Sink> Result<> validate_function(const Module &module, FuncIndex func, Sink &sink);

/// Validates without a sink.
Result<> validate_function(const Module &module, FuncIndex func);

/// Decodes and validates a whole module on `jobs` threads (0: all cores).
Result<> validate_module(std::span<const uint8_t> bytes, unsigned jobs = 0);

}  // namespace wasmc::wasm

#include "wasm/validator_impl.h"
