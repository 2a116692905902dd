#include "wasi/guest_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "guest.h"

namespace wasmc::wasi {
namespace {

TEST(GuestMemory, BytesInsideAndOutside) {
  std::array<uint8_t, 100> bytes{};
  GuestMemory memory(bytes);
  EXPECT_EQ((*memory.bytes(0, 100)).size(), 100u);
  EXPECT_EQ((*memory.bytes(99, 1)).data(), &bytes[99]);
  EXPECT_REFUSED(memory.bytes(0, 101), Fault);
  EXPECT_REFUSED(memory.bytes(100, 1), Fault);
  EXPECT_REFUSED(memory.bytes(99, 2), Fault);
}

TEST(GuestMemory, AddressPlusLengthDoesNotWrap) {
  std::array<uint8_t, 100> bytes{};
  GuestMemory memory(bytes);
  EXPECT_REFUSED(memory.bytes(0xffff'ffff, 2), Fault);
  EXPECT_REFUSED(memory.bytes(0xffff'ffff, 0xffff'ffff), Fault);
  EXPECT_REFUSED(memory.bytes(10, 0xffff'fff7), Fault);
  EXPECT_REFUSED(memory.bytes(1, UINT64_MAX), Fault);
  EXPECT_REFUSED(memory.slice<Subscription>(48, 0xffff'ffff), Fault);  // the product has more than 32 bits
  EXPECT_REFUSED(memory.slice<uint64_t>(8, 0x2000'0000), Fault);      // … and is 0 in 32 bits
}

TEST(GuestMemory, NothingIsNeverOutside) {
  std::array<uint8_t, 4> bytes{};
  GuestMemory memory(bytes);
  EXPECT_TRUE(memory.bytes(0xffff'ffff, 0)->empty());
  EXPECT_EQ(memory.slice<uint64_t>(3, 0)->size(), 0u);
  GuestMemory none{std::span<uint8_t>()};
  EXPECT_OK(none.bytes(0, 0));
  EXPECT_REFUSED(none.bytes(0, 1), Fault);
}

TEST(GuestMemory, AlignmentIsTheType) {
  std::array<uint8_t, 128> bytes{};
  GuestMemory memory(bytes);
  EXPECT_OK(memory.cell<uint8_t>(3));
  EXPECT_REFUSED(memory.cell<uint32_t>(2), Inval);
  EXPECT_OK(memory.cell<uint32_t>(4));
  EXPECT_REFUSED(memory.cell<uint64_t>(4), Inval);
  EXPECT_REFUSED(memory.cell<Filestat>(12), Inval);
  EXPECT_OK(memory.cell<Filestat>(64));
  EXPECT_REFUSED(memory.cell<Filestat>(72), Fault);
}

TEST(GuestMemory, SliceLoadsAndStoresInPlace) {
  std::array<uint8_t, 16> bytes{};
  GuestMemory memory(bytes);
  auto slice = *memory.slice<uint32_t>(4, 3);
  slice.store(2, 0x01020304);
  EXPECT_EQ(bytes[12], 4);
  EXPECT_EQ(bytes[15], 1);
  EXPECT_EQ(slice.load(2), 0x01020304u);
  EXPECT_EQ(bytes[11], 0);
}

}  // namespace
}  // namespace wasmc::wasi
