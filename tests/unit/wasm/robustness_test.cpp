// Hostile modules: an answer, in little time and memory, never a crash. Worth most under the sanitizers.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validator.h"

namespace wasmc::wasm::test {
namespace {

std::string verdict(const Bytes &bytes, unsigned jobs = 1) {
  const Result<> result = validate_module(bytes, jobs);
  return result ? "valid" : result.error().message;
}

/// A copy on the heap of exactly that size, so that a sanitizer sees every read beyond it.
Bytes exact(std::span<const uint8_t> bytes) {
  Bytes copy(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  return copy;
}

TEST(Robustness, TheModuleThatIsDamagedBelowIsValid) { EXPECT_EQ(verdict(full_module()), "valid"); }

TEST(Robustness, EveryTruncationIsAnError) {
  const Bytes whole = full_module();

  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut = exact(std::span(whole).first(size));
    const Result<> result = validate_module(cut, 1);
    if (result) continue;
    EXPECT_LE(result.error().offset, size);
    EXPECT_FALSE(result.error().message.empty());
  }
  // All that a truncation can leave valid are whole sections: header, types, imports, and everything but the names.
  size_t valid = 0;
  for (size_t size = 0; size < whole.size(); ++size) valid += verdict(exact(std::span(whole).first(size))) == "valid";
  EXPECT_EQ(valid, 4u);
}

TEST(Robustness, NoByteFlipCrashes) {
  const Bytes whole = full_module();
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); ++at)
    for (unsigned value = 0; value < 256; ++value) {
      Bytes damaged = exact(whole);
      damaged[at] = uint8_t(value);
      refused += verdict(damaged) != "valid";
    }
  EXPECT_GT(refused, whole.size() * 100);
}

TEST(Robustness, NoPairOfInsertedBytesCrashes) {
  const Bytes whole = full_module();
  for (size_t at = 0; at < whole.size(); ++at)
    for (auto [first, second] : {std::pair(0xff, 0xff), std::pair(0x80, 0x00), std::pair(0x0b, 0x05), std::pair(0xfc, 0x0e)}) {
      Bytes damaged = exact(whole);
      damaged.insert(damaged.begin() + ptrdiff_t(at), {uint8_t(first), uint8_t(second)});
      verdict(damaged);
    }
}

TEST(Robustness, HugeCountsDoNotAllocate) {
  const Bytes header = {0, 'a', 's', 'm', 1, 0, 0, 0}, huge = uleb(0xffffffff);
  for (uint8_t id : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11})
    EXPECT_EQ(verdict(header + Bytes{id} + sized(huge)), "unexpected end of section or function") << int(id);
  Builder module;
  module.function(module.type({}, {}), code({op::I32Const, 0, op::BrTable}) + huge);
  EXPECT_EQ(verdict(module.build()), "unexpected end of section or function");
}

TEST(Robustness, DeepNestingTakesNoStack) {
  constexpr size_t kDepth = 1'000'000;
  Bytes body;
  for (size_t i = 0; i < kDepth; ++i) body.insert(body.end(), {uint8_t(op::Block), kEmptyBlock});
  body.insert(body.end(), kDepth, uint8_t(op::End));
  Builder module;
  module.function(module.type({}, {}), body);
  EXPECT_EQ(verdict(module.build()), "valid");
}

/// A call that gives a thousand values is two bytes; the stack must not grow without bound.
TEST(Robustness, OperandsAreBounded) {
  Builder module;
  module.import_function("m", "f", module.type({}, Bytes(1000, kI32Byte)));
  Bytes body;
  for (int i = 0; i < 2000; ++i) body.insert(body.end(), {uint8_t(op::Call), 0});
  module.function(module.type({}, {}), body + code({op::Unreachable}));
  EXPECT_EQ(verdict(module.build()), "too many operands: the limit is 1000000");
}

}  // namespace
}  // namespace wasmc::wasm::test
