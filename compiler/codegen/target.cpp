// The CPU that LLVM is told is always the architecture's baseline, and the features are always the whole list of
// cpu_features.def, "+x" or "-x": a real CPU's name would switch on what a virtual machine may mask. The real name is used for
// tuning only (attribute "tune-cpu", see pipeline.cpp).
#include "codegen/target.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include <sys/auxv.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <vector>

namespace wasmc::codegen {
namespace {

constexpr std::string_view kX86Features[] = {
#define WASMC_X86(name, level) name,
#include "abi/cpu_features.def"
};
constexpr std::string_view kAArch64Features[] = {
#define WASMC_AARCH64(name, cpuinfo) name,
#include "abi/cpu_features.def"
};

std::span<const std::string_view> feature_names(abi::Arch arch) {
  if (arch == abi::Arch::X86_64) return kX86Features;
  return kAArch64Features;
}
const char *triple_of(abi::Arch arch) {
  return arch == abi::Arch::X86_64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
}
/// What every CPU of the architecture has.
const char *baseline_cpu(abi::Arch arch) { return arch == abi::Arch::X86_64 ? "x86-64" : "generic"; }

bool test(const FeatureBits &bits, size_t row) { return bits[row / 64] >> (row % 64) & 1; }
void set(FeatureBits &bits, size_t row) { bits[row / 64] |= uint64_t{1} << (row % 64); }

/// Settings of LLVM that no interface has but its command line. They are about how long compiling takes.
void set_up_code_generator() {
  static constexpr const char *kOptions[] = {
      "wasmc",
      // CodeGenPrepare looks at all blocks again until nothing changes, unless a function has as many as this: then only at those that did.
      "-cgpp-huge-func=1",
      // No variable has a debug location here, but one of the two ways of following them does its work all the same.
      "-experimental-debug-variable-locations=false",
      // How many blocks the greedy register allocator looks at to let a value's region grow: in large functions it spends a fifth of its time there
      // with LLVM's 10,000.
      "-grow-region-complexity-budget=3000",
      // How many blocks GVN looks through for what a load reads, with LLVM's limit 200. No program of bench/ loses an instruction.
      "-memdep-block-number-limit=20",
  };
  llvm::cl::ParseCommandLineOptions(int(std::size(kOptions)), kOptions);
}

/// The registry entry, with LLVM's tables of both architectures set up once in the process.
const llvm::Target &llvm_target(abi::Arch arch) {
  static std::once_flag once;
  std::call_once(once, [] {
    set_up_code_generator();
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
  });
  std::string error;
  return *llvm::TargetRegistry::lookupTarget(llvm::Triple(triple_of(arch)), error);
}

Result<abi::Arch> resolve_arch(const std::string &text) {
  const llvm::Triple triple(text.empty() ? llvm::sys::getProcessTriple() : llvm::Triple::normalize(text));
  const bool any_system = triple.getOS() == llvm::Triple::UnknownOS && triple.getEnvironment() == llvm::Triple::UnknownEnvironment;
  if (!any_system && !(triple.isOSLinux() && (triple.isGNUEnvironment() || triple.isMusl() ||
                                              triple.getEnvironment() == llvm::Triple::UnknownEnvironment)))
    return fail("target '" + text + "' is not supported: only Linux is");
  if (triple.isX32()) return fail("target '" + text + "' is not supported: the x32 ABI");
  if (triple.getArch() == llvm::Triple::x86_64) return abi::Arch::X86_64;
  if (triple.getArch() == llvm::Triple::aarch64) return abi::Arch::AArch64;
  return fail("target '" + text + "' is not supported: only x86_64 and aarch64 are");
}

bool is_host(abi::Arch arch) {
  const auto host = llvm::Triple(llvm::sys::getProcessTriple()).getArch();
  return host == (arch == abi::Arch::X86_64 ? llvm::Triple::x86_64 : llvm::Triple::aarch64);
}

struct Cpu {
  std::string name;
  std::string features;  ///< on top of the name's, in LLVM's notation
};

/// x86-64: whether the system lets programs read and write segment bases, which Linux tells in a bit of AT_HWCAP2.
bool system_has_fsgsbase() { return getauxval(AT_HWCAP2) >> 1 & 1; }

/// The host's CPU name with the features that it really has. What it lacks comes last: LLVM's "-avx" also takes away
/// what builds on it.
Cpu host_cpu(abi::Arch arch) {
  const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  std::string has, lacks;
  for (std::string_view name : feature_names(arch)) {
    const bool present = host.lookup(llvm::StringRef(name)) && (name != "fsgsbase" || system_has_fsgsbase());
    std::string &list = present ? has : lacks;
    list += std::string(present ? "+" : "-") + std::string(name) + ",";
  }
  return {llvm::sys::getHostCPUName().str(), has + lacks};
}

Result<Cpu> resolve_cpu(abi::Arch arch, const std::string &name) {
  if (name == "native" || (name.empty() && is_host(arch))) {
    if (!is_host(arch)) return fail(std::string("CPU 'native' is not a ") + triple_of(arch) + " CPU: name one, or 'generic'");
    return host_cpu(arch);
  }
  if (name.empty() || name == "generic") return Cpu{baseline_cpu(arch), ""};
  return Cpu{name, ""};
}

/// Checks the user's `+x,-y` against the list. LLVM would only print a warning for an unknown name.
Result<> check_feature_words(abi::Arch arch, llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef word : words) {
    if (!word.starts_with("+") && !word.starts_with("-")) return fail("CPU feature '" + word.str() + "' must begin with + or -");
    const auto names = feature_names(arch);
    if (std::ranges::find(names, std::string_view(word.drop_front())) == names.end())
      return fail("unknown CPU feature '" + word.drop_front().str() + "' for " + triple_of(arch));
  }
  return {};
}

/// The rows that a CPU name and a feature string switch on, what they imply included.
Result<FeatureBits> features_of(abi::Arch arch, const Cpu &cpu) {
  const llvm::Target &target = llvm_target(arch);
  const llvm::Triple triple(triple_of(arch));
  std::unique_ptr<llvm::MCSubtargetInfo> known(target.createMCSubtargetInfo(triple, baseline_cpu(arch), ""));
  if (!known->isCPUStringValid(cpu.name)) return fail("unknown CPU '" + cpu.name + "' for " + triple_of(arch));
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(target.createMCSubtargetInfo(triple, cpu.name, cpu.features));
  if (arch == abi::Arch::X86_64 && !subtarget->checkFeatures("+64bit")) return fail("CPU '" + cpu.name + "' is not a 64-bit CPU");
  FeatureBits bits{};
  const auto names = feature_names(arch);
  for (size_t row = 0; row < names.size(); ++row)
    if (subtarget->checkFeatures("+" + std::string(names[row]))) set(bits, row);
  return bits;
}

llvm::CodeGenOptLevel codegen_level(compiler::OptLevel level) {
  switch (level) {
    case compiler::OptLevel::O0: return llvm::CodeGenOptLevel::None;
    case compiler::OptLevel::O1: return llvm::CodeGenOptLevel::Less;
    case compiler::OptLevel::O3: return llvm::CodeGenOptLevel::Aggressive;
    case compiler::OptLevel::O2:
    case compiler::OptLevel::Os: break;
  }
  return llvm::CodeGenOptLevel::Default;
}

}  // namespace

bool ResolvedTarget::has(std::string_view feature) const {
  const auto names = feature_names(arch);
  const auto row = std::ranges::find(names, feature);
  return row != names.end() && test(feature_bits, size_t(row - names.begin()));
}

std::string ResolvedTarget::feature_list() const {
  std::string out;
  const auto names = feature_names(arch);
  for (size_t row = 0; row < names.size(); ++row) {
    if (row > 0) out += ',';
    out += test(feature_bits, row) ? '+' : '-';
    out += names[row];
  }
  return out;
}

Result<ResolvedTarget> resolve(const compiler::Target &target) {
  const abi::Arch arch = TRY(resolve_arch(target.triple));
  Cpu cpu = TRY(resolve_cpu(arch, target.cpu));
  TRY(check_feature_words(arch, target.features));
  cpu.features += target.features;
  return ResolvedTarget{arch, triple_of(arch), cpu.name, TRY(features_of(arch, cpu))};
}

std::unique_ptr<llvm::TargetMachine> create_target_machine(const ResolvedTarget &target, compiler::OptLevel level) {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  // Behind a call that does not return stands nothing; an `unreachable` anywhere else must not run on into other code.
  options.TrapUnreachable = true;
  options.NoTrapAfterNoreturn = true;
  options.EnableFastISel = level == compiler::OptLevel::O0;
  std::unique_ptr<llvm::TargetMachine> machine(llvm_target(target.arch)
      .createTargetMachine(llvm::Triple(target.triple), baseline_cpu(target.arch), target.feature_list(), options,
                           llvm::Reloc::PIC_, llvm::CodeModel::Small, codegen_level(level)));
  if (level == compiler::OptLevel::O0) machine->setGlobalISel(false);  // AArch64's default at this level
  return machine;
}

}  // namespace wasmc::codegen
