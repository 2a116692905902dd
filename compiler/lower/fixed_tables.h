// What tables hold for good, and by which arrays their functions are called.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lower/facts.h"

namespace wasmc::lower {

/// Which function stands at which place of a table, in the order of the places.
using Places = std::vector<std::pair<uint64_t, wasm::FuncIndex>>;

/// The functions of a table that a call_indirect of one type may call, as code: an entry per place from `first` to `first + size`, the distance of the
/// function's code from the array's beginning in 4 bytes, or 0 where no function of that type stands.
struct CallArray {
  std::string symbol;
  uint64_t first = 0, size = 0;
  Places functions;
};

struct FixedTables {
  /// By table; empty for one whose contents are not known for good, or through which nothing is called.
  std::vector<Places> functions;
  /// By table and canonical type: all that a call_indirect may call, where that is so little that a call had better ask for the index.
  std::map<IndirectCall, Places> few;
  /// By table and canonical type. All together have at most 8 times as many entries as the tables have functions, and 64 Ki.
  std::map<IndirectCall, CallArray> arrays;

  /// Null where calls go by the table itself.
  const CallArray *find(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const;
  /// Null where the callees are many, or large, or not known.
  const Places *find_few(const wasm::Module &module, wasm::TableIndex table, wasm::TypeIndex type) const;
};

/// By what calls may go, beside the table.
struct CallOptions {
  bool arrays = true;
  bool few = true;
};

FixedTables find_fixed_tables(const wasm::Module &module, const ModuleFacts &facts, CallOptions options);

}  // namespace wasmc::lower
