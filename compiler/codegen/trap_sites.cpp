#include "codegen/trap_sites.h"

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/LEB128.h>

#include <algorithm>

#include "codegen/diagnostics.h"

namespace wasmc::codegen {
namespace {

/// A function's machine code: `begin` … `end` in a section.
struct CodeRange {
  uint64_t section, begin, end;
  SiteFunction function;
};

struct Row {
  uint64_t section, address;
  uint32_t order;  ///< in the line table
  uint32_t line;   ///< 0: none
};

using FunctionMap = std::map<std::string, SiteFunction, std::less<>>;

llvm::Expected<std::vector<CodeRange>> find_functions(const llvm::object::ObjectFile &object, const FunctionMap &known) {
  std::vector<CodeRange> out;
  for (const llvm::object::ELFSymbolRef symbol : object.symbols()) {
    if (symbol.getELFType() != llvm::ELF::STT_FUNC) continue;
    llvm::Expected<llvm::StringRef> name = symbol.getName();
    if (!name) return name.takeError();
    const auto found = known.find(std::string_view(*name));
    if (found == known.end()) continue;
    llvm::Expected<llvm::object::section_iterator> section = symbol.getSection();
    if (!section) return section.takeError();
    llvm::Expected<uint64_t> address = symbol.getAddress();
    if (!address) return address.takeError();
    if (*section == object.section_end()) continue;  // declared only
    out.push_back({(*section)->getIndex(), *address, *address + symbol.getSize(), found->second});
  }
  std::ranges::sort(out, {}, [](const CodeRange &range) { return std::pair(range.section, range.begin); });
  return out;
}

std::vector<Row> read_rows(const llvm::object::ObjectFile &object) {
  std::vector<Row> rows;
  const auto ignore = [](llvm::Error error) { llvm::consumeError(std::move(error)); };
  const auto dwarf = llvm::DWARFContext::create(object, llvm::DWARFContext::ProcessDebugRelocations::Process, nullptr, "", ignore, ignore);
  for (const auto &unit : dwarf->compile_units()) {
    const llvm::DWARFDebugLine::LineTable *table = dwarf->getLineTableForUnit(unit.get());
    if (!table) continue;
    for (const llvm::DWARFDebugLine::Row &row : table->Rows)
      if (!row.EndSequence) rows.push_back({row.Address.SectionIndex, row.Address.Address, uint32_t(rows.size()), row.Line});
  }
  std::ranges::sort(rows, {}, [](const Row &row) { return std::tuple(row.section, row.address, row.order); });
  return rows;
}

/// Appends one function's sites. Of rows at the same address the last one counts.
void encode(const CodeRange &range, std::span<const Row> rows, std::vector<uint8_t> &out) {
  const auto append = [&](auto encode_leb, auto value) {
    uint8_t buffer[16];
    out.insert(out.end(), buffer, buffer + encode_leb(value, buffer));
  };
  uint64_t address = range.begin;
  int64_t place = int64_t(range.function.body_offset);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + 1 < rows.size() && rows[i + 1].address == rows[i].address) continue;
    const int64_t next = rows[i].line == 0 ? int64_t(range.function.body_offset) : int64_t(rows[i].line) - 1;
    if (next == place) continue;
    append([](uint64_t value, uint8_t *to) { return llvm::encodeULEB128(value, to); }, rows[i].address - address);
    append([](int64_t value, uint8_t *to) { return llvm::encodeSLEB128(value, to); }, next - place);
    address = rows[i].address;
    place = next;
  }
}

}  // namespace

Result<TrapSites> read_trap_sites(const ObjectBytes &bytes, const FunctionMap &known) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(bytes.data(), bytes.size()), "object");
  auto object = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!object) return fail_internal("reading an object", object.takeError());
  auto functions = find_functions(**object, known);
  if (!functions) return fail_internal("reading an object", functions.takeError());
  const std::vector<Row> rows = read_rows(**object);

  TrapSites out;
  auto row = rows.begin();
  for (const CodeRange &range : *functions) {
    const auto key = [](const Row &row) { return std::pair(row.section, row.address); };
    row = std::ranges::lower_bound(row, rows.end(), std::pair(range.section, range.begin), {}, key);
    const auto last = std::ranges::lower_bound(row, rows.end(), std::pair(range.section, range.end), {}, key);
    const uint32_t start = uint32_t(out.bytes.size());
    encode(range, {row, last}, out.bytes);
    out.functions.push_back({range.function.code, start, uint32_t(out.bytes.size()) - start});
    row = last;
  }
  return out;
}

}  // namespace wasmc::codegen
