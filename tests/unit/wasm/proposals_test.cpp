// What wasmc does not support yet is refused by name, with the offset.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validator.h"

namespace wasmc::wasm::test {
namespace {

struct Case {
  const char *what;
  Bytes bytes;
  const char *proposal;
};

Bytes body(const Bytes &code) {
  Builder module;
  module.memory(1);
  module.table(kFuncRefByte, 1);
  module.function(module.type({}, {}), code);
  return module.build();
}
Bytes section(uint8_t id, const Bytes &contents) {
  Builder module;
  if (id != 13) {
    module.whole(id, contents);
    return module.build();
  }
  return module.build() + Bytes{id} + sized(contents);
}

TEST(Proposals, AreRefusedByName) {
  const Case cases[] = {
      {"v128.const", body({0xfd, 12}), "SIMD"},
      {"f32x4.relaxed_madd", body({0xfd, 0x85, 0x02}), "relaxed SIMD"},
      {"atomic.fence", body({0xfe, 3, 0}), "threads"},
      {"struct.new", body({0xfb, 0, 0}), "GC"},
      {"ref.eq", body({0xd3}), "GC"},
      {"throw", body({0x08, 0}), "exception handling"},
      {"throw_ref", body({0x0a}), "exception handling"},
      {"try_table", body({0x1f, 0x40, 0}), "exception handling"},
      {"try", body({0x06, 0x40}), "exception handling"},
      {"i64.add128", body({0xfc, 0x13}), "wide arithmetic"},
      {"i64.mul_wide_u", body({0xfc, 0x16}), "wide arithmetic"},
      {"load of a second memory", body({0x41, 0, 0x28, 0x42, 1, 0}), "multi-memory"},
      {"block of v128", body({0x02, 0x7b}), "SIMD"},
      {"ref.null any", body({0xd0, 0x6e}), "GC"},
      {"parameter v128", section(1, {1, 0x60, 1, 0x7b, 0}), "SIMD"},
      {"parameter exnref", section(1, {1, 0x60, 1, 0x69, 0}), "exception handling"},
      {"struct type", section(1, {1, 0x5f, 0}), "GC"},
      {"array type in a rec group", section(1, {1, 0x4e, 1, 0x5e, 0x7f, 0}), "GC"},
      {"sub type of a struct", section(1, {1, 0x50, 0, 0x5f, 0}), "GC"},
      {"parameter (ref none)", section(1, {1, 0x60, 1, 0x64, 0x71, 0}), "GC"},
      {"parameter (ref null exn)", section(1, {1, 0x60, 1, 0x63, 0x69, 0}), "exception handling"},
      {"64-bit table", section(4, {1, kFuncRefByte, 4, 0}), "memory64"},
      {"shared memory", section(5, {1, 3, 1, 1}), "threads"},
      {"64-bit memory", section(5, {1, 4, 1}), "memory64"},
      {"two memories", section(5, {2, 0, 1, 0, 1}), "multi-memory"},
      {"tag section", section(13, {0}), "exception handling"},
      {"tag import", section(2, {1, 0, 0, 4, 0, 0}), "exception handling"},
      {"tag export", section(7, {1, 0, 4, 0}), "exception handling"},
  };
  for (const Case &test : cases) {
    const Result<> result = validate_module(test.bytes, 1);
    ASSERT_FALSE(result) << test.what;
    EXPECT_EQ(result.error().message, std::string("proposal ") + test.proposal + " is not supported yet") << test.what;
    EXPECT_LT(result.error().offset, test.bytes.size()) << test.what;
  }
}

TEST(Proposals, PageSizesAreMalformedInTheStandardButNamed) {
  EXPECT_EQ(validate_module(section(5, {1, 8, 1, 0}), 1).error().message,
            "malformed limits flags: proposal custom page sizes is not supported yet");
}

}  // namespace
}  // namespace wasmc::wasm::test
