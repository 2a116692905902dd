#include "codegen/diagnostics.h"

#include <llvm/IR/DiagnosticHandler.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

namespace wasmc::codegen {

class CollectingContext::Handler : public llvm::DiagnosticHandler {
 public:
  explicit Handler(std::string &first_error) : first_error_(first_error) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error || !first_error_.empty()) return true;
    llvm::raw_string_ostream out(first_error_);
    llvm::DiagnosticPrinterRawOStream printer(out);
    info.print(printer);
    return true;
  }
  bool isAnalysisRemarkEnabled(llvm::StringRef) const override { return false; }
  bool isMissedOptRemarkEnabled(llvm::StringRef) const override { return false; }
  bool isPassedOptRemarkEnabled(llvm::StringRef) const override { return false; }
  bool isAnyRemarkEnabled() const override { return false; }

 private:
  std::string &first_error_;
};

CollectingContext::CollectingContext() { llvm_.setDiagnosticHandler(std::make_unique<Handler>(first_error_)); }

Result<> CollectingContext::check() const {
  if (first_error_.empty()) return {};
  return fail_internal("code generation", first_error_);
}

std::unexpected<Error> fail_internal(std::string_view doing, llvm::Error error) {
  return fail_internal(doing, llvm::toString(std::move(error)));
}

std::unexpected<Error> fail_internal(std::string_view doing, std::string_view why) {
  std::string line = "compiler: ";
  line += doing;
  line += ": ";
  line += why;
  for (char &c : line)
    if (c == '\n' || c == '\r') c = ' ';
  return fail(std::move(line));
}

}  // namespace wasmc::codegen
