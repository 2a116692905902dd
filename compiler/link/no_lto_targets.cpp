// lld initialises every target of LLVM in case an input is bitcode to optimise at link time. Our inputs are objects for two
// targets, so the others are no-ops here, and some 100 MB of code generators stay out of the compiler.
#define WASMC_NO_TARGET(target)                            \
  extern "C" {                                             \
  void LLVMInitialize##target##Target() {}                 \
  void LLVMInitialize##target##TargetInfo() {}             \
  void LLVMInitialize##target##TargetMC() {}               \
  void LLVMInitialize##target##AsmPrinter() {}             \
  void LLVMInitialize##target##AsmParser() {}              \
  }
WASMC_NO_TARGET(AMDGPU)
WASMC_NO_TARGET(ARM)
WASMC_NO_TARGET(AVR)
WASMC_NO_TARGET(BPF)
WASMC_NO_TARGET(Hexagon)
WASMC_NO_TARGET(Lanai)
WASMC_NO_TARGET(LoongArch)
WASMC_NO_TARGET(M68k)
WASMC_NO_TARGET(MSP430)
WASMC_NO_TARGET(Mips)
WASMC_NO_TARGET(NVPTX)
WASMC_NO_TARGET(PowerPC)
WASMC_NO_TARGET(RISCV)
WASMC_NO_TARGET(SPIRV)
WASMC_NO_TARGET(Sparc)
WASMC_NO_TARGET(SystemZ)
WASMC_NO_TARGET(VE)
WASMC_NO_TARGET(WebAssembly)
WASMC_NO_TARGET(XCore)
WASMC_NO_TARGET(Xtensa)

// Nor is Polly wanted, which distributions build into LLVM's link-time optimiser.
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Plugins/PassPlugin.h>
llvm::PassPluginLibraryInfo getPollyPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "none", "", [](llvm::PassBuilder &) {}, nullptr};
}
