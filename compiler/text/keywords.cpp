#include "text/keywords.h"

#include <algorithm>
#include <unordered_map>

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
    for (const wasm::OpInfo &op : wasm::kOpTable) out.try_emplace(op.text, &op);
    return out;
  }();
  return table;
}

}  // namespace

const wasm::OpInfo *find_mnemonic(std::string_view text) {
  const auto found = mnemonics().find(text);
  return found == mnemonics().end() ? nullptr : found->second;
}

bool is_keyword(std::string_view text) {
  return std::ranges::find(kWords, text) != std::end(kWords) || find_mnemonic(text) || text.starts_with("offset=") ||
         text.starts_with("align=") || text.starts_with("nan:0x");
}

}  // namespace wasmc::text
