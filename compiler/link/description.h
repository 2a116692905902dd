// The artifact's sections beside the code: the flat module description, names, data, the initial memory image, trap sites.
// Their layout is abi/artifact.h's.
#pragma once
#include <cstdint>
#include <vector>

#include "abi/artifact.h"
#include "codegen/partition.h"
#include "codegen/target.h"
#include "compiler/compiler.h"
#include "lower/layout.h"
#include "wasm/module.h"

namespace wasmc::link {

using Bytes = std::vector<uint8_t>;

/// All that a description is made from.
struct Subject {
  const wasm::Module &module;
  const lower::ContextLayout &layout;
  const lower::CodeTable &code_table;
  const codegen::ResolvedTarget &target;
  const compiler::Options &options;
  std::string_view compiler_version;
};

/// The contents of the sections `.wasmc.<member>`.
struct Description {
  Bytes module;  ///< its header's file_size and content_hash are zero until the artifact is linked
  Bytes names, data, image;
};
/// Error: it would have more than 4 GiB.
Result<Description> describe(const Subject &subject);

/// Contents of .wasmc.traps: all objects' sites.
Bytes trap_table(const std::vector<codegen::Object> &objects);

}  // namespace wasmc::link
