#include "codegen/shrink_wrapping.h"

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>

#include <vector>

namespace wasmc::codegen {
namespace {

std::vector<llvm::MCPhysReg> listed(const llvm::MCPhysReg *list) {
  std::vector<llvm::MCPhysReg> out;
  for (; *list; ++list) out.push_back(*list);
  return out;
}

void hide_context(llvm::MachineFunction &function) {
  llvm::MachineRegisterInfo &registers = function.getRegInfo();
  for (const llvm::MCPhysReg preserved : listed(registers.getCalleeSavedRegs()))
    if (registers.isLiveIn(preserved) && !registers.isPhysRegModified(preserved)) registers.disableCalleeSavedRegister(preserved);
}

void show_context(llvm::MachineFunction &function) {
  llvm::MachineRegisterInfo &registers = function.getRegInfo();
  const auto all = listed(function.getSubtarget().getRegisterInfo()->getCalleeSavedRegs(&function));
  if (listed(registers.getCalleeSavedRegs()) != all) registers.setCalleeSavedRegs(all);
}

class ChangeRegisters : public llvm::MachineFunctionPass {
 public:
  using Change = void (*)(llvm::MachineFunction &);
  static char ID;
  explicit ChangeRegisters(Change change) : MachineFunctionPass(ID), change_(change) {}
  void getAnalysisUsage(llvm::AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(llvm::MachineFunction &function) override {
    change_(function);
    return false;
  }

 private:
  Change change_;
};

char ChangeRegisters::ID = 0;

}  // namespace

llvm::FunctionPass *create_hide_context_pass() { return new ChangeRegisters(hide_context); }
llvm::FunctionPass *create_show_context_pass() { return new ChangeRegisters(show_context); }

}  // namespace wasmc::codegen
