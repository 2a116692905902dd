#include <gtest/gtest.h>

#include "platform/cpu.h"
#include "platform/cpu_list.h"

namespace wasmc::platform {
namespace {

constexpr std::string_view kNames[] = {"one", "two", "three"};
constexpr std::string_view kThere[] = {"three", "one"};

TEST(CpuFeatures, NothingWantedIsAlwaysThere) {
  EXPECT_TRUE(require_features({0, 0, 0, 0}));
}

TEST(CpuFeatures, WhatIsThereSatisfies) {
  EXPECT_TRUE(require_listed({0b101, 0, 0, 0}, kNames, kThere));
}

TEST(CpuFeatures, EachMissingOneIsNamed) {
  const auto missing = require_listed({0b1111, 0, 0, 1}, kNames, kThere);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "artifact uses CPU features that this machine lacks: two, feature 3, feature 192");
}

}  // namespace
}  // namespace wasmc::platform
