// What this machine's CPU can do, in the terms of abi/cpu_features.def.
#pragma once
#include <cstdint>
#include <string>

#include "abi/artifact.h"
#include "abi/result.h"

namespace wasmc::platform {

abi::Arch host_arch();

/// Error that names the features in the set (abi::ModuleHeader::cpu_features) that this CPU lacks.
Result<> require_features(const uint64_t (&wanted)[4]);

/// Whether this CPU and its system let programs set the base of the segment that code may use for its memory (`fsgsbase`).
bool has_segment_base();

/// What tells this CPU from others that code may be made for: model and features, as bytes to compare. Not which of its cores one is on.
std::string cpu_identity();

}  // namespace wasmc::platform
