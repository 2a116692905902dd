#include "codegen/context_register.h"

#include <llvm/CodeGen/LiveIntervals.h>
#include <llvm/CodeGen/LiveRegMatrix.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/VirtRegMap.h>

#include <set>

namespace wasmc::codegen {
namespace {

/// The context arrives in a register that calls preserve, as no other parameter does: the copy of it at the function's beginning.
const llvm::MachineInstr *arrival_of_context(const llvm::MachineFunction &function) {
  const llvm::MachineRegisterInfo &registers = function.getRegInfo();
  std::set<llvm::MCPhysReg> preserved;
  for (const llvm::MCPhysReg *r = registers.getCalleeSavedRegs(); *r; ++r) preserved.insert(*r);
  for (const llvm::MachineInstr &instruction : function.front()) {
    if (!instruction.isFullCopy()) continue;
    const llvm::Register from = instruction.getOperand(1).getReg(), into = instruction.getOperand(0).getReg();
    if (from.isPhysical() && into.isVirtual() && preserved.contains(from)) return &instruction;
  }
  return nullptr;
}

/// Not so what only hands the context on, as a call does: that can as well load it.
bool accesses_memory(const llvm::MachineInstr &instruction) { return instruction.mayLoadOrStore() && !instruction.isCall(); }

class KeepContext : public llvm::MachineFunctionPass {
 public:
  static char ID;
  KeepContext() : MachineFunctionPass(ID) {}

  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.addRequired<llvm::LiveIntervalsWrapperPass>();
    usage.addRequired<llvm::VirtRegMapWrapperLegacy>();
    usage.addRequired<llvm::LiveRegMatrixWrapperLegacy>();
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

  bool runOnMachineFunction(llvm::MachineFunction &function) override {
    const llvm::MachineInstr *arrival = arrival_of_context(function);
    if (!arrival) return false;
    const llvm::MachineRegisterInfo &registers = function.getRegInfo();
    const llvm::Register context = arrival->getOperand(0).getReg();
    if (llvm::none_of(registers.use_nodbg_instructions(context), accesses_memory)) return false;
    llvm::LiveInterval &range = getAnalysis<llvm::LiveIntervalsWrapperPass>().getLIS().getInterval(context);
    llvm::LiveRegMatrix &matrix = getAnalysis<llvm::LiveRegMatrixWrapperLegacy>().getLRM();
    const auto assign = [&](llvm::MCRegister to) {
      if (!registers.getRegClass(context)->contains(to) || registers.isReserved(to)) return false;
      if (matrix.checkInterference(range, to) != llvm::LiveRegMatrix::IK_Free) return false;
      range.markNotSpillable();
      matrix.assign(range, to);
      return true;
    };
    if (assign(arrival->getOperand(1).getReg().asMCReg())) return false;
    // Calls of other instances, and of imports, take another context there.
    for (const llvm::MCPhysReg *other = registers.getCalleeSavedRegs(); *other; ++other)
      if (assign(*other)) return false;
    return false;
  }
};

char KeepContext::ID = 0;

}  // namespace

llvm::FunctionPass *create_keep_context_pass() { return new KeepContext; }

}  // namespace wasmc::codegen
