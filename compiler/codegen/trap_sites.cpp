#include "codegen/trap_sites.h"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineInstr.h>
#include <llvm/CodeGen/MachineMemOperand.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCSectionELF.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/Endian.h>

#include <optional>

#include "codegen/diagnostics.h"

namespace wasmc::codegen {
namespace {

/// Per function, in the order of the code: `u32 code`, `u32 size`, and as many bytes of sites. The linker leaves it out (SHF_EXCLUDE).
constexpr const char *kSection = ".wasmc.sites";

/// The line of the IR load that an instruction without a location has swallowed, as `addl (%rcx), %eax` an addition's. 0: it is not clear which;
/// none: there is no load with a line.
std::optional<uint32_t> line_of_folded_load(const llvm::MachineInstr &instruction) {
  constexpr unsigned kMaxUsers = 64;  // one address can have as many as the function has instructions
  const llvm::BasicBlock *block = instruction.getParent()->getBasicBlock();
  std::optional<uint32_t> here, elsewhere;  // the latter if this is a copy of what another block has
  for (const llvm::MachineMemOperand *access : instruction.memoperands()) {
    const llvm::Value *pointer = access->isLoad() ? access->getValue() : nullptr;
    if (!pointer || llvm::isa<llvm::Constant>(pointer)) continue;
    if (pointer->hasNUsesOrMore(kMaxUsers)) return 0;
    for (const llvm::User *user : pointer->users()) {
      const auto *load = llvm::dyn_cast<llvm::LoadInst>(user);
      if (!load || !load->getDebugLoc()) continue;
      const uint32_t line = load->getDebugLoc().getLine();
      std::optional<uint32_t> &found = load->getParent() == block ? here : elsewhere;
      if (found && *found != line) found = 0;
      else found = line;
    }
  }
  return here ? here : elsewhere;
}

class TrapSiteWriter : public llvm::AsmPrinterHandler {
 public:
  TrapSiteWriter(llvm::AsmPrinter &printer, const SiteFunctions &functions) : printer_(printer), functions_(functions) {}

  void beginFunction(const llvm::MachineFunction *function) override {
    const auto found = functions_.find(std::string_view(function->getName()));
    if (found == functions_.end()) return;
    current_ = &written_.emplace_back(found->second, label());
    line_ = 0;
  }

  void beginInstruction(const llvm::MachineInstr *instruction) override {
    if (!current_ || instruction->isMetaInstruction()) return;
    const bool is_first = block_ != instruction->getParent();
    block_ = instruction->getParent();
    const llvm::DebugLoc &location = instruction->getDebugLoc();
    const std::optional<uint32_t> line = location ? location.getLine() : line_of_folded_load(*instruction);
    // What has no line shares that of the instruction in front, but not across blocks: those have come together by chance.
    if (!line && !is_first) return;
    if (line.value_or(0) == line_) return;
    line_ = line.value_or(0);
    current_->sites.push_back({label(), line_});
  }

  void endFunction(const llvm::MachineFunction *) override {
    current_ = nullptr;
    block_ = nullptr;
  }

  void endModule() override {
    llvm::MCStreamer &out = *printer_.OutStreamer;
    out.pushSection();
    out.switchSection(printer_.OutContext.getELFSection(kSection, llvm::ELF::SHT_PROGBITS, llvm::ELF::SHF_EXCLUDE));
    for (const Function &function : written_) write(function, out);
    out.popSection();
  }

 private:
  struct Site {
    llvm::MCSymbol *start;
    uint32_t line;  ///< 0: none
  };
  struct Function {
    SiteFunction function;
    llvm::MCSymbol *start;
    std::vector<Site> sites;
  };

  llvm::MCSymbol *label() {
    llvm::MCSymbol *symbol = printer_.OutContext.createTempSymbol();
    printer_.OutStreamer->emitLabel(symbol);
    return symbol;
  }

  void write(const Function &function, llvm::MCStreamer &out) {
    llvm::MCSymbol *first = printer_.OutContext.createTempSymbol(), *last = printer_.OutContext.createTempSymbol();
    out.emitInt32(function.function.code);
    out.emitAbsoluteSymbolDiff(last, first, 4);
    out.emitLabel(first);
    const llvm::MCSymbol *address = function.start;
    const int64_t body = int64_t(function.function.body_offset);
    int64_t place = body;
    for (const Site &site : function.sites) {
      const int64_t next = site.line == 0 ? body : int64_t(site.line) - 1;
      if (next == place) continue;
      out.emitAbsoluteSymbolDiffAsULEB128(site.start, address);
      out.emitSLEB128IntValue(next - place);
      address = site.start;
      place = next;
    }
    out.emitLabel(last);
  }

  llvm::AsmPrinter &printer_;
  const SiteFunctions &functions_;
  std::vector<Function> written_;
  Function *current_ = nullptr;                     ///< the one whose code is being written, if it is known
  const llvm::MachineBasicBlock *block_ = nullptr;  ///< of the last instruction
  uint32_t line_ = 0;                               ///< of the last site
};

llvm::Expected<llvm::StringRef> find_sites(llvm::MemoryBufferRef buffer) {
  auto object = llvm::object::ObjectFile::createELFObjectFile(buffer);
  if (!object) return object.takeError();
  for (const llvm::object::SectionRef section : (*object)->sections()) {
    llvm::Expected<llvm::StringRef> name = section.getName();
    if (!name) return name.takeError();
    if (*name == kSection) return section.getContents();
  }
  return llvm::StringRef();
}

}  // namespace

std::unique_ptr<llvm::AsmPrinterHandler> trap_site_writer(llvm::AsmPrinter &printer, const SiteFunctions &functions) {
  return std::make_unique<TrapSiteWriter>(printer, functions);
}

Result<TrapSites> read_trap_sites(const ObjectBytes &bytes) {
  llvm::Expected<llvm::StringRef> found = find_sites({llvm::StringRef(bytes.data(), bytes.size()), "object"});
  if (!found) return fail_internal("reading an object", found.takeError());
  TrapSites out;
  for (llvm::StringRef rest = *found; !rest.empty();) {
    const uint32_t code = llvm::support::endian::read32le(rest.data()), size = llvm::support::endian::read32le(rest.data() + 4);
    out.functions.push_back({code, uint32_t(out.bytes.size()), size});
    out.bytes.insert(out.bytes.end(), rest.bytes_begin() + 8, rest.bytes_begin() + 8 + size);
    rest = rest.drop_front(8 + size);
  }
  return out;
}

}  // namespace wasmc::codegen
