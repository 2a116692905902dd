// Recursion groups, subtyping, and which types are the same.
#include <gtest/gtest.h>

#include "build.h"
#include "wasm/validator.h"

namespace wasmc::wasm::test {
namespace {

constexpr uint8_t kRec = 0x4e, kSubFinal = 0x4f, kSub = 0x50, kFunc = 0x60, kRef = 0x64, kRefNull = 0x63, kNoFuncByte = 0x73;

const Bytes kHeader = {0, 'a', 's', 'm', 1, 0, 0, 0};

/// A module with a type section of these entries.
Bytes module_of(const std::vector<Bytes> &entries) { return kHeader + Bytes{1} + sized(list(entries)); }

std::string error(const std::vector<Bytes> &entries) {
  const auto module = decode_module(module_of(entries));
  return module ? "accepted" : module.error().message;
}

Module decode(const Bytes &bytes) {
  auto module = decode_module(bytes);
  EXPECT_TRUE(module) << module.error().describe();
  return *module;
}

Bytes func(Bytes params, Bytes results) { return Bytes{kFunc} + params + results; }
const Bytes kNone = {0};
const Bytes kEmpty = func(kNone, kNone);
/// `(func (param (ref index)))`
Bytes takes_ref(uint8_t index) { return func({1, kRef, index}, kNone); }
Bytes group(const std::vector<Bytes> &members) { return Bytes{kRec} + list(members); }
Bytes sub(Bytes supers, const Bytes &type) { return Bytes{kSub} + supers + type; }

TEST(TypeSection, GroupsAndTheirMembers) {
  const Bytes bytes = module_of({kEmpty, group({}), group({takes_ref(2), takes_ref(1)}), group({kEmpty})});
  const Module module = decode(bytes);
  ASSERT_EQ(module.types.size(), 4u);
  EXPECT_EQ(module.types[2].group, TypeIndex(1));
  EXPECT_EQ(module.types[2].group_size, 2u);
  EXPECT_TRUE(module.types[0].is_final);
  EXPECT_EQ(module.types[3].canonical, TypeIndex(0)) << "a group of one is the same as its member alone";
}

TEST(TypeSection, TypesOutsideTheGroupMustComeBefore) {
  EXPECT_EQ(error({takes_ref(0)}), "accepted");
  EXPECT_EQ(error({takes_ref(1), kEmpty}), "unknown type 1");
  EXPECT_EQ(error({group({takes_ref(1)}), kEmpty}), "unknown type 1");
  EXPECT_EQ(error({group({takes_ref(1), kEmpty})}), "accepted");
}

TEST(TypeSection, EqualityIsByGroup) {
  const Module module = decode(module_of({
      group({takes_ref(1), takes_ref(0)}), group({takes_ref(3), takes_ref(2)}),  // the same, under other numbers
      group({takes_ref(4), takes_ref(4)}),                                       // each refers to the first
      takes_ref(0), takes_ref(2), takes_ref(4),                                  // outside of groups: what is referred to counts
  }));
  EXPECT_EQ(module.types[2].canonical, TypeIndex(0));
  EXPECT_EQ(module.types[3].canonical, TypeIndex(1));
  EXPECT_EQ(module.types[4].canonical, TypeIndex(4));
  EXPECT_EQ(module.types[7].canonical, module.types[6].canonical);
  EXPECT_NE(module.types[8].canonical, module.types[6].canonical);
  const ValType first = ValType::ref({HeapKind::Concrete, TypeIndex(0)}), second = ValType::ref({HeapKind::Concrete, TypeIndex(2)});
  EXPECT_TRUE(module.equivalent(first, second));
  EXPECT_FALSE(module.equivalent(first, ValType::ref({HeapKind::Concrete, TypeIndex(4)})));
}

TEST(TypeSection, SupertypesAndFinalityArePartOfAType) {
  const Module module = decode(module_of({sub({0}, kEmpty), sub({1, 0}, kEmpty), kEmpty, sub({0}, kEmpty), sub({1, 3}, kEmpty), Bytes{kSubFinal, 0} + kEmpty}));
  EXPECT_NE(module.types[2].canonical, TypeIndex(0));
  EXPECT_EQ(module.types[3].canonical, TypeIndex(0));
  EXPECT_EQ(module.types[4].canonical, TypeIndex(1));
  EXPECT_EQ(module.types[5].canonical, TypeIndex(2)) << "final without supertypes is what a plain type is";
  EXPECT_TRUE(module.matches(TypeIndex(4), TypeIndex(0)));
  EXPECT_FALSE(module.matches(TypeIndex(0), TypeIndex(4)));
  EXPECT_FALSE(module.matches(TypeIndex(2), TypeIndex(0)));
}

TEST(TypeSection, SubtypesMustFit) {
  const Bytes gives_ref = func(kNone, {1, kRef, kFuncRefByte}), gives_null = func(kNone, {1, kRefNull, kFuncRefByte});
  const Bytes wants_ref = func({1, kRef, kFuncRefByte}, kNone), wants_null = func({1, kRefNull, kFuncRefByte}, kNone);
  EXPECT_EQ(error({sub({0}, gives_null), sub({1, 0}, gives_ref)}), "accepted");
  EXPECT_EQ(error({sub({0}, gives_ref), sub({1, 0}, gives_null)}), "sub type 1 does not match super type 0");
  EXPECT_EQ(error({sub({0}, wants_ref), sub({1, 0}, wants_null)}), "accepted");
  EXPECT_EQ(error({sub({0}, wants_null), sub({1, 0}, wants_ref)}), "sub type 1 does not match super type 0");
  EXPECT_EQ(error({kEmpty, sub({1, 0}, kEmpty)}), "sub type 1 has final super type 0");
  EXPECT_EQ(error({sub({0}, kEmpty), sub({2, 0, 0}, kEmpty)}), "sub type 1 has more than one super type");
  EXPECT_EQ(error({sub({1, 1}, kEmpty), kEmpty}), "unknown type 1");
  EXPECT_EQ(error({group({sub({1, 1}, kEmpty), sub({0}, kEmpty)})}), "forward use of type 1 in sub type definition");
}

TEST(TypeSection, DepthOfSubtypingIsLimited) {
  std::vector<Bytes> types = {sub({0}, kEmpty)};
  for (uint8_t i = 0; i < 63; ++i) types.push_back(sub({1, i}, kEmpty));
  EXPECT_EQ(error(types), "accepted");
  types.push_back(sub({1, 63}, kEmpty));
  EXPECT_EQ(error(types), "sub type 64 has too many super types: the limit is 63");
}

TEST(TypeSection, HeapTypes) {
  const Module module = decode(module_of({kEmpty, sub({0}, kEmpty)}));
  const HeapType any{HeapKind::Func, {}}, none{HeapKind::NoFunc, {}}, extern_{HeapKind::Extern, {}}, first{HeapKind::Concrete, TypeIndex(0)}, bottom{HeapKind::Bottom, {}};
  EXPECT_TRUE(module.matches(first, any));
  EXPECT_FALSE(module.matches(any, first));
  EXPECT_TRUE(module.matches(none, first));
  EXPECT_TRUE(module.matches(none, any));
  EXPECT_FALSE(module.matches(none, extern_));
  EXPECT_FALSE(module.matches(first, extern_));
  EXPECT_FALSE(module.matches(extern_, any));
  EXPECT_TRUE(module.matches(bottom, extern_));
  EXPECT_TRUE(module.matches(ValType::ref(first, false), kFuncRef));
  EXPECT_FALSE(module.matches(kFuncRef, kFuncRef.as_non_null()));
  EXPECT_TRUE(module.matches(kBottom, kI32));
  EXPECT_FALSE(module.matches(kI32, kFuncRef));
}

/// The error of a module with a function of type 1, `(param (ref null 0) (ref 0) i32)`, or "valid"; type 0 takes and gives an i32.
std::string check(const Bytes &body, const std::vector<Bytes> &locals = {}, Bytes results = {0}) {
  Builder module;
  module.whole(1, list({func({1, kI32Byte}, {1, kI32Byte}), Bytes{kFunc, 3, kRefNull, 0, kRef, 0, kI32Byte} + results, func({1, kI64Byte}, {1, kI32Byte})}));
  module.function(1, body, locals);
  module.function(0, code({op::LocalGet, 0}));
  module.table(kFuncRefByte, 1);
  module.element(Bytes{3, 0, 1, 1});
  const Result<> result = validate_module(module.build(), 1);
  return result ? "valid" : result.error().message;
}

TEST(FunctionReferences, CallRef) {
  EXPECT_EQ(check(code({op::LocalGet, 2, op::LocalGet, 0, op::CallRef, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::LocalGet, 1, op::CallRef, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::RefFunc, 1, op::CallRef, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::RefNull, kNoFuncByte, op::CallRef, 0, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::I64Const, 2, op::LocalGet, 0, op::CallRef, 2, op::Drop})), "type mismatch: expected (ref null 2), found (ref null 0)");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::RefNull, kFuncRefByte, op::CallRef, 0, op::Drop})), "type mismatch: expected (ref null 0), found funcref");
  EXPECT_EQ(check(code({op::Unreachable, op::CallRef, 3})), "unknown type 3");
  EXPECT_EQ(check(code({op::RefNull, 9, op::Drop})), "unknown type 9");
}

TEST(FunctionReferences, Null) {
  EXPECT_EQ(check(code({op::LocalGet, 0, op::RefAsNonNull, op::LocalSet, 1})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 0, op::LocalSet, 1})), "type mismatch: expected (ref 0), found (ref null 0)");
  EXPECT_EQ(check(code({op::LocalGet, 0, op::BrOnNull, 0, op::LocalSet, 1})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::BrOnNull, 0, op::Drop})), "type mismatch: expected a reference, found i32");
  EXPECT_EQ(check(code({op::Block, kRef, 0, op::LocalGet, 0, op::BrOnNonNull, 0, op::Unreachable, op::End, op::LocalSet, 1})), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 0, op::BrOnNonNull, 0})), "type mismatch: br_on_non_null needs a label whose last type is a reference");
  EXPECT_EQ(check(code({op::Unreachable, op::RefAsNonNull, op::I32Eqz, op::Drop})), "type mismatch: expected i32, found (ref bottom)");
  EXPECT_EQ(check(code({op::Unreachable, op::BrOnNull, 0, op::LocalSet, 1})), "valid");
}

TEST(FunctionReferences, LocalsWithoutDefaultMustBeSetFirst) {
  const std::vector<Bytes> locals = {Bytes{1, kRef, 0}, Bytes{1, kI32Byte}};
  EXPECT_EQ(check(code({op::LocalGet, 4, op::Drop, op::LocalGet, 1, op::Drop}), locals), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 3, op::Drop}), locals), "uninitialized local 3");
  EXPECT_EQ(check(code({op::LocalGet, 1, op::LocalSet, 3, op::LocalGet, 3, op::Drop}), locals), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 1, op::LocalTee, 3, op::Drop, op::Block, kEmptyBlock, op::LocalGet, 3, op::Drop, op::End}), locals), "valid");
  EXPECT_EQ(check(code({op::Block, kEmptyBlock, op::LocalGet, 1, op::LocalSet, 3, op::End, op::LocalGet, 3, op::Drop}), locals), "uninitialized local 3");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::If, kEmptyBlock, op::LocalGet, 1, op::LocalSet, 3, op::Else, op::LocalGet, 3, op::Drop, op::End}), locals), "uninitialized local 3");
  EXPECT_EQ(check(code({op::Unreachable, op::LocalGet, 3, op::Drop}), locals), "uninitialized local 3");
}

TEST(FunctionReferences, BlocksWithTypedResults) {
  EXPECT_EQ(check(code({op::Block, kRefNull, 0, op::LocalGet, 1, op::End, op::Drop})), "valid");
  EXPECT_EQ(check(code({op::Block, kRef, 0, op::LocalGet, 0, op::End, op::Drop})), "type mismatch: expected (ref 0), found (ref null 0)");
}

TEST(TailCalls, ResultsMustBeTheFunctionsOwn) {
  const Bytes gives_i32 = {1, kI32Byte};
  EXPECT_EQ(check(code({op::LocalGet, 2, op::ReturnCall, 1}), {}, gives_i32), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::LocalGet, 1, op::ReturnCallRef, 0}), {}, gives_i32), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::I32Const, 0, op::ReturnCallIndirect, 0, 0}), {}, gives_i32), "valid");
  EXPECT_EQ(check(code({op::LocalGet, 2, op::ReturnCall, 1, op::I64Const, 1}), {}, gives_i32), "type mismatch: expected i32, found i64");
  EXPECT_TRUE(check(code({op::LocalGet, 2, op::ReturnCall, 1})).starts_with("type mismatch"));
  EXPECT_EQ(check(code({op::ReturnCall, 1}), {}, gives_i32), "type mismatch: expected i32, found nothing");
  EXPECT_EQ(check(code({op::ReturnCall, 7}), {}, gives_i32), "unknown function 7");
  EXPECT_EQ(check(code({op::ReturnCallIndirect, 0, 3}), {}, gives_i32), "unknown table 3");
}

TEST(FunctionReferences, TablesWithInitialValues) {
  const auto table = [](const Bytes &entry) {
    Builder module;
    module.type({}, {});
    module.function(0, {});
    module.whole(4, Bytes{1} + entry);
    const Result<> result = validate_module(module.build(), 1);
    return result ? "valid" : result.error().message;
  };
  EXPECT_EQ(table(Bytes{0x40, 0, kRef, 0, 0, 1} + code({op::RefFunc, 0, op::End})), "valid");
  EXPECT_EQ(table(Bytes{0x40, 0, kRef, 0, 0, 1} + code({op::RefNull, 0, op::End})), "type mismatch: expected (ref 0), found (ref null 0)");
  EXPECT_EQ(table(Bytes{kRefNull, 0, 0, 1}), "valid");
  EXPECT_EQ(table(Bytes{kRef, 0, 0, 1}), "type mismatch: a table of (ref 0) needs an initial value");
  EXPECT_EQ(table(Bytes{0x40, 1, kRef, 0, 0, 1}), "malformed table: zero byte expected");
}

}  // namespace
}  // namespace wasmc::wasm::test
