// Which parameters are on the stack, and which results in memory.
#include "lower/convention.h"

#include <gtest/gtest.h>

namespace wasmc::lower {
namespace {

using wasm::FuncType;
using wasm::kF64, wasm::kI32, wasm::kI64, wasm::kV128;
constexpr uint32_t kRegister = Convention::kRegister;

TEST(Convention, RegistersByClass) {
  const FuncType type{{kI32, kF64, kI64, kI64, kI64, kI64, kI64, kI32, kF64}, {}};
  EXPECT_EQ(Convention(type, true).places, (std::vector<uint32_t>{kRegister, kRegister, kRegister, kRegister, kRegister, kRegister, kRegister, 0, kRegister}))
      << "the seventh integer is on the stack";
  EXPECT_EQ(Convention(type, true).stack_bytes, 16u);
  EXPECT_EQ(Convention(type, false).stack_bytes, 0u);
}

TEST(Convention, VectorsOnTheStackAreAligned) {
  FuncType type{std::vector<wasm::ValType>(8, kF64), {}};
  type.params.insert(type.params.end(), {kF64, kV128, wasm::kF32});
  for (bool x86 : {true, false}) {
    const Convention convention(type, x86);
    EXPECT_EQ(convention.places[8], 0u);
    EXPECT_EQ(convention.places[9], 16u);
    EXPECT_EQ(convention.places[10], 32u);
    EXPECT_EQ(convention.stack_bytes, 48u);
  }
}

TEST(Convention, ResultsInMemoryTakeARegisterForTheirAddress) {
  FuncType type{std::vector<wasm::ValType>(6, kI64), {kI64, kI64, kI64}};
  EXPECT_FALSE(Convention(type, true).results_in_memory);
  EXPECT_EQ(Convention(type, true).stack_bytes, 0u);
  type.results.push_back(kI32);
  EXPECT_TRUE(Convention(type, true).results_in_memory);
  EXPECT_EQ(Convention(type, true).places[5], 0u);
  EXPECT_FALSE(Convention(type, false).results_in_memory);
  EXPECT_TRUE(Convention({{}, {kF64, kF64, kF64}}, true).results_in_memory);
}

}  // namespace
}  // namespace wasmc::lower
