#include <asm/hwcap.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "platform/cpu.h"
#include "platform/cpu_list.h"

namespace wasmc::platform {
namespace {

/// By the names that /proc/cpuinfo uses, which are those of the kernel's HWCAP bits.
std::vector<std::string_view> host_features() {
  const unsigned long one = getauxval(AT_HWCAP), two = getauxval(AT_HWCAP2);
  const struct { std::string_view name; bool there; } kList[] = {
      {"atomics", (one & HWCAP_ATOMICS) != 0}, {"crc32", (one & HWCAP_CRC32) != 0}, {"aes", (one & HWCAP_AES) != 0},
      {"sha2", (one & HWCAP_SHA2) != 0}, {"asimdrdm", (one & HWCAP_ASIMDRDM) != 0}, {"asimddp", (one & HWCAP_ASIMDDP) != 0},
      {"fphp", (one & HWCAP_FPHP) != 0 && (one & HWCAP_ASIMDHP) != 0}, {"jscvt", (one & HWCAP_JSCVT) != 0}, {"lrcpc", (one & HWCAP_LRCPC) != 0},
      {"i8mm", (two & HWCAP2_I8MM) != 0}, {"bf16", (two & HWCAP2_BF16) != 0}, {"flagm", (one & HWCAP_FLAGM) != 0}};
  std::vector<std::string_view> there;
  for (const auto &feature : kList)
    if (feature.there) there.push_back(feature.name);
  return there;
}

constexpr std::string_view kFeatures[] = {
#define WASMC_AARCH64(name, cpuinfo) cpuinfo,
#include "abi/cpu_features.def"
};

}  // namespace

bool has_segment_base() { return false; }

abi::Arch host_arch() { return abi::Arch::AArch64; }

Result<> require_features(const uint64_t (&wanted)[4]) { return require_listed(wanted, kFeatures, host_features()); }

std::string cpu_identity() {
  const unsigned long features[] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
  char model[32];  // of the first core, or nothing: reading the register itself would tell whichever core one is on
  const int file = open("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? 0 : read(file, model, sizeof model);
  if (file >= 0) close(file);
  return std::string(reinterpret_cast<const char *>(features), sizeof features).append(model, size > 0 ? size_t(size) : 0);
}

}  // namespace wasmc::platform
