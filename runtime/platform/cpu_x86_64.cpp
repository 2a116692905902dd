#include <asm/hwcap2.h>
#include <cpuid.h>
#include <sys/auxv.h>

#include <string>
#include <string_view>
#include <vector>

#include "platform/cpu.h"
#include "platform/cpu_list.h"

namespace wasmc::platform {
namespace {

struct Leaf { unsigned eax = 0, ebx = 0, ecx = 0, edx = 0; };
Leaf cpuid(unsigned leaf, unsigned sub = 0) {
  Leaf r;
  __get_cpuid_count(leaf, sub, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}
bool bit(unsigned word, int n) { return word >> n & 1; }

/// XCR0: the registers that the system saves.
unsigned saved_registers(const Leaf &one) {
  unsigned xcr0 = 0, high = 0;
  if (bit(one.ecx, 27)) __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  return xcr0;
}

/// Intel SDM 3.3 CPUID. A vector feature counts only if the system saves its registers (XCR0). Each cpuid may leave a virtual machine for
/// microseconds, so they are asked for once.
std::vector<std::string_view> host_features() {
  const Leaf one = cpuid(1), seven = cpuid(7), seven1 = cpuid(7, 1), extended = cpuid(0x80000001);
  const unsigned xcr0 = saved_registers(one);
  const bool avx = (xcr0 & 6) == 6, avx512 = (xcr0 & 0xe6) == 0xe6;
  const struct { std::string_view name; bool there; } kList[] = {
      {"cx16", bit(one.ecx, 13)}, {"sahf", bit(extended.ecx, 0)}, {"popcnt", bit(one.ecx, 23)}, {"sse3", bit(one.ecx, 0)},
      {"ssse3", bit(one.ecx, 9)}, {"sse4.1", bit(one.ecx, 19)}, {"sse4.2", bit(one.ecx, 20)}, {"avx", avx && bit(one.ecx, 28)},
      {"avx2", avx && bit(seven.ebx, 5)}, {"bmi", bit(seven.ebx, 3)}, {"bmi2", bit(seven.ebx, 8)}, {"f16c", avx && bit(one.ecx, 29)},
      {"fma", avx && bit(one.ecx, 12)}, {"lzcnt", bit(extended.ecx, 5)}, {"movbe", bit(one.ecx, 22)}, {"xsave", bit(one.ecx, 27)},
      {"avx512f", avx512 && bit(seven.ebx, 16)}, {"avx512bw", avx512 && bit(seven.ebx, 30)}, {"avx512cd", avx512 && bit(seven.ebx, 28)},
      {"avx512dq", avx512 && bit(seven.ebx, 17)}, {"avx512vl", avx512 && bit(seven.ebx, 31)}, {"adx", bit(seven.ebx, 19)},
      {"aes", bit(one.ecx, 25)}, {"pclmul", bit(one.ecx, 1)}, {"sha", bit(seven.ebx, 29)}, {"gfni", bit(seven.ecx, 8)},
      {"vaes", avx && bit(seven.ecx, 9)}, {"vpclmulqdq", avx && bit(seven.ecx, 10)}, {"avxvnni", avx && bit(seven1.eax, 4)},
      {"avx512vbmi", avx512 && bit(seven.ecx, 1)}, {"avx512vbmi2", avx512 && bit(seven.ecx, 6)}, {"avx512vnni", avx512 && bit(seven.ecx, 11)},
      {"avx512bitalg", avx512 && bit(seven.ecx, 12)}, {"avx512vpopcntdq", avx512 && bit(seven.ecx, 14)},
      {"avx512ifma", avx512 && bit(seven.ebx, 21)}, {"fsgsbase", has_segment_base()}};
  std::vector<std::string_view> there;
  for (const auto &feature : kList)
    if (feature.there) there.push_back(feature.name);
  return there;
}

constexpr std::string_view kFeatures[] = {
#define WASMC_X86(name, level) name,
#include "abi/cpu_features.def"
};

}  // namespace

// Linux sets it only where the CPU has the instructions.
bool has_segment_base() { return getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE; }

abi::Arch host_arch() { return abi::Arch::X86_64; }

Result<> require_features(const uint64_t (&wanted)[4]) { return require_listed(wanted, kFeatures, host_features()); }

std::string cpu_identity() {
  // Leaf 1's EBX is left out: it tells the core.
  const Leaf vendor = cpuid(0), one = cpuid(1), seven = cpuid(7), seven1 = cpuid(7, 1), extended = cpuid(0x80000001);
  const unsigned words[] = {vendor.ebx, vendor.ecx, vendor.edx, one.eax,    one.ecx,    one.edx,      seven.ebx,   seven.ecx,
                            seven.edx,  seven1.eax, seven1.ebx, seven1.ecx, seven1.edx, extended.ecx, extended.edx, saved_registers(one)};
  return {reinterpret_cast<const char *>(words), sizeof words};
}

}  // namespace wasmc::platform
