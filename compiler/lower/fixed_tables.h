// What tables hold for good, and by which arrays their functions are called.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lower/facts.h"

namespace wasmc::lower {

/// The functions of a table that a call_indirect of one type may call, as code: an entry per place from `first` to `first + size`, the distance of the
/// function's code from the array's beginning in 4 bytes, or 0 where no function of that type stands.
struct CallArray {
  std::string symbol;
  uint64_t first = 0, size = 0;
  std::map<uint64_t, wasm::FuncIndex> functions;  ///< by place
};

struct FixedTables {
  /// By table, which function stands at which place; empty for a table whose contents are not known for good.
  std::vector<std::map<uint64_t, wasm::FuncIndex>> functions;
  /// By table and canonical type.
  std::map<IndirectCall, CallArray> arrays;

  /// Null where calls go by the table itself.
  const CallArray *find(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const;
};

FixedTables find_fixed_tables(const wasm::Module &module, const ModuleFacts &facts);

}  // namespace wasmc::lower
