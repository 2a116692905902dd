#include "codegen/partition.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace wasmc::codegen {
namespace {

using compiler::OptLevel;

constexpr uint64_t kKilo = 1024;

TEST(Partition, SmallModuleIsOne) {
  EXPECT_EQ(plan_partitions({10, 20, 30}, OptLevel::O2), (std::vector<Partition>{{0, 3, 60}}));
  EXPECT_EQ(plan_partitions({32 * kKilo}, OptLevel::O2).size(), 1u);
  EXPECT_TRUE(plan_partitions({}, OptLevel::O2).empty());
  EXPECT_EQ(plan_partitions({8 * kKilo, 8 * kKilo}, OptLevel::O2).size(), 1u);
  EXPECT_EQ(plan_partitions({8 * kKilo, 8 * kKilo}, OptLevel::O0).size(), 2u) << "nothing is inlined there";
}

TEST(Partition, GiantStandsAlone) {
  const std::vector<Partition> plan = plan_partitions({100, kGiantBody, 200, 300}, OptLevel::O2);
  ASSERT_EQ(plan.size(), 3u);
  EXPECT_EQ(plan[1], (Partition{1, 1, kGiantBody}));
  EXPECT_EQ(plan[2], (Partition{2, 2, 500}));
}

// Every body is in exactly one partition, in order, and no partition of ordinary functions is larger than a piece.
TEST(Partition, CoversEveryBodyOnce) {
  std::mt19937 random(1);
  std::vector<uint64_t> sizes(20000);
  for (uint64_t &size : sizes) size = 1 + random() % (random() % 100 == 0 ? 40000 : 800);
  const std::vector<Partition> plan = plan_partitions(sizes, OptLevel::O2);
  uint32_t next = 0;
  for (const Partition &partition : plan) {
    EXPECT_EQ(partition.first, next);
    EXPECT_GT(partition.count, 0u);
    EXPECT_LE(partition.code_bytes, 256 * kKilo);
    EXPECT_EQ(partition.code_bytes, std::accumulate(&sizes[next], &sizes[next] + partition.count, uint64_t{0}));
    next += partition.count;
  }
  EXPECT_EQ(next, sizes.size());
}

TEST(Partition, MiddlingModuleKeepsSeveralCoresBusy) {
  EXPECT_GE(plan_partitions(std::vector<uint64_t>(1000, 300), OptLevel::O2).size(), 8u);  // 300 KB
}

}  // namespace
}  // namespace wasmc::codegen
