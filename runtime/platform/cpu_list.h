// Comparing a set of wanted CPU features with what there is.
#pragma once
#include <algorithm>
#include <span>
#include <string_view>

#include "abi/result.h"

namespace wasmc::platform {

inline Result<> require_listed(const uint64_t (&wanted)[4], std::span<const std::string_view> names,
                               std::span<const std::string_view> there) {
  std::string missing;
  for (size_t i = 0; i < 256; ++i) {
    if (!(wanted[i / 64] >> (i % 64) & 1)) continue;
    if (i < names.size() && std::ranges::find(there, names[i]) != there.end()) continue;
    missing += (missing.empty() ? "" : ", ") + (i < names.size() ? std::string(names[i]) : "feature " + std::to_string(i));
  }
  if (missing.empty()) return {};
  return fail("artifact uses CPU features that this machine lacks: " + missing);
}

}  // namespace wasmc::platform
