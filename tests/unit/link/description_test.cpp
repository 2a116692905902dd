#include "link/description.h"

#include <gtest/gtest.h>

#include <cstring>

#include "link/hash.h"
#include "wasm/opcode.h"

namespace wasmc::link {
namespace {

/// A description and typed views into it, as the loader reads it.
struct Described {
  explicit Described(const wasm::Module &module)
      : layout(module), code_table(module, false), target(codegen::resolve({"x86_64", "x86-64-v2", ""}).value()),
        description(describe({module, layout, code_table, target, options, "9.8.7"}).value()) {}
  const abi::ModuleHeader &header() const { return *reinterpret_cast<const abi::ModuleHeader *>(description.module.data()); }
  template <class T> const T *array(abi::Range range) const {
    EXPECT_LE(range.offset + range.count * sizeof(T), description.module.size());
    EXPECT_EQ(range.offset % alignof(T), 0u);
    return reinterpret_cast<const T *>(description.module.data() + range.offset);
  }
  std::string string(abi::StringRef ref) const { return {array<char>(header().strings) + ref.offset, ref.size}; }
  std::string name(uint32_t i) const {
    const auto *ends = reinterpret_cast<const uint32_t *>(description.names.data() + sizeof(abi::NameTable));
    const auto *text = reinterpret_cast<const char *>(ends + header().functions.count + 1);
    return {text + (i == 0 ? 0 : ends[i - 1]), text + ends[i]};
  }

  lower::ContextLayout layout;
  lower::CodeTable code_table;
  codegen::ResolvedTarget target;
  compiler::Options options;
  Description description;
};

/// Two types, an imported and two defined functions, a table with an element segment, a global, an export of a repeated name.
wasm::Module sample() {
  static constexpr uint8_t kBytes[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  wasm::Module module;
  module.bytes = kBytes;
  module.types = {{.func = {{wasm::kI32, wasm::kF64}, {wasm::kI64}}}, {.func = {}, .group = wasm::TypeIndex(1), .canonical = wasm::TypeIndex(1)}};
  module.imports = {{"env", "log", wasm::ExternKind::Func, 0, 0}};
  module.functions = {wasm::TypeIndex(0), wasm::TypeIndex(1), wasm::TypeIndex(0)};
  module.imported_functions = 1;
  module.bodies = {{{}, 100}, {{}, 200}};
  module.tables.push_back({{wasm::kFuncRef, {.min = 2, .max = 5}}, {}});
  module.globals.push_back({{wasm::kI64, true}, wasm::ConstExpr{{{wasm::op::I64Const, 0, 42}}}});
  module.exports = {{"log", wasm::ExternKind::Func, 1}, {"t", wasm::ExternKind::Table, 0}};
  module.name = "sample";
  module.function_names = {"log", "", "work"};
  wasm::ElemSegment segment{wasm::SegmentMode::Active, wasm::kFuncRef};
  segment.offset = wasm::ConstExpr{{{wasm::op::I32Const, 0, 1}}};
  segment.functions = {wasm::FuncIndex(2), wasm::FuncIndex(0)};
  module.elements = {segment};
  return module;
}

TEST(Description, Header) {
  const wasm::Module module = sample();
  const Described out(module);
  const abi::ModuleHeader &header = out.header();
  EXPECT_EQ(std::memcmp(header.magic, abi::kMagic, 8), 0);
  EXPECT_STREQ(header.compiler_version, "9.8.7");
  EXPECT_STREQ(header.triple, "x86_64-linux-gnu");
  EXPECT_STREQ(header.cpu, "x86-64-v2");
  EXPECT_EQ(header.cpu_features[0], 0x7fu) << "the first seven rows are level 2";
  EXPECT_EQ(header.opt_level, 2u);
  EXPECT_EQ(header.wasm_size, 8u);
  EXPECT_EQ(header.wasm_hash, hash(module.bytes));
  EXPECT_EQ(header.start_function, abi::kNone);
  EXPECT_EQ(header.code_count, 2u + 2u + 1u) << "bodies, entry thunks, host adapters";
  EXPECT_EQ(header.context_size % 16, 0u);
}

TEST(Description, TypesAndFunctions) {
  const wasm::Module module = sample();
  const Described out(module);
  const auto *types = out.array<abi::TypeEntry>(out.header().types);
  EXPECT_EQ(types[0].params, 2);
  EXPECT_EQ(types[0].results, 1);
  EXPECT_EQ(types[0].entry_thunk, 2u);
  const auto *values = reinterpret_cast<const abi::ValueType *>(out.description.module.data() + types[0].types);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(uint8_t(values[i].code), (std::vector<uint8_t>{0x7f, 0x7c, 0x7e})[i]);
  EXPECT_EQ(types[1].group_size, 1u);
  EXPECT_EQ(types[1].super, abi::kNone);
  const auto *functions = out.array<abi::FunctionEntry>(out.header().functions);
  EXPECT_EQ(functions[0].code, 4u) << "the host adapter of its type";
  EXPECT_LT(functions[0].slot, 0);
  EXPECT_EQ(functions[2].code, 1u);
  EXPECT_EQ(functions[2].wasm_offset, 200u);
}

TEST(Description, StringsOnceEach) {
  const Described out(sample());
  const auto *imports = out.array<abi::ImportEntry>(out.header().imports);
  const auto *exports = out.array<abi::ExportEntry>(out.header().exports);
  EXPECT_EQ(out.string(imports[0].module), "env");
  EXPECT_EQ(out.string(imports[0].name), "log");
  EXPECT_EQ(imports[0].name.offset, exports[0].name.offset);
  EXPECT_EQ(out.header().strings.count, 7u) << "env log t";
}

TEST(Description, TablesGlobalsElements) {
  const Described out(sample());
  const abi::TableEntry &table = *out.array<abi::TableEntry>(out.header().tables);
  EXPECT_EQ(table.limits.max, 5u);
  EXPECT_TRUE(table.limits.has_max && table.element.nullable && !table.imported);
  EXPECT_EQ(table.init, abi::kNone);
  const abi::GlobalEntry &global = *out.array<abi::GlobalEntry>(out.header().globals);
  const abi::ConstExpr &init = out.array<abi::ConstExpr>(out.header().const_exprs)[global.init];
  const abi::ConstOp &op = out.array<abi::ConstOp>(out.header().const_ops)[init.first];
  EXPECT_EQ(init.count, 1u);
  EXPECT_EQ(op.code, abi::ConstCode::I64);
  EXPECT_EQ(op.bits, 42u);
  const abi::ElementEntry &segment = *out.array<abi::ElementEntry>(out.header().elements);
  const auto *items = out.array<uint32_t>(segment.items);
  EXPECT_EQ(segment.uses_expressions, 0);
  EXPECT_EQ(std::vector<uint32_t>(items, items + segment.items.count), (std::vector<uint32_t>{2, 0}));
}

TEST(Description, Names) {
  const Described out(sample());
  EXPECT_EQ(out.name(0), "sample");
  EXPECT_EQ(out.name(1), "log");
  EXPECT_EQ(out.name(2), "");
  EXPECT_EQ(out.name(3), "work");
}

TEST(Description, DataOutsideTheImageIsKept) {
  wasm::Module module = sample();
  static constexpr uint8_t kText[] = {'a', 'b', 'c'};
  module.memories.push_back({{.min = 1}});
  wasm::DataSegment active{wasm::SegmentMode::Active, {}, wasm::ConstExpr{{{wasm::op::I32Const, 0, 0}}}, kText};
  module.data = {{wasm::SegmentMode::Passive, {}, {}, kText}, active};
  const Described out(module);
  const auto *data = out.array<abi::DataEntry>(out.header().data);
  EXPECT_EQ(data[0].in_image, 0);
  EXPECT_EQ(data[0].size, 3u);
  EXPECT_EQ(data[0].offset, abi::kNone);
  EXPECT_EQ(data[1].in_image, 1);
  EXPECT_EQ(out.description.data, Bytes({'a', 'b', 'c'}));
  EXPECT_EQ(out.header().image_runs.count, 1u);
  EXPECT_EQ(out.description.image.size(), 4096u);
}

TEST(TrapTable, MergesObjectsByCode) {
  std::vector<codegen::Object> objects(2);
  objects[0].sites = {{{5, 0, 2}}, {1, 2}};
  objects[1].sites = {{{3, 0, 1}, {4, 1, 2}}, {7, 8, 9}};
  const Bytes table = trap_table(objects);
  const auto *header = reinterpret_cast<const abi::TrapTable *>(table.data());
  const auto *functions = reinterpret_cast<const abi::TrapFunction *>(header + 1);
  const uint8_t *sites = reinterpret_cast<const uint8_t *>(functions + 3);
  ASSERT_EQ(header->functions, 3u);
  EXPECT_EQ(header->bytes, 5u);
  EXPECT_EQ(functions[0].code, 3u);
  EXPECT_EQ(sites[functions[0].sites], 7);
  EXPECT_EQ(functions[2].code, 5u);
  EXPECT_EQ(sites[functions[2].sites + 1], 2);
}

}  // namespace
}  // namespace wasmc::link
