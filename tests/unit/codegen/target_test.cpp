#include "codegen/target.h"

#include <gtest/gtest.h>

namespace wasmc::codegen {
namespace {

ResolvedTarget resolved(const char *triple, const char *cpu, const char *features = "") {
  Result<ResolvedTarget> target = resolve({triple, cpu, features});
  EXPECT_TRUE(target) << (target ? "" : target.error().message);
  return target ? *target : ResolvedTarget{};
}
std::string error_of(const char *triple, const char *cpu, const char *features = "") {
  Result<ResolvedTarget> target = resolve({triple, cpu, features});
  return target ? "no error" : target.error().message;
}

TEST(Target, ArchitectureAloneMeansLinux) {
  EXPECT_EQ(resolved("x86_64", "generic").triple, "x86_64-linux-gnu");
  EXPECT_EQ(resolved("aarch64", "").triple, "aarch64-linux-gnu");
  EXPECT_EQ(resolved("arm64", "").arch, abi::Arch::AArch64);
  EXPECT_EQ(resolved("x86_64-unknown-linux-musl", "generic").triple, "x86_64-linux-gnu");
}

TEST(Target, LevelsOfThePsAbi) {
  EXPECT_FALSE(resolved("x86_64", "generic").has("sse3"));
  EXPECT_TRUE(resolved("x86_64", "x86-64-v2").has("sse4.2"));
  EXPECT_FALSE(resolved("x86_64", "x86-64-v2").has("avx"));
  EXPECT_TRUE(resolved("x86_64", "x86-64-v3").has("bmi2"));
  EXPECT_FALSE(resolved("x86_64", "x86-64-v3").has("avx512f"));
  EXPECT_TRUE(resolved("x86_64", "x86-64-v4").has("avx512vl"));
}

// Each row's level in cpu_features.def is the psABI's, as LLVM knows it.
TEST(Target, ListAgreesWithLlvmOnLevels) {
  const ResolvedTarget levels[] = {resolved("x86_64", "x86-64"), resolved("x86_64", "x86-64-v2"),
                                   resolved("x86_64", "x86-64-v3"), resolved("x86_64", "x86-64-v4")};
#define WASMC_X86(name, level) \
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(levels[i - 1].has(name), level != 0 && i >= level) << name << " in level " << i;
#include "abi/cpu_features.def"
}

TEST(Target, NamesEveryFeature) {
  const std::string list = resolved("x86_64", "x86-64-v2").feature_list();
  EXPECT_TRUE(list.starts_with("+cx16,+sahf,+popcnt,")) << list;
  EXPECT_NE(list.find(",-avx,-avx2,"), std::string::npos) << list;
}

TEST(Target, FeaturesOnTopOfTheCpu) {
  EXPECT_TRUE(resolved("x86_64", "generic", "+avx2").has("avx2"));
  EXPECT_TRUE(resolved("x86_64", "generic", "+avx2").has("sse4.2")) << "implied";
  EXPECT_FALSE(resolved("x86_64", "x86-64-v3", "-avx").has("fma")) << "builds on avx";
  EXPECT_TRUE(resolved("aarch64", "generic", "+lse").has("lse"));
}

TEST(Target, ResolvingAgainChangesNothing) {
  const ResolvedTarget host = resolved("", "");
  const ResolvedTarget again = resolved(host.triple.c_str(), host.cpu.c_str(), host.feature_list().c_str());
  EXPECT_EQ(host.feature_bits, again.feature_bits);
  EXPECT_EQ(host.feature_list(), again.feature_list());
}

TEST(Target, Errors) {
  EXPECT_EQ(error_of("riscv64-linux-gnu", ""), "target 'riscv64-linux-gnu' is not supported: only x86_64 and aarch64 are");
  EXPECT_EQ(error_of("x86_64-apple-macos", ""), "target 'x86_64-apple-macos' is not supported: only Linux is");
  EXPECT_EQ(error_of("aarch64_be-linux-gnu", ""), "target 'aarch64_be-linux-gnu' is not supported: only x86_64 and aarch64 are");
  EXPECT_EQ(error_of("x86_64-linux-gnux32", ""), "target 'x86_64-linux-gnux32' is not supported: the x32 ABI");
  EXPECT_EQ(error_of("x86_64", "z80"), "unknown CPU 'z80' for x86_64-linux-gnu");
  EXPECT_EQ(error_of("x86_64", "i486"), "CPU 'i486' is not a 64-bit CPU");
  EXPECT_EQ(error_of("x86_64", "", "avx2"), "CPU feature 'avx2' must begin with + or -");
  EXPECT_EQ(error_of("x86_64", "", "+avx3"), "unknown CPU feature 'avx3' for x86_64-linux-gnu");
  EXPECT_EQ(error_of("aarch64", "", "+avx2"), "unknown CPU feature 'avx2' for aarch64-linux-gnu");
}

}  // namespace
}  // namespace wasmc::codegen
