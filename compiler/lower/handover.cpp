#include "lower/handover.h"

#include <llvm/IR/Constants.h>

#include <array>
#include <bit>

namespace wasmc::lower {
namespace {

// Instructions as numbers: they must come before everything that LLVM puts into a function, and take the same room in each. They may change
// only what is nobody's at a function's entry: r11; x16 and x17.

constexpr uint32_t kX86Size = 11;
std::array<uint8_t, kX86Size> x86_handover(uint32_t body) {
  const auto slot = std::bit_cast<std::array<uint8_t, 4>>(uint32_t(body * sizeof(void *)));
  return {0x4d, 0x8b, 0x5d, uint8_t(int8_t(abi::kSuccessorsOffset)),           // mov r11, [r13 + kSuccessorsOffset]
          0x41, 0xff, 0xa3, slot[0], slot[1], slot[2], slot[3]};               // jmp [r11 + slot]
}
static_assert(abi::kSuccessorsOffset >= INT8_MIN);

constexpr uint32_t kAArch64Size = 20;
std::array<uint32_t, kAArch64Size / 4> aarch64_handover(uint32_t body) {
  constexpr uint32_t kX16 = 16, kX17 = 17, kContext = 20;
  return {0xf8400000 | (uint32_t(abi::kSuccessorsOffset) & 0x1ff) << 12 | kContext << 5 | kX16,  // ldur x16, [x20, kSuccessorsOffset]
          0xd2800000 | (body & 0xffff) << 5 | kX17,                                              // movz x17, body
          0xf2a00000 | (body >> 16) << 5 | kX17,                                                 // movk x17, body >> 16, lsl 16
          0xf8607800 | kX17 << 16 | kX16 << 5 | kX16,                                            // ldr x16, [x16, x17, lsl 3]
          0xd61f0000 | kX16 << 5};                                                               // br x16
}
static_assert(abi::kSuccessorsOffset >= -256);

}  // namespace

void begin_with_handover(llvm::Function *function, uint32_t body, const Isa &isa) {
  llvm::LLVMContext &llvm = function->getContext();
  const auto x86 = x86_handover(body);
  const auto aarch64 = aarch64_handover(body);
  function->setPrologueData(isa.x86 ? llvm::ConstantDataArray::get(llvm, llvm::ArrayRef(x86)) : llvm::ConstantDataArray::get(llvm, llvm::ArrayRef(aarch64)));
}

uint32_t handover_size(abi::Arch arch) { return arch == abi::Arch::X86_64 ? kX86Size : kAArch64Size; }

}  // namespace wasmc::lower
