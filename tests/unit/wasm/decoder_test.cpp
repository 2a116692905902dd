#include <gtest/gtest.h>

#include "build.h"
#include "wasm/module.h"

namespace wasmc::wasm::test {
namespace {

const Bytes kHeader = {0, 'a', 's', 'm', 1, 0, 0, 0};

/// The error of decoding, with its offset: `0x8: malformed section id`.
std::string error(const Bytes &bytes) {
  const Result<Module> module = decode_module(bytes);
  if (module) return "accepted";
  EXPECT_LE(module.error().offset, bytes.size());
  return module.error().message;
}
std::string error(const Builder &module) { return error(module.build()); }
uint64_t error_offset(const Bytes &bytes) { return decode_module(bytes).error().offset; }

Bytes section(uint8_t id, const Bytes &contents) { return Bytes{id} + sized(contents); }

Bytes zero_offset() { return code({op::I32Const, 0, op::End}); }

TEST(Decoder, Header) {
  EXPECT_EQ(error(kHeader), "accepted");
  EXPECT_EQ(error(Bytes{}), "unexpected end of section or function");
  EXPECT_EQ(error(Bytes{0, 'a', 's'}), "unexpected end of section or function");
  EXPECT_EQ(error(Bytes{0, 'A', 's', 'm', 1, 0, 0, 0}), "magic header not detected");
  EXPECT_EQ(error(Bytes{0, 'a', 's', 'm', 2, 0, 0, 0}), "unknown binary version");
  EXPECT_EQ(error(Bytes{0, 'a', 's', 'm', 13, 0, 1, 0}), "unknown binary version");  // a component
}

TEST(Decoder, AllSections) {
  const Bytes bytes = full_module();
  const Result<Module> module = decode_module(bytes);
  ASSERT_TRUE(module) << module.error().describe();
  EXPECT_EQ(module->types.size(), 2u);
  EXPECT_EQ(module->functions.size(), 3u);
  EXPECT_EQ(module->imported_functions, 1u);
  EXPECT_EQ(module->imported_globals, 1u);
  ASSERT_EQ(module->imports.size(), 2u);
  EXPECT_EQ(module->imports[1].name, "base");
  EXPECT_EQ(module->imports[1].kind, ExternKind::Global);
  EXPECT_EQ(module->imports[1].index, 0u);
  EXPECT_EQ(module->tables[0].type.limits.min, 2u);
  EXPECT_EQ(module->memories[0].limits.max, std::nullopt);
  EXPECT_EQ(module->globals[1].init->ops.size(), 3u);
  EXPECT_EQ(module->globals[1].init->constant(), std::nullopt);
  EXPECT_EQ(module->exports[1].kind, ExternKind::Memory);
  EXPECT_EQ(module->start, FuncIndex(2));
  EXPECT_EQ(module->elements[0].functions.size(), 2u);
  EXPECT_EQ(module->elements[0].offset->constant(), 0u);
  EXPECT_EQ(module->elements[1].mode, SegmentMode::Passive);
  EXPECT_EQ(module->elements[1].expressions.size(), 2u);  // A null is among them.
  EXPECT_EQ(module->data[0].mode, SegmentMode::Passive);
  EXPECT_EQ(module->data[0].bytes[1], 'i');
  EXPECT_EQ(module->data_count, 2u);
  ASSERT_EQ(module->bodies.size(), 2u);
  EXPECT_EQ(bytes.data() + module->bodies[0].offset, module->bodies[0].bytes.data());
  EXPECT_EQ(module->function_name(FuncIndex(1)), "sum");
}

TEST(Decoder, SectionFrames) {
  EXPECT_EQ(error(kHeader + Bytes{14, 0}), "malformed section id");
  EXPECT_EQ(error_offset(kHeader + Bytes{0, 1, 0, 14, 0}), 11u);
  EXPECT_EQ(error(kHeader + Bytes{1, 5, 0}), "length out of bounds");
  EXPECT_EQ(error(kHeader + Bytes{1}), "unexpected end of section or function");
  EXPECT_EQ(error(kHeader + section(1, Bytes{0, 0})), "section size mismatch");
  EXPECT_EQ(error(kHeader + section(1, Bytes{1})), "unexpected end of section or function");
}

TEST(Decoder, SectionOrder) {
  const Bytes types = section(1, {0}), imports = section(2, {0}), data_count = section(12, {0}), codes = section(10, {0}),
              elements = section(9, {0}), custom = section(0, text("x"));
  EXPECT_EQ(error(kHeader + types + imports), "accepted");
  EXPECT_EQ(error(kHeader + imports + types), "unexpected content after last section");
  EXPECT_EQ(error(kHeader + types + types), "unexpected content after last section");
  EXPECT_EQ(error(kHeader + elements + data_count + codes), "accepted");
  EXPECT_EQ(error(kHeader + codes + data_count), "unexpected content after last section");
  EXPECT_EQ(error(kHeader + data_count + elements), "unexpected content after last section");
  EXPECT_EQ(error(kHeader + custom + types + custom + custom + imports + custom), "accepted");
}

TEST(Decoder, CustomSectionsNeedAName) {
  EXPECT_EQ(error(kHeader + section(0, {})), "unexpected end of section or function");
  EXPECT_EQ(error(kHeader + section(0, {5, 'a'})), "length out of bounds");
  EXPECT_EQ(error(kHeader + section(0, {1, 0xff})), "malformed UTF-8 encoding");
}

TEST(Decoder, Types) {
  EXPECT_EQ(error(kHeader + section(1, {1, 0x61, 0, 0})), "malformed definition type");
  EXPECT_EQ(error(kHeader + section(1, {1, 0xe0, 0x7f, 0, 0})), "integer representation too long");
  EXPECT_EQ(error(kHeader + section(1, {1, 0x60, 1, 0x10, 0})), "malformed value type 10");
  Builder params, results;
  params.type(Bytes(1001, kI32Byte), {});
  results.type({}, Bytes(1001, kI32Byte));
  EXPECT_EQ(error(params), "too many parameters: the limit is 1000");
  EXPECT_EQ(error(results), "too many results: the limit is 1000");
}

TEST(Decoder, NumbersOfDefinitions) {
  const auto many = [](uint8_t id, uint32_t count) { return error(kHeader + section(id, uleb(count) + Bytes(count))); };
  EXPECT_EQ(many(1, 1'000'001), "too many types: the limit is 1000000");
  EXPECT_EQ(many(2, 1'000'001), "too many imports: the limit is 1000000");
  EXPECT_EQ(many(3, 1'000'001), "too many functions: the limit is 1000000");
  EXPECT_EQ(many(4, 100'001), "too many tables: the limit is 100000");
  EXPECT_EQ(many(6, 1'000'001), "too many globals: the limit is 1000000");
  EXPECT_EQ(many(6, 1'000'000), "malformed value type 00");
}

TEST(Decoder, Imports) {
  EXPECT_EQ(error(kHeader + section(2, {1, 0, 0, 5})), "malformed import kind");
  EXPECT_EQ(error(kHeader + section(2, {1, 0, 0, 0, 0})), "unknown type 0");
  EXPECT_EQ(error(kHeader + section(2, {1, 1, 0xc0, 0, 0, 0})), "malformed UTF-8 encoding");
  EXPECT_EQ(error(kHeader + section(2, {1, 0, 0, 3, 0x7f, 2})), "malformed mutability");
  EXPECT_EQ(error(kHeader + section(2, {2, 0, 0, 3, 0x7f, 0})), "unexpected end of section or function");
}

TEST(Decoder, Limits) {
  const auto memory = [](Bytes limits) { return error(kHeader + section(5, Bytes{1} + limits)); };
  const auto table = [](Bytes limits) { return error(kHeader + section(4, Bytes{1, kFuncRefByte} + limits)); };
  EXPECT_EQ(memory(Bytes{0} + uleb(65536)), "accepted");
  EXPECT_EQ(memory(Bytes{0} + uleb(65537)), "memory size must be at most 65536 pages (4GiB)");
  EXPECT_EQ(memory(Bytes{1, 0} + uleb(65537)), "memory size must be at most 65536 pages (4GiB)");
  EXPECT_EQ(memory({1, 2, 1}), "size minimum must not be greater than maximum");
  EXPECT_EQ(memory({0x10, 0}), "malformed limits flags");
  EXPECT_EQ(table(Bytes{0} + uleb(0xffffffff)), "accepted");
  EXPECT_EQ(table(Bytes{0} + uleb(0x100000000)), "table size must be at most 4294967295 elements");
  EXPECT_EQ(table({1, 1, 0}), "size minimum must not be greater than maximum");
  EXPECT_EQ(table({8, 0}), "malformed limits flags");
  EXPECT_EQ(error(kHeader + section(4, {1, kI32Byte, 0, 0})), "malformed reference type 7f");
}

TEST(Decoder, LimitsOfProposals) {
  const auto memory = [](Bytes limits) { return error(kHeader + section(5, Bytes{1} + limits)); };
  const auto table = [](Bytes limits) { return error(kHeader + section(4, Bytes{1, kFuncRefByte} + limits)); };
  EXPECT_EQ(memory(Bytes{4} + uleb(uint64_t{1} << 48)), "accepted");
  EXPECT_EQ(memory(Bytes{4} + uleb((uint64_t{1} << 48) + 1)), "memory size must be at most 281474976710656 pages (16 EiB)");
  EXPECT_EQ(memory(Bytes{5, 0} + uleb(~uint64_t{0})), "memory size must be at most 281474976710656 pages (16 EiB)");
  EXPECT_EQ(memory({3, 1, 1}), "accepted");
  EXPECT_EQ(memory({2, 1}), "shared memory must have maximum");
  EXPECT_EQ(memory({6, 1}), "shared memory must have maximum");
  EXPECT_EQ(memory({7, 1, 1}), "accepted");
  EXPECT_EQ(memory(Bytes{8} + uleb(0xffffffff) + Bytes{0}), "accepted");
  EXPECT_EQ(memory(Bytes{8} + uleb(0x100000000) + Bytes{0}), "memory size must be at most 4294967295 pages of one byte");
  EXPECT_EQ(memory(Bytes{8} + uleb(65537) + Bytes{16}), "memory size must be at most 65536 pages (4GiB)");
  EXPECT_EQ(memory(Bytes{12} + uleb(~uint64_t{0}) + Bytes{0}), "accepted");
  EXPECT_EQ(memory({8, 1, 1}), "invalid custom page size: neither 1 nor 65536 bytes");
  EXPECT_EQ(memory({8, 1, 65}), "invalid custom page size: neither 1 nor 65536 bytes");
  EXPECT_EQ(memory({8, 1}), "unexpected end of section or function");
  EXPECT_EQ(memory({15, 1, 2, 0}), "accepted");
  EXPECT_EQ(table({4, 1}), "accepted");
  EXPECT_EQ(table(Bytes{5, 0} + uleb(~uint64_t{0})), "accepted");
  EXPECT_EQ(table({2, 1}), "malformed limits flags");
  EXPECT_EQ(table({3, 1, 1}), "malformed limits flags");
  Bytes many = uleb(100);
  for (int i = 0; i < 100; ++i) many = std::move(many) + Bytes{0, 0};
  EXPECT_EQ(error(kHeader + section(5, many)), "accepted");
  many[0] = 101;
  EXPECT_EQ(error(kHeader + section(5, std::move(many) + Bytes{0, 0})), "too many memories: the limit is 100");
}

TEST(Decoder, Lengths) {
  const Bytes type = section(1, {1, 0x60, 0, 0}), function = section(3, {1, 0}), codes = section(10, {1, 2, 0, 0x0b});
  EXPECT_EQ(error(kHeader + type + function + codes), "accepted");
  EXPECT_EQ(error(kHeader + type + function), "function and code section have inconsistent lengths");
  EXPECT_EQ(error(kHeader + type + codes), "function and code section have inconsistent lengths");
  EXPECT_EQ(error(kHeader + section(12, {0}) + section(11, {1, 1, 0})),
            "data count and data section have inconsistent lengths");
  EXPECT_EQ(error(kHeader + section(12, {1})), "data count and data section have inconsistent lengths");
  EXPECT_EQ(error(kHeader + section(11, {1, 1, 0})), "accepted");
  EXPECT_EQ(error(kHeader + section(3, {1, 0})), "unknown type 0");
}

TEST(Decoder, Exports) {
  const auto exported = [](uint8_t kind) {
    Builder module;
    module.export_("a", kind, 0);
    return error(module);
  };
  EXPECT_EQ(exported(0), "unknown function 0");
  EXPECT_EQ(exported(1), "unknown table 0");
  EXPECT_EQ(exported(2), "unknown memory 0");
  EXPECT_EQ(exported(3), "unknown global 0");
  EXPECT_EQ(exported(9), "malformed export kind");
  Builder twice;
  twice.memory(1);
  twice.export_("a", 2, 0);
  twice.export_("b", 2, 0);
  EXPECT_EQ(error(twice), "accepted");
  twice.export_("a", 2, 0);
  EXPECT_EQ(error(twice), "duplicate export name");
}

TEST(Decoder, Start) {
  Builder unknown, takes;
  unknown.start(0);
  EXPECT_EQ(error(unknown), "unknown function 0");
  takes.function(takes.type({kI32Byte}, {}), {});
  takes.start(0);
  EXPECT_EQ(error(takes), "start function must have no parameters and no results, not (i32) -> ()");
}

TEST(Decoder, ConstantExpressions) {
  const auto global = [](uint8_t type, const Bytes &init) {
    Builder module;
    module.import_global("m", "constant", kI32Byte, false);
    module.import_global("m", "variable", kI32Byte, true);
    module.global(type, false, init);
    return error(module);
  };
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1})), "accepted");
  EXPECT_EQ(global(kI32Byte, code({op::GlobalGet, 0, op::I32Const, 1, op::I32Sub, op::I32Const, 3, op::I32Mul})), "accepted");
  EXPECT_EQ(global(kI64Byte, code({op::I64Const, 1, op::I64Const, 1, op::I64Add})), "accepted");
  EXPECT_EQ(global(kFuncRefByte, code({op::RefNull, kFuncRefByte})), "accepted");
  EXPECT_EQ(global(kI32Byte, code({op::GlobalGet, 1})), "constant expression required");
  EXPECT_EQ(global(kI32Byte, code({op::GlobalGet, 2})), "unknown global 2");  // itself
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1, op::I32Const, 1, op::I32And})), "constant expression required");
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1, op::I32Clz})), "constant expression required");
  EXPECT_EQ(global(kI32Byte, code({op::Nop})), "constant expression required");
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1, op::GlobalSet, 1})), "constant expression required");
  EXPECT_EQ(global(kI32Byte, code({op::RefFunc, 0})), "unknown function 0");
  EXPECT_EQ(global(kI32Byte, {0xf3}), "illegal opcode f3");
  EXPECT_EQ(global(kI32Byte, code({op::I64Const, 1})), "type mismatch: expected i32, found i64");
  EXPECT_EQ(global(kI32Byte, {}), "type mismatch: expected i32, found nothing");
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1, op::I32Const, 1})), "type mismatch: expected i32, found i32 and 1 more values");
  EXPECT_EQ(global(kI32Byte, code({op::I32Const, 1, op::I32Add})), "type mismatch: expected i32, found nothing");
}

TEST(Decoder, AGlobalMayUseOnesBeforeIt) {
  Builder module;
  module.global(kI32Byte, false, code({op::I32Const, 7}));
  module.global(kI32Byte, false, code({op::GlobalGet, 0}));
  EXPECT_EQ(error(module), "accepted");
  Builder later;
  later.global(kI32Byte, false, code({op::GlobalGet, 1}));
  later.global(kI32Byte, false, code({op::I32Const, 7}));
  EXPECT_EQ(error(later), "unknown global 1");
}

TEST(Decoder, ElementSegments) {
  const auto element = [](const Bytes &segment) {
    Builder module;
    module.function(module.type({}, {}), {});
    module.table(kFuncRefByte, 1);
    module.table(kExternRefByte, 1);
    module.element(segment);
    return module.build();
  };
  const auto mode = [](const Bytes &bytes) { return decode_module(bytes)->elements[0].mode; };
  const Bytes item = code({op::RefFunc, 0, op::End});
  EXPECT_EQ(mode(element(Bytes{0} + zero_offset() + Bytes{1, 0})), SegmentMode::Active);
  EXPECT_EQ(mode(element({1, 0, 1, 0})), SegmentMode::Passive);
  EXPECT_EQ(mode(element(Bytes{2, 0} + zero_offset() + Bytes{0, 1, 0})), SegmentMode::Active);
  EXPECT_EQ(mode(element({3, 0, 1, 0})), SegmentMode::Declarative);
  EXPECT_EQ(mode(element(Bytes{4} + zero_offset() + Bytes{1} + item)), SegmentMode::Active);
  EXPECT_EQ(mode(element(Bytes{5, kFuncRefByte, 1} + item)), SegmentMode::Passive);
  EXPECT_EQ(mode(element(Bytes{6, 0} + zero_offset() + Bytes{kFuncRefByte, 1} + item)), SegmentMode::Active);
  EXPECT_EQ(mode(element(Bytes{7, kFuncRefByte, 1} + item)), SegmentMode::Declarative);
  EXPECT_EQ(decode_module(element(Bytes{5, kFuncRefByte, 2} + item + item))->elements[0].functions.size(), 2u);

  EXPECT_EQ(error(element({8})), "malformed elements segment kind");
  EXPECT_EQ(error(element({1, 1, 1, 0})), "malformed element kind");
  EXPECT_EQ(error(element({5, kI32Byte, 0})), "malformed reference type 7f");
  EXPECT_EQ(error(element({1, 0, 1, 1})), "unknown function 1");
  EXPECT_EQ(error(element(Bytes{2, 2} + zero_offset() + Bytes{0, 0})), "unknown table 2");
  EXPECT_EQ(error(element(Bytes{2, 1} + zero_offset() + Bytes{0, 0})),
            "type mismatch: a segment of (ref func) for a table of externref");
  EXPECT_EQ(error(element(Bytes{5, kExternRefByte, 1} + item)), "type mismatch: expected externref, found (ref 0)");
  EXPECT_EQ(error(element(Bytes{0} + code({op::I64Const, 0, op::End, 0}))), "type mismatch: expected i32, found i64");
}

TEST(Decoder, DataSegments) {
  const auto data = [](const Bytes &segment, bool has_memory = true) {
    Builder module;
    if (has_memory) module.memory(1);
    module.data(segment);
    return module.build();
  };
  EXPECT_EQ(decode_module(data(Bytes{2, 0} + zero_offset() + Bytes{1, 'a'}))->data[0].bytes[0], 'a');
  EXPECT_EQ(error(data(Bytes{3})), "malformed data segment kind");
  EXPECT_EQ(error(data(Bytes{0} + zero_offset() + Bytes{0}, false)), "unknown memory 0");
  EXPECT_EQ(error(data(Bytes{2, 1} + zero_offset() + Bytes{0})), "unknown memory 1");
  EXPECT_EQ(error(data(Bytes{1, 2, 'a'})), "unexpected end of section or function");
}

TEST(Decoder, DeclaredFunctions) {
  Builder module;
  const uint32_t type = module.type({}, {});
  for (int i = 0; i < 6; ++i) module.function(type, {});
  module.table(kFuncRefByte, 1);
  module.global(kFuncRefByte, false, code({op::RefFunc, 0}));
  module.export_("exported", 0, 1);
  module.start(2);
  module.element(Bytes{3, 0, 1, 3});
  module.element(Bytes{5, kFuncRefByte, 1} + code({op::RefFunc, 4, op::End}));
  const Bytes bytes = module.build();
  EXPECT_EQ(decode_module(bytes)->declared_functions, (std::vector<bool>{true, true, false, true, true, false}));
}

TEST(Decoder, DescribesFunctions) {
  Builder module;
  const uint32_t type = module.type({}, {});
  for (int i = 0; i < 4; ++i) module.function(type, {});
  module.export_("first", 0, 1);
  module.export_("second", 0, 1);
  module.export_("hidden", 0, 0);
  module.custom("name", Bytes{1} + sized(list({uleb(0) + text("named"), uleb(3) + text("a\x1b[31m\"\\")})));
  const Bytes bytes = module.build();
  const Module decoded = *decode_module(bytes);
  EXPECT_EQ(decoded.describe(FuncIndex(0)), "function 0 \"named\"");
  EXPECT_EQ(decoded.describe(FuncIndex(1)), "function 1 \"first\"");
  EXPECT_EQ(decoded.describe(FuncIndex(2)), "function 2");
  EXPECT_EQ(decoded.describe(FuncIndex(3)), "function 3 \"a\\1b[31m\\22\\5c\"");
}

TEST(Decoder, AnErrorInTheCodeComesBeforeOneBehindIt) {
  Builder module;
  module.memory(1);
  module.function(module.type({}, {}), code({op::I32Add}));
  module.data(Bytes{3});
  const Bytes bytes = module.build();
  const Error error = decode_module(bytes).error();
  EXPECT_EQ(error.message, "type mismatch: expected i32, found nothing");
  EXPECT_EQ(error.where, "function 0");
}

}  // namespace
}  // namespace wasmc::wasm::test
