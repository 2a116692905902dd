// What this machine's CPU can do, in the terms of abi/cpu_features.def.
#pragma once
#include <cstdint>

#include "abi/artifact.h"
#include "abi/result.h"

namespace wasmc::platform {

abi::Arch host_arch();

/// Error that names the features in the set (abi::ModuleHeader::cpu_features) that this CPU lacks.
Result<> require_features(const uint64_t (&wanted)[4]);

}  // namespace wasmc::platform
