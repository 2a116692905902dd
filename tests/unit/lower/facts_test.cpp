// Which tables hold the module's own functions only. A wrong yes would run a foreign function with the wrong context: each way for a
// foreign function to get into a table has a test.
#include "lower/facts.h"

#include <gtest/gtest.h>

#include "build.h"
#include "wasm/module.h"

namespace wasmc::lower {
namespace {

using namespace wasm::test;
namespace op = wasm::op;

/// An imported function 0, a defined function 1 in the table's segment, and function 2 with the given body.
class Facts : public testing::Test {
 protected:
  Facts() {
    const uint32_t nothing = module.type({}, {});
    module.import_function("env", "foreign", nothing);
    own = module.function(nothing, {});
    module.table(kFuncRefByte, 4);
    type = nothing;
  }
  void segment_of(uint8_t function) { module.element(Bytes{0} + code({op::I32Const, 0, op::End}) + Bytes{1, function}); }
  void body(const Bytes &code) { module.function(type, code); }

  bool closed() {
    const Bytes bytes = module.build();
    const auto decoded = wasm::decode_module(bytes);
    EXPECT_TRUE(decoded) << decoded.error().describe();
    const auto facts = collect_facts(*decoded, 1);
    EXPECT_TRUE(facts) << facts.error().describe();
    return facts->holds_own_functions_only.at(0);
  }

  Builder module;
  uint32_t own = 0, type = 0;
};

TEST_F(Facts, ATableOfOwnFunctionsIsClosed) {
  segment_of(1);
  body(code({op::I32Const, 0, op::CallIndirect, 0, 0}));
  EXPECT_TRUE(closed());
}

TEST_F(Facts, ReadingATableLeavesItClosed) {
  segment_of(1);
  body(code({op::I32Const, 0, op::TableGet, 0, op::Drop, op::TableSize, 0, op::Drop}));
  EXPECT_TRUE(closed());
}

TEST_F(Facts, AnImportInItsSegmentOpensIt) {
  segment_of(0);
  EXPECT_FALSE(closed());
}

TEST_F(Facts, AnImportInASegmentOfExpressionsOpensIt) {
  module.element(Bytes{4} + code({op::I32Const, 0, op::End}) + Bytes{1} + code({op::RefFunc, 0, op::End}));
  EXPECT_FALSE(closed());
}

TEST_F(Facts, AnExportOpensIt) {
  module.export_("table", 1, 0);
  EXPECT_FALSE(closed());
}

TEST_F(Facts, EachWritingInstructionOpensIt) {
  const std::vector<Bytes> writers = {
      code({op::I32Const, 0, op::RefNull, kFuncRefByte, op::TableSet, 0}),
      code({op::RefNull, kFuncRefByte, op::I32Const, 1, op::TableGrow, 0, op::Drop}),
      code({op::I32Const, 0, op::RefNull, kFuncRefByte, op::I32Const, 1, op::TableFill, 0}),
      code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 1, op::TableCopy, 0, 0}),
      code({op::I32Const, 0, op::I32Const, 0, op::I32Const, 1, op::TableInit, 0, 0})};
  for (const Bytes &writer : writers) {
    Builder fresh;
    const uint32_t nothing = fresh.type({}, {});
    fresh.import_function("env", "foreign", nothing);
    fresh.function(nothing, {});
    fresh.function(nothing, writer);
    fresh.table(kFuncRefByte, 4);
    fresh.element(Bytes{1, 0, 1, 1});  // passive
    module = fresh;
    EXPECT_FALSE(closed()) << "writer " << (&writer - writers.data());
  }
}

TEST_F(Facts, WhatIsNeverReachedWritesNothing) {
  body(code({op::Unreachable, op::I32Const, 0, op::RefNull, kFuncRefByte, op::TableSet, 0}));
  EXPECT_TRUE(closed());
}

TEST_F(Facts, AnInvalidBodyIsTheError) {
  body(code({op::I32Add}));
  const Bytes bytes = module.build();
  const auto decoded = wasm::decode_module(bytes);
  ASSERT_TRUE(decoded);
  const auto facts = collect_facts(*decoded, 2);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().where, "function 2");
}

}  // namespace
}  // namespace wasmc::lower
