#include "wasm/custom.h"

#include <algorithm>

#include "wasm/name_section.h"
#include "wasm/reader.h"

namespace wasmc::wasm {

namespace {

struct Names {
  std::string_view module;
  std::vector<std::string_view> functions;
};

Result<std::vector<std::string_view>> read_function_names(Reader reader, size_t function_count) {
  std::vector<std::string_view> names;
  for (const auto &[index, name] : TRY(read_name_map(reader))) {
    if (index >= function_count) return fail("name of an unknown function", reader.offset());
    if (index >= names.size()) names.resize(index + 1);
    names[index] = name;
  }
  return names;
}

/// Appendix: 7.4.1 Name section. Names of locals, labels and so on are skipped.
Result<Names> read_names(const CustomSection &section, size_t function_count) {
  enum class Subsection : uint8_t { Module = 0, Functions = 1 };
  Names names;
  for (Reader reader(section.bytes); !reader.done();) {
    const auto id = Subsection(TRY(reader.byte()));
    Reader payload = TRY(reader.slice(TRY(reader.u32())));
    if (id == Subsection::Module) names.module = TRY(payload.name());
    if (id == Subsection::Functions) names.functions = TRY(read_function_names(payload, function_count));
  }
  return names;
}

Result<std::vector<BranchHint>> read_function_hints(Reader &reader) {
  std::vector<BranchHint> hints;
  const uint32_t count = TRY(reader.count());
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t offset = TRY(reader.u32());
    const uint32_t size = TRY(reader.u32());
    const uint8_t value = size == 1 ? TRY(reader.byte()) : 2;
    const bool sorted = hints.empty() || hints.back().offset < offset;
    if (value > 1 || !sorted) return fail("malformed branch hint", reader.offset());
    hints.push_back({offset, value == 1});
  }
  return hints;
}

/// The branch hinting proposal, section metadata.code.branch_hint.
Result<std::map<FuncIndex, std::vector<BranchHint>>> read_branch_hints(const CustomSection &section, const Module &module) {
  std::map<FuncIndex, std::vector<BranchHint>> hints;
  Reader reader(section.bytes);
  const uint32_t count = TRY(reader.count());
  for (uint32_t i = 0; i < count; ++i) {
    const auto func = FuncIndex(TRY(reader.u32()));
    if (module.is_imported(func) || raw(func) >= module.functions.size())
      return fail("branch hints of an unknown function", reader.offset());
    hints.insert_or_assign(hints.end(), func, TRY(read_function_hints(reader)));
  }
  if (!reader.done()) return fail("section size mismatch", reader.offset());
  return hints;
}

}  // namespace

void read_custom_sections(Module &module) {
  for (const CustomSection &section : module.custom_sections) {
    if (section.name == "name") {
      if (auto names = read_names(section, module.functions.size())) {
        module.name = names->module;
        module.function_names = std::move(names->functions);
      }
    } else if (section.name == kBranchHintSection) {
      if (auto hints = read_branch_hints(section, module)) module.branch_hints = std::move(*hints);
    }
  }
}

}  // namespace wasmc::wasm
