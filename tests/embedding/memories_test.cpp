// Every kind of memory and table: several of them, with 64-bit indices, with pages of one byte. What is accessed is compared with a
// model that computes in 128 bits, where nothing wraps around.
#include <array>

#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Memories : public GuestTest {
 protected:
  std::string link_error(const std::string &text) {
    auto made = module(text);
    if (!made) return made.error().describe();
    const auto instance = linker.instantiate(store, *made);
    return instance ? "linked" : instance.error().message;
  }
};
WASMC_WITH_BOTH_BOUNDS(Memories);

constexpr char kOutOfBounds[] = "out of bounds memory access", kOutOfTable[] = "out of bounds table access";
constexpr uint64_t kGiB4 = uint64_t{1} << 32;

/// Offsets and indices where something may go wrong.
constexpr uint64_t kEdges[] = {0, 1, 7, 8, 65527, 65528, 65529, 65535, 65536, kGiB4 - 8, kGiB4 - 1, kGiB4, kGiB4 + 1, kGiB4 + 65536,
                               uint64_t{1} << 35, (uint64_t{1} << 63) - 1, uint64_t{1} << 63, uint64_t(-65536), uint64_t(-9), uint64_t(-8), uint64_t(-1)};

struct Width {
  const char *load, *store, *constant;
  uint64_t size;
};
constexpr Width kWidths[] = {{"i32.load8_u", "i32.store8", "(i32.const 0)", 1}, {"i32.load16_u", "i32.store16", "(i32.const 0)", 2},
                             {"i32.load", "i32.store", "(i32.const 0)", 4}, {"i64.load", "i64.store", "(i64.const 0)", 8}};

std::string name_of(const char *what, uint64_t offset) { return std::string(what) + "@" + std::to_string(offset); }

/// A module with a load and a store of every width at every edge that is a possible offset, of memory `$m`.
std::string all_accesses(const std::string &memories, bool is_64) {
  std::string out = memories;
  for (const Width &width : kWidths)
    for (uint64_t offset : kEdges) {
      if (!is_64 && offset >= kGiB4) continue;
      const std::string index = std::string(is_64 ? "(param i64)" : "(param i32)"), place = " $m offset=" + std::to_string(offset) + " (local.get 0)";
      out += "(func (export \"" + name_of(width.load, offset) + "\") " + index + " (drop (" + width.load + place + ")))";
      out += "(func (export \"" + name_of(width.store, offset) + "\") " + index + " (" + width.store + place + width.constant + "))";
    }
  return out;
}

void expect_exact_bounds(Memories &, auto trap, bool is_64, uint64_t length) {
  for (const Width &width : kWidths)
    for (uint64_t offset : kEdges)
      for (uint64_t edge : kEdges)
        for (uint64_t index : {edge, length - offset - width.size, length - offset - width.size + 1, length - width.size}) {
          if (!is_64 && (offset >= kGiB4 || index >= kGiB4)) continue;
          const bool is_inside = (unsigned __int128)index + offset + width.size <= length;
          for (const char *what : {width.load, width.store})
            EXPECT_EQ(trap(name_of(what, offset), index), is_inside ? "returned" : kOutOfBounds) << what << " offset " << offset << " index " << index << " of " << length;
        }
}

TEST_P(Memories, SecondMemoriesHaveExactBounds) {
  Instance &guest = wat(all_accesses("(memory 3) (memory $m 1 1)", false));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, false, 65536);
}

TEST_P(Memories, Memory64HasExactBounds) {
  Instance &guest = wat(all_accesses("(memory $m i64 1 1)", true));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, true, 65536);
}

TEST_P(Memories, EmptyMemory64HasExactBounds) {
  Instance &guest = wat(all_accesses("(memory $m i64 0 0)", true));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, true, 0);
}

TEST_P(Memories, LargeMemory64HasExactBounds) {
  Instance &guest = wat(all_accesses("(memory $m i64 65538 65538)", true));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, true, kGiB4 + 2 * 65536);
}

TEST_P(Memories, PagesOfOneByteHaveExactBounds) {
  Instance &guest = wat(all_accesses("(memory $m 65533 (pagesize 1))", false));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, false, 65533);
}

TEST_P(Memories, PagesOfOneByteAndIndicesOf64BitsHaveExactBounds) {
  Instance &guest = wat(all_accesses("(memory 1) (memory $m i64 13 (pagesize 1))", true));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, true, 13);
}

TEST_P(Memories, ImportedMemory64HasExactBounds) {
  linker.define_instance("owner", wat("(memory (export \"m\") i64 2 3)"));
  Instance &guest = wat(all_accesses("(memory $m (import \"owner\" \"m\") i64 1)", true));
  expect_exact_bounds(*this, [&](const std::string &name, uint64_t index) { return trap(guest, name.c_str(), {{.i64 = int64_t(index)}}); }, true, 131072);
}

TEST_P(Memories, AreDistinct) {
  Instance &guest = wat(R"((memory 1) (memory $b (export "b") 1 3) (memory $c i64 1)
    (data (memory $b) (i32.const 4) "two!") (data (memory $c) (i64.const 4) "tri!") (data $passive "copied")
    (func (export "a") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "b_at") (param i32) (result i32) (i32.load $b (local.get 0)))
    (func (export "c") (param i64) (result i32) (i32.load $c (local.get 0)))
    (func (export "grow_b") (param i32) (result i32) (memory.grow $b (local.get 0)))
    (func (export "size_b") (result i32) (memory.size $b))
    (func (export "size_a") (result i32) (memory.size))
    (func (export "b_to_a") (memory.copy 0 $b (i32.const 100) (i32.const 4) (i32.const 4)))
    (func (export "c_to_b") (param i32) (memory.copy $b $c (i32.const 200) (i64.const 4) (local.get 0)))
    (func (export "init_c") (memory.init $c $passive (i64.const 8) (i32.const 0) (i32.const 6)))
    (func (export "fill_c") (param i64 i64) (memory.fill $c (local.get 0) (i32.const 7) (local.get 1))))");
  constexpr int32_t kTwo = 0x216f7774, kTri = 0x21697274;
  EXPECT_EQ(call(guest, "a", {{.i32 = 4}})->i32, 0);
  EXPECT_EQ(call(guest, "b_at", {{.i32 = 4}})->i32, kTwo);
  EXPECT_EQ(call(guest, "c", {{.i64 = 4}})->i32, kTri);
  ASSERT_TRUE(call(guest, "b_to_a"));
  EXPECT_EQ(call(guest, "a", {{.i32 = 100}})->i32, kTwo);
  ASSERT_TRUE(call(guest, "c_to_b", {{.i32 = 4}}));
  EXPECT_EQ(call(guest, "b_at", {{.i32 = 200}})->i32, kTri);
  EXPECT_EQ(trap(guest, "c_to_b", {{.i32 = 65536}}), kOutOfBounds);
  EXPECT_EQ(trap(guest, "c_to_b", {{.i32 = -1}}), kOutOfBounds);
  ASSERT_TRUE(call(guest, "init_c"));
  EXPECT_EQ(call(guest, "c", {{.i64 = 8}})->i32, 0x69706f63);  // "copi"
  EXPECT_EQ(call(guest, "grow_b", {{.i32 = 2}})->i32, 1);
  EXPECT_EQ(call(guest, "grow_b", {{.i32 = 1}})->i32, -1);
  EXPECT_EQ(call(guest, "size_b")->i32, 3);
  EXPECT_EQ(call(guest, "size_a")->i32, 1);
  EXPECT_EQ(guest.get("b").memory.pages(store), 3u);
  // Lengths and places whose sum wraps around.
  for (auto [place, count] : {std::pair<uint64_t, uint64_t>{65536, 0}, {65535, 1}, {0, 65536}}) EXPECT_EQ(trap(guest, "fill_c", {{.i64 = int64_t(place)}, {.i64 = int64_t(count)}}), "returned");
  for (auto [place, count] : {std::pair<uint64_t, uint64_t>{65537, 0}, {65536, 1}, {-1, 1}, {-1, 2}, {-64, 128}, {1, -1}, {0, -1}, {kGiB4, 1}, {0, kGiB4}, {uint64_t{1} << 63, uint64_t{1} << 63}})
    EXPECT_EQ(trap(guest, "fill_c", {{.i64 = int64_t(place)}, {.i64 = int64_t(count)}}), kOutOfBounds) << place << ' ' << count;
}

TEST_P(Memories, CopiesBetweenMemory64WrapNowhere) {
  Instance &guest = wat(R"((memory $a i64 1) (memory $b i64 2)
    (func (export "copy") (param i64 i64 i64) (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2)))
    (func (export "short") (param i64 i64) (memory.copy $a $b (local.get 0) (local.get 1) (i64.const 16))))");
  const auto copy = [&](uint64_t to, uint64_t from, uint64_t count) { return trap(guest, "copy", {{.i64 = int64_t(to)}, {.i64 = int64_t(from)}, {.i64 = int64_t(count)}}); };
  for (uint64_t to : kEdges)
    for (uint64_t from : kEdges)
      for (uint64_t count : kEdges) {
        const auto fits = [&](uint64_t at, uint64_t length) { return (unsigned __int128)at + count <= length; };
        EXPECT_EQ(copy(to, from, count), fits(to, 65536) && fits(from, 131072) ? "returned" : kOutOfBounds) << to << ' ' << from << ' ' << count;
        if (count == 8) EXPECT_EQ(trap(guest, "short", {{.i64 = int64_t(to)}, {.i64 = int64_t(from)}}), to <= 65520 && from <= 131056 ? "returned" : kOutOfBounds);
      }
}

TEST_P(Memories, Memory64GoesBeyondFourGibibytes) {
  Instance &guest = wat(R"((memory (export "memory") i64 1 70000)
    (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
    (func (export "size") (result i64) (memory.size))
    (func (export "store") (param i64 i64) (i64.store (local.get 0) (local.get 1)))
    (func (export "load") (param i64) (result i64) (i64.load (local.get 0)))
    (func (export "load_far") (param i64) (result i64) (i64.load offset=0x1_0000_0000 (local.get 0))))");
  EXPECT_EQ(call(guest, "grow", {{.i64 = 65539}})->i64, 1);
  EXPECT_EQ(call(guest, "grow", {{.i64 = 4461}})->i64, -1);
  EXPECT_EQ(call(guest, "grow", {{.i64 = -1}})->i64, -1);
  EXPECT_EQ(call(guest, "grow", {{.i64 = int64_t{1} << 48}})->i64, -1);
  EXPECT_EQ(call(guest, "size")->i64, 65540);
  const uint64_t length = uint64_t{65540} << 16;
  ASSERT_TRUE(call(guest, "store", {{.i64 = int64_t(kGiB4 + 8)}, {.i64 = 42}}));
  EXPECT_EQ(call(guest, "load", {{.i64 = int64_t(kGiB4 + 8)}})->i64, 42);
  EXPECT_EQ(call(guest, "load_far", {{.i64 = 8}})->i64, 42);
  EXPECT_EQ(call(guest, "load", {{.i64 = 8}})->i64, 0);
  ASSERT_TRUE(call(guest, "store", {{.i64 = int64_t(kGiB4 - 4)}, {.i64 = -1}}));  // straddles
  EXPECT_EQ(call(guest, "load", {{.i64 = int64_t(kGiB4)}})->i64, 0xffffffff);
  EXPECT_EQ(trap(guest, "load", {{.i64 = int64_t(length - 8)}}), "returned");
  EXPECT_EQ(trap(guest, "load", {{.i64 = int64_t(length - 7)}}), kOutOfBounds);
  EXPECT_EQ(trap(guest, "load_far", {{.i64 = -int64_t(kGiB4)}}), kOutOfBounds);
  EXPECT_EQ(guest.get("memory").memory.bytes().size(), length);
}

TEST_P(Memories, WithoutAMaximumGrowUpToTheLimit) {
  Instance &guest = wat(R"((memory i64 0) (memory $small i64 0 (pagesize 1)) (memory $narrow 0 (pagesize 1))
    (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
    (func (export "grow_small") (param i64) (result i64) (memory.grow $small (local.get 0)))
    (func (export "grow_narrow") (param i32) (result i32) (memory.grow $narrow (local.get 0)))
    (func (export "narrow") (param i32) (result i32) (i32.load8_u $narrow (local.get 0))))");
  EXPECT_EQ(call(guest, "grow", {{.i64 = int64_t((abi::kMaxMemory64 >> 16) + 1)}})->i64, -1);
  EXPECT_EQ(call(guest, "grow_small", {{.i64 = int64_t(abi::kMaxMemory64 + 1)}})->i64, -1);
  EXPECT_EQ(call(guest, "grow_small", {{.i64 = 3}})->i64, 0);
  EXPECT_EQ(call(guest, "grow_small", {{.i64 = 4094}})->i64, 3);
  EXPECT_EQ(call(guest, "grow_narrow", {{.i32 = -1}})->i32, 0);  // all but one byte of 4 GiB
  EXPECT_EQ(call(guest, "grow_narrow", {{.i32 = 1}})->i32, -1);
  EXPECT_EQ(trap(guest, "narrow", {{.i32 = -2}}), "returned");
  EXPECT_EQ(trap(guest, "narrow", {{.i32 = -1}}), kOutOfBounds);
}

TEST_P(Memories, TooLargeAMinimumIsAnErrorAtInstantiation) {
  EXPECT_NE(link_error("(memory i64 0x1_0000_0000_0000)").find("are more than wasmc allows"), std::string::npos);
  EXPECT_NE(link_error("(memory 1) (memory i64 0xffff_ffff_ffff_ffff (pagesize 1))").find("are more than wasmc allows"), std::string::npos);
}

TEST_P(Memories, ImportsMatchInEveryRespect) {
  linker.define_instance("m", wat(R"((memory (export "32") 1 2) (memory (export "64") i64 1 2) (memory (export "small") 1 2 (pagesize 1))
    (memory (export "shared") 1 2 shared) (table (export "t32") 1 2 funcref) (table (export "t64") i64 1 2 funcref))"));
  const std::array<std::pair<const char *, const char *>, 4> kinds{{{"32", "1 2"}, {"64", "i64 1 2"}, {"small", "1 2 (pagesize 1)"}, {"shared", "1 2 shared"}}};
  for (auto [name, own] : kinds)
    for (auto [other, type] : kinds) {
      const std::string got = link_error("(import \"m\" \"" + std::string(name) + "\" (memory " + type + "))");
      EXPECT_EQ(got.substr(0, 24), std::string(name) == other ? "linked" : "incompatible import type") << got;
    }
  EXPECT_EQ(link_error("(import \"m\" \"t64\" (table i64 1 2 funcref)) (import \"m\" \"t32\" (table 1 2 funcref))"), "linked");
  EXPECT_NE(link_error("(import \"m\" \"t64\" (table 1 2 funcref))").find("incompatible import type"), std::string::npos);
  EXPECT_NE(link_error("(import \"m\" \"t32\" (table i64 1 2 funcref))").find("incompatible import type"), std::string::npos);
}

TEST_P(Memories, Table64LooksAtEveryBitOfAnIndex) {
  Instance &guest = wat(R"((table $t i64 4 6 funcref) (table $u 4 funcref) (type $f (func (result i32)))
    (func $five (result i32) (i32.const 5)) (elem (table $t) (i64.const 1) func $five) (elem $e func $five $five)
    (func (export "call") (param i64) (result i32) (call_indirect $t (type $f) (local.get 0)))
    (func (export "get") (param i64) (result i32) (ref.is_null (table.get $t (local.get 0))))
    (func (export "set") (param i64) (table.set $t (local.get 0) (ref.null func)))
    (func (export "size") (result i64) (table.size $t))
    (func (export "grow") (param i64) (result i64) (table.grow $t (ref.func $five) (local.get 0)))
    (func (export "fill") (param i64 i64) (table.fill $t (local.get 0) (ref.func $five) (local.get 1)))
    (func (export "init") (param i64) (table.init $t $e (local.get 0) (i32.const 0) (i32.const 2)))
    (func (export "copy") (param i64 i32 i32) (table.copy $t $u (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy_self") (param i64 i64 i64) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2))))");
  EXPECT_EQ(call(guest, "call", {{.i64 = 1}})->i32, 5);
  for (uint64_t index : {uint64_t{4}, kGiB4 + 1, uint64_t{1} << 59 | 1, uint64_t{1} << 63 | 1, uint64_t(-1)}) {
    EXPECT_EQ(trap(guest, "call", {{.i64 = int64_t(index)}}), "undefined element");
    EXPECT_EQ(trap(guest, "get", {{.i64 = int64_t(index)}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "set", {{.i64 = int64_t(index)}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "init", {{.i64 = int64_t(index)}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "fill", {{.i64 = int64_t(index)}, {.i64 = 1}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "fill", {{.i64 = 1}, {.i64 = int64_t(index)}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "copy", {{.i64 = int64_t(index)}, {.i32 = 0}, {.i32 = 1}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "copy_self", {{.i64 = 1}, {.i64 = int64_t(index)}, {.i64 = 1}}), kOutOfTable);
    EXPECT_EQ(trap(guest, "copy_self", {{.i64 = 1}, {.i64 = 1}, {.i64 = int64_t(index)}}), kOutOfTable);
  }
  EXPECT_EQ(call(guest, "size")->i64, 4);
  EXPECT_EQ(call(guest, "grow", {{.i64 = 2}})->i64, 4);
  EXPECT_EQ(call(guest, "grow", {{.i64 = 1}})->i64, -1);
  EXPECT_EQ(call(guest, "grow", {{.i64 = int64_t(kGiB4)}})->i64, -1);
  EXPECT_EQ(call(guest, "call", {{.i64 = 5}})->i32, 5);
}

}  // namespace
}  // namespace wasmc
