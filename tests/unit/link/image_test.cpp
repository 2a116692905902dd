#include "link/image.h"

#include <gtest/gtest.h>

#include "wasm/opcode.h"

namespace wasmc::link {
namespace {

constexpr uint64_t kBlock = abi::kImageAlignment;

/// A module with a memory of `pages` and data segments; their bytes must outlive it.
struct ModuleWithData : wasm::Module {
  explicit ModuleWithData(uint64_t pages) { memories.push_back({{.min = pages}}); }
  ModuleWithData &active(uint64_t address, std::string_view bytes) {
    wasm::DataSegment segment{wasm::SegmentMode::Active, {}, {}, as_bytes(bytes)};
    segment.offset = wasm::ConstExpr{{{wasm::op::I32Const, 0, address}}};
    data.push_back(segment);
    return *this;
  }
  ModuleWithData &at_global(std::string_view bytes) {
    wasm::DataSegment segment{wasm::SegmentMode::Active, {}, {}, as_bytes(bytes)};
    segment.offset = wasm::ConstExpr{{{wasm::op::GlobalGet, 0, 0}}};
    data.push_back(segment);
    return *this;
  }
  ModuleWithData &passive(std::string_view bytes) {
    data.push_back({wasm::SegmentMode::Passive, {}, {}, as_bytes(bytes)});
    return *this;
  }
  static std::span<const uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
  }
};

Image flat(const wasm::Module &module) { return flatten_data(module, abi::Arch::X86_64); }

/// The byte that memory 0 begins with at an address.
uint8_t byte_at(const Image &image, uint64_t address) {
  for (const abi::ImageRun &run : image.runs)
    if (address >= run.address && address - run.address < run.size) return image.bytes[run.file + (address - run.address)];
  return 0;
}

TEST(Image, PutsSegmentsInPlace) {
  const auto module = ModuleWithData(1).active(1024, "hello").active(1026, "XY");
  const Image image = flat(module);
  EXPECT_EQ(image.holds, (std::vector<bool>{true, true}));
  ASSERT_EQ(image.runs.size(), 1u);
  EXPECT_EQ(std::string(&image.bytes[1024], &image.bytes[1029]), "heXYo") << "later segments overwrite";
}

TEST(Image, LastRunIsTrimmedToWholePages) {
  const auto module = ModuleWithData(4).active(5000, "x");
  EXPECT_EQ(flat(module).runs[0].size, 8192u);
  EXPECT_EQ(flatten_data(module, abi::Arch::AArch64).runs[0].size, 65536u);
}

TEST(Image, ScatteredBytesAreCopiedAndNotMapped) {
  ModuleWithData module(1000);
  for (uint64_t i = 0; i < 500; ++i) module.active(2 * i * kBlock, "x");
  const Image image = flat(module);
  EXPECT_EQ(image.holds, std::vector<bool>(500));
  EXPECT_TRUE(image.runs.empty());
  EXPECT_TRUE(image.bytes.empty());
}

TEST(Image, RunsAreAlignedAndGapsCostNothing) {
  const auto module = ModuleWithData(100).active(kBlock - 2, "abcd").active(50 * kBlock, "z");
  const Image image = flat(module);
  ASSERT_EQ(image.runs.size(), 2u);
  EXPECT_EQ(image.runs[0].address, 0u);
  EXPECT_EQ(image.runs[0].size, 2 * kBlock) << "a segment across two blocks";
  EXPECT_EQ(image.runs[1].address, 50 * kBlock);
  EXPECT_EQ(image.runs[1].file, 2 * kBlock);
  EXPECT_EQ(byte_at(image, kBlock + 1), 'd');
  EXPECT_EQ(byte_at(image, 50 * kBlock), 'z');
  EXPECT_EQ(image.bytes.size(), 2 * kBlock + 4096);
}

TEST(Image, ZerosNeedNoRun) {
  const auto module = ModuleWithData(10).active(0, std::string_view("\0\0\0", 3));
  EXPECT_TRUE(flat(module).holds[0]);
  EXPECT_TRUE(flat(module).runs.empty());
}

TEST(Image, ZerosOverwriteWhatWasThere) {
  const auto module = ModuleWithData(1).active(0, "abc").active(1, std::string_view("\0", 1));
  EXPECT_EQ(byte_at(flat(module), 1), 0);
  EXPECT_EQ(byte_at(flat(module), 2), 'c');
}

TEST(Image, StopsAtTheFirstSegmentThatMayFail) {
  EXPECT_EQ(flat(ModuleWithData(1).active(0, "a").active(65536, "b").active(8, "c")).holds, (std::vector<bool>{true, false, false}));
  EXPECT_EQ(flat(ModuleWithData(1).active(0, "a").at_global("b").active(8, "c")).holds, (std::vector<bool>{true, false, false}));
  EXPECT_EQ(flat(ModuleWithData(1).active(0xffffffff, "ab")).holds, (std::vector<bool>{false}));
}

TEST(Image, PassiveSegmentsStayAndDoNotStop) {
  EXPECT_EQ(flat(ModuleWithData(1).passive("p").active(0, "a")).holds, (std::vector<bool>{false, true}));
}

TEST(Image, OnlyTheModulesOwnMemory) {
  auto module = ModuleWithData(1).active(0, "a");
  module.imported_memories = 1;
  EXPECT_EQ(flat(module).holds, (std::vector<bool>{false}));
}

TEST(Image, NothingIfFunctionsCanOutliveAFailedInstantiation) {
  auto module = ModuleWithData(1).active(0, "a");
  module.tables.push_back({});
  module.imported_tables = 1;
  module.elements.push_back({wasm::SegmentMode::Active, wasm::kFuncRef});
  EXPECT_EQ(flat(module).holds, (std::vector<bool>{false}));
}

}  // namespace
}  // namespace wasmc::link
