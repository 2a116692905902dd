// Looks at an artifact without loading it: also one for another machine, of another version, or damaged in part. The runtime's loader
// has the last word on what may run.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/artifact.h"
#include "abi/result.h"

namespace wasmc::cli {

struct ArtifactSection {
  std::string_view name;
  std::span<const uint8_t> bytes;
};

struct ArtifactView {
  std::span<const uint8_t> file;
  std::vector<ArtifactSection> sections;
  abi::ModuleHeader header;               ///< a copy
  std::span<const uint8_t> description;   ///< .wasmc.module, header included

  /// Empty if there is none.
  std::span<const uint8_t> section(std::string_view name) const;
  /// The elements of one of the header's ranges; empty if it does not lie in the description.
  template <class T> std::span<const T> range(abi::Range range) const {
    if (range.offset % alignof(T) != 0 || range.offset > description.size() || range.count > (description.size() - range.offset) / sizeof(T)) return {};
    return {reinterpret_cast<const T *>(description.data() + range.offset), range.count};
  }
  std::string_view string(abi::StringRef ref) const;
  /// Whether the content hash is right: nothing but the embedded Wasm may have changed.
  bool is_intact() const;
  /// The embedded module, if it is there and its hash is right.
  std::optional<std::span<const uint8_t>> wasm() const;
};

/// Errors: no ELF file, no artifact, sections beyond the end of the file (truncated). `file` must outlive the view and be aligned to 8.
Result<ArtifactView> view_artifact(std::span<const uint8_t> file);

/// The names of the CPU features that an artifact's code may use.
std::vector<std::string_view> feature_names(abi::Arch arch, std::span<const uint64_t, 4> bits);
std::string_view arch_name(abi::Arch arch);
inline constexpr abi::Arch kHostArch =
#ifdef __x86_64__
    abi::Arch::X86_64;
#else
    abi::Arch::AArch64;
#endif

/// Text in a zero-padded field.
template <size_t n> std::string fixed_text(const char (&field)[n]) {
  const std::string_view all(field, n);
  return std::string(all.substr(0, all.find('\0')));
}

}  // namespace wasmc::cli
