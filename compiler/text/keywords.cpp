#include "text/keywords.h"

#include <algorithm>
#include <unordered_map>

#include "wasm/proposals.h"

namespace wasmc::text {
namespace {

/// The words that are no mnemonics.
constexpr std::string_view kWords[] = {
    "any", "anyref", "array", "arrayref", "binary", "catch", "catch_all", "catch_all_ref", "catch_ref", "cont", "contref", "data",
    "declare", "definition", "delegate", "do", "elem", "eq", "eqref", "exn", "exnref", "export", "extern", "externref", "f32", "f32x4",
    "f64", "f64x2", "field", "final", "func", "funcref", "global", "i16", "i16x8", "i31", "i31ref", "i32", "i32x4", "i64", "i64x2", "i8",
    "i8x16", "import", "inf", "instance", "item", "local", "memory", "module", "mut", "nan", "nocont", "noexn", "noextern", "nofunc",
    "none", "nullcontref", "nullexnref", "nullexternref", "nullfuncref", "nullref", "null", "offset", "on", "pagesize", "param", "quote",
    "rec", "ref", "result", "shared", "start", "struct", "structref", "sub", "switch", "table", "tag", "then", "type", "unshared", "v128",
};

using Mnemonics = std::unordered_map<std::string_view, const wasm::OpInfo *>;

const Mnemonics &mnemonics() {
  static const Mnemonics table = [] {
    Mnemonics out;
    for (const wasm::OpInfo &op : wasm::kOpTable) out.try_emplace(std::string_view(op.text), &op);
    return out;
  }();
  return table;
}

/// Mnemonics of later proposals, each with an opcode whose proposal it shares: so the table in wasm/proposals.cpp alone says what is
/// supported. What ends in a dot or underscore is the beginning of several.
struct LaterMnemonic {
  std::string_view text;
  uint32_t opcode;
};
constexpr LaterMnemonic kLaterMnemonics[] = {
    {"throw", 0x08},          {"throw_ref", 0x0a},         {"try_table", 0x1f},          {"try", 0x06},
    {"catch", 0x07},          {"catch_all", 0x19},         {"rethrow", 0x09},            {"delegate", 0x18},
    {"return_call", 0x12},    {"return_call_indirect", 0x13}, {"call_ref", 0x14},        {"return_call_ref", 0x15},
    {"ref.eq", 0xd3},         {"ref.as_non_null", 0xd4},   {"br_on_null", 0xd5},         {"br_on_non_null", 0xd6},
    {"cont.", 0xe0},          {"resume", 0xe3},            {"resume_", 0xe4},            {"suspend", 0xe2},
    {"switch", 0xe6},         {"struct.", 0xfb0000},       {"array.", 0xfb0006},         {"ref.test", 0xfb0014},
    {"ref.cast", 0xfb0016},   {"br_on_cast", 0xfb0018},    {"br_on_cast_fail", 0xfb0019}, {"any.convert_extern", 0xfb001a},
    {"extern.convert_any", 0xfb001b}, {"ref.i31", 0xfb001c}, {"i31.", 0xfb001d},         {"memory.atomic.", 0xfe0000},
    {"atomic.fence", 0xfe0003}, {"i32.atomic.", 0xfe0010}, {"i64.atomic.", 0xfe0011},
};

}  // namespace

std::optional<std::string> later_mnemonic(std::string_view text) {
  for (const LaterMnemonic &row : kLaterMnemonics) {
    const bool is_beginning = row.text.ends_with('.') || row.text.ends_with('_');
    if (is_beginning ? text.starts_with(row.text) : text == row.text) return wasm::later_proposal(wasm::CodeSpace::Opcode, row.opcode);
  }
  return std::nullopt;
}

const wasm::OpInfo *find_mnemonic(std::string_view text) {
  const auto found = mnemonics().find(text);
  return found == mnemonics().end() ? nullptr : found->second;
}

bool is_keyword(std::string_view text) {
  return std::ranges::find(kWords, text) != std::end(kWords) || find_mnemonic(text) || text.starts_with("offset=") ||
         text.starts_with("align=") || text.starts_with("nan:0x") || text == "nan:canonical" || text == "nan:arithmetic";
}

}  // namespace wasmc::text
