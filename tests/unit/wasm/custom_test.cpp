// Custom sections: what is read of them, and that a malformed one is ignored.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/module.h"

namespace wasmc::wasm::test {
namespace {

/// A module of one import and two functions with one custom section; the bytes live as long as the test.
class Custom : public ::testing::Test {
 protected:
  Module decode(std::string_view name, const Bytes &contents) {
    Builder module;
    const uint32_t type = module.type({}, {});
    module.import_function("m", "f", type);
    module.function(type, {});
    module.function(type, {});
    module.custom(name, contents);
    bytes_ = module.build();
    Result<Module> result = decode_module(bytes_);
    EXPECT_TRUE(result);
    return result ? *result : Module{};
  }

 private:
  Bytes bytes_;
};

Bytes subsection(uint8_t id, const Bytes &contents) { return Bytes{id} + sized(contents); }

TEST_F(Custom, IsKeptAsFound) {
  const Module module = decode("producers", {1, 2, 3});
  ASSERT_EQ(module.custom_sections.size(), 1u);
  EXPECT_EQ(module.custom_sections[0].name, "producers");
  EXPECT_EQ(module.custom_sections[0].bytes.size(), 3u);
  EXPECT_EQ(module.bytes.data() + module.custom_sections[0].offset, module.custom_sections[0].bytes.data());
}

TEST_F(Custom, Names) {
  const Bytes functions = list({uleb(0) + text("imported"), uleb(2) + text("last")});
  const Module module = decode("name", subsection(0, text("mine")) + subsection(1, functions) + subsection(2, {9, 9, 9}));
  EXPECT_EQ(module.name, "mine");
  EXPECT_EQ(module.function_name(FuncIndex(0)), "imported");
  EXPECT_EQ(module.function_name(FuncIndex(1)), "");
  EXPECT_EQ(module.function_name(FuncIndex(2)), "last");
}

TEST_F(Custom, MalformedNamesAreIgnored) {
  const Bytes good = subsection(0, text("mine"));
  for (const Bytes &bad :
       {subsection(1, list({uleb(3) + text("unknown function")})), subsection(1, {1, 0, 1, 0xff}), subsection(1, {9}),
        Bytes{1, 100, 0}, subsection(1, {0xff, 0xff, 0xff, 0xff, 0x0f}), subsection(1, list({uleb(0xffffffff) + text("a")}))}) {
    const Module module = decode("name", good + bad);
    EXPECT_EQ(module.name, "");
    EXPECT_TRUE(module.function_names.empty());
  }
}

TEST_F(Custom, BranchHints) {
  const Bytes hints = list({uleb(1) + list({uleb(3) + Bytes{1, 1}, uleb(9) + Bytes{1, 0}})});
  const Module module = decode("metadata.code.branch_hint", hints);
  ASSERT_EQ(module.branch_hints.size(), 1u);
  const auto &of_one = module.branch_hints.at(FuncIndex(1));
  ASSERT_EQ(of_one.size(), 2u);
  EXPECT_EQ(of_one[0].offset, 3u);
  EXPECT_TRUE(of_one[0].likely);
  EXPECT_EQ(of_one[1].offset, 9u);
  EXPECT_FALSE(of_one[1].likely);
}

TEST_F(Custom, MalformedBranchHintsAreIgnored) {
  const auto hint = [](uint32_t func, const std::vector<Bytes> &hints) { return list({uleb(func) + list(hints)}); };
  for (const Bytes &bad : {hint(0, {Bytes{3, 1, 1}}),                   // an import
                           hint(3, {Bytes{3, 1, 1}}),                   // no such function
                           hint(1, {Bytes{3, 1, 2}}),                   // no such hint
                           hint(1, {Bytes{3, 2, 1, 1}}),                // a hint of two bytes
                           hint(1, {Bytes{3, 1, 1}, Bytes{3, 1, 1}}),   // not in order
                           hint(1, {Bytes{3, 1, 1}}) + Bytes{0}, Bytes{5}, Bytes{}})
    EXPECT_TRUE(decode("metadata.code.branch_hint", bad).branch_hints.empty());
}

}  // namespace
}  // namespace wasmc::wasm::test
