// Counters stand in the order of the code, which is all that they depend on.
#include "profile/layout.h"

#include <gtest/gtest.h>

#include "build.h"

namespace wasmc::profile {
namespace {

using namespace wasm::test;
namespace op = wasm::op;

Layout layout_of(const Bytes &module) {
  const auto decoded = wasm::decode_module(module);
  EXPECT_TRUE(decoded) << decoded.error().describe();
  const auto layout = lay_out(*decoded);
  EXPECT_TRUE(layout) << layout.error().describe();
  return *layout;
}

/// An `if`, an indirect call and code that is never reached, which has no counters; then a function without instructions.
Bytes module_with(uint8_t number, std::string_view name) {
  Builder module;
  const uint32_t nothing = module.type({}, {});
  module.import_function("env", "f", nothing);
  module.table(kFuncRefByte, 1);
  module.function(nothing, code({op::I32Const, number, op::If, kEmptyBlock, op::End, op::I32Const, 0, op::CallIndirect, 0, 0, op::Unreachable,
                                 op::I32Const, 1, op::If, kEmptyBlock, op::End}));
  module.function(nothing, {});
  if (!name.empty()) module.custom(name, {});
  return module.build();
}

TEST(ProfileLayout, CountsEntriesBranchesAndCalls) {
  const Layout layout = layout_of(module_with(1, ""));
  const uint64_t first = kEntryCounters + kBranchCounters + kCallCounters;
  EXPECT_EQ(layout.first, (std::vector<uint64_t>{0, first, first + kEntryCounters}));
  EXPECT_EQ(layout.calls, std::vector<uint64_t>{kEntryCounters + kBranchCounters});
}

TEST(ProfileLayout, IsOfTheCodeAlone) {
  EXPECT_EQ(layout_of(module_with(1, "")).code, layout_of(module_with(1, "anything")).code);
  EXPECT_NE(layout_of(module_with(1, "")).code, layout_of(module_with(2, "")).code);
}

}  // namespace
}  // namespace wasmc::profile
