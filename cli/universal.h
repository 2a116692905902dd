// Universal Wasm: a module that every WebAssembly runtime takes, with native artifacts in custom sections of it, one per target.
// abi/artifact.h has the layout of such a section.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/artifact.h"
#include "abi/result.h"
#include "file.h"

namespace wasmc::cli {

/// A section of a module, as it lies in the file.
struct Section {
  uint8_t id;             ///< 0: custom
  std::string_view name;  ///< of a custom section
  uint64_t offset, end;   ///< the whole section, with id and size
  uint64_t payload;       ///< offset of the payload, of a custom section behind its name
};

/// Splits a module. Errors: not a binary module, a section that does not lie in it.
Result<std::vector<Section>> list_sections(std::span<const uint8_t> module);

/// An artifact inside a module.
struct EmbeddedArtifact {
  abi::Arch arch;
  std::string triple;
  uint64_t offset, size;  ///< in the file
};
/// Sections of that name which do not have the layout, or are of another ABI version, are left out.
std::vector<EmbeddedArtifact> find_artifacts(std::span<const uint8_t> module);

/// The module as it was before artifacts were added. What cannot be split comes back as it is: the compiler says what is wrong.
std::vector<uint8_t> without_artifacts(std::vector<uint8_t> module);

/// Writes the module and then each artifact (files of which the whole content counts) as a section.
Result<> write_universal(std::span<const uint8_t> module, std::span<const Fd> artifacts, int output);

}  // namespace wasmc::cli
