// Objects and descriptions to an artifact: lld as a library, then checks, sizes and hash.
#pragma once
#include <vector>

#include "abi/result.h"
#include "codegen/partition.h"
#include "link/description.h"

namespace wasmc::link {

struct Parts {
  abi::Arch arch;
  std::vector<codegen::Object> objects;
  Description description;
  std::span<const uint8_t> wasm;  ///< empty: stripped
};

/// Links an artifact into `output`, an empty file open for reading and writing. lld is not re-entrant: one link at a time in
/// the process, others wait. The bytes depend on `parts` only.
/// Errors: a failed write; what lld finds wrong, which is a bug of ours, in its words.
Result<> link_artifact(Parts parts, int output);

}  // namespace wasmc::link
