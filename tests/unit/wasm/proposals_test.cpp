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
      {"struct.new", body({0xfb, 0, 0}), "GC"},
      {"ref.eq", body({0xd3}), "GC"},
      {"throw", body({0x08, 0}), "exception handling"},
      {"throw_ref", body({0x0a}), "exception handling"},
      {"try_table", body({0x1f, 0x40, 0}), "exception handling"},
      {"try", body({0x06, 0x40}), "exception handling"},
      {"ref.null any", body({0xd0, 0x6e}), "GC"},
      {"parameter exnref", section(1, {1, 0x60, 1, 0x69, 0}), "exception handling"},
      {"struct type", section(1, {1, 0x5f, 0}), "GC"},
      {"array type in a rec group", section(1, {1, 0x4e, 1, 0x5e, 0x7f, 0}), "GC"},
      {"sub type of a struct", section(1, {1, 0x50, 0, 0x5f, 0}), "GC"},
      {"parameter (ref none)", section(1, {1, 0x60, 1, 0x64, 0x71, 0}), "GC"},
      {"parameter (ref null exn)", section(1, {1, 0x60, 1, 0x63, 0x69, 0}), "exception handling"},
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

}  // namespace
}  // namespace wasmc::wasm::test
