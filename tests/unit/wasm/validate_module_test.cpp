#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validate_all.h"

namespace wasmc::wasm::test {
namespace {

Bytes with_bad_functions(std::initializer_list<uint32_t> bad) {
  Builder module;
  const uint32_t type = module.type({}, {});
  for (uint32_t i = 0; i < 5000; ++i)
    module.function(type, std::ranges::find(bad, i) != bad.end() ? code({op::LocalGet, 3, op::Drop}) : code({op::Nop}));
  return module.build();
}

TEST(ValidateModule, AcceptsOnAnyNumberOfThreads) {
  const Bytes bytes = with_bad_functions({});
  for (unsigned jobs : {0, 1, 2, 7}) EXPECT_TRUE(validate_module(bytes, jobs));
}

TEST(ValidateModule, TheFirstErrorWinsOnAnyNumberOfThreads) {
  const Bytes bytes = with_bad_functions({4999, 4321, 77, 78, 3000});
  for (int round = 0; round < 20; ++round)
    for (unsigned jobs : {0, 1, 2, 7}) {
      const Result<> result = validate_module(bytes, jobs);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().where, "function 77");
      EXPECT_EQ(result.error().message, "unknown local 3");
    }
}

TEST(ValidateModule, SectionErrorsComeOut) {
  EXPECT_EQ(validate_module(Bytes{1, 2, 3, 4, 5, 6, 7, 8}).error().message, "magic header not detected");
}

TEST(ValidateFunctions, EachSinkSeesSomeOfTheFunctionsAndTogetherAll) {
  struct Count : IgnoreAll {
    size_t nops = 0;
    void nop(const OpInfo &, const NoImm &) { ++nops; }
  };
  const Bytes bytes = with_bad_functions({});
  const Module module = *decode_module(bytes);
  std::vector<Count> sinks(3);
  ASSERT_TRUE(validate_functions(module, std::span(sinks)));
  EXPECT_EQ(sinks[0].nops + sinks[1].nops + sinks[2].nops, 5000u);
}

}  // namespace
}  // namespace wasmc::wasm::test
