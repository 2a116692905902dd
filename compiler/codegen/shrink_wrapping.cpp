#include "codegen/shrink_wrapping.h"

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>

#include <vector>

namespace wasmc::codegen {
namespace {

std::vector<llvm::MCPhysReg> preserved_registers(const llvm::MCPhysReg *list) {
  std::vector<llvm::MCPhysReg> out;
  for (; *list; ++list) out.push_back(*list);
  return out;
}

class HideContext : public llvm::MachineFunctionPass {
 public:
  static char ID;
  HideContext() : MachineFunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(llvm::MachineFunction &function) override {
    llvm::MachineRegisterInfo &registers = function.getRegInfo();
    for (const llvm::MCPhysReg preserved : preserved_registers(registers.getCalleeSavedRegs()))
      if (registers.isLiveIn(preserved) && !registers.isPhysRegModified(preserved)) registers.disableCalleeSavedRegister(preserved);
    return false;
  }
};

class ShowContext : public llvm::MachineFunctionPass {
 public:
  static char ID;
  ShowContext() : MachineFunctionPass(ID) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(llvm::MachineFunction &function) override {
    llvm::MachineRegisterInfo &registers = function.getRegInfo();
    const auto all = preserved_registers(function.getSubtarget().getRegisterInfo()->getCalleeSavedRegs(&function));
    if (preserved_registers(registers.getCalleeSavedRegs()) != all) registers.setCalleeSavedRegs(all);
    return false;
  }
};

char HideContext::ID = 0;
char ShowContext::ID = 0;

}  // namespace

llvm::FunctionPass *create_hide_context_pass() { return new HideContext; }
llvm::FunctionPass *create_show_context_pass() { return new ShowContext; }

}  // namespace wasmc::codegen
