#include "wasm/types.h"

#include <gtest/gtest.h>

namespace wasmc::wasm {
namespace {

TEST(Types, ParametersAndPropertiesArePacked) {
  const ValType type = ValType::ref({HeapKind::Concrete, TypeIndex(0xfffffff0)}, false);
  EXPECT_TRUE(type.is_ref());
  EXPECT_FALSE(type.nullable());
  EXPECT_EQ(type.heap().kind, HeapKind::Concrete);
  EXPECT_EQ(raw(type.heap().index), 0xfffffff0u);
  EXPECT_NE(type, ValType::ref({HeapKind::Concrete, TypeIndex(1)}, false));
  EXPECT_NE(kFuncRef, kExternRef);
  EXPECT_NE(kFuncRef, ValType::ref({HeapKind::Func, {}}, false));
  EXPECT_TRUE(kFuncRef.is_funcref());
  EXPECT_FALSE(kExternRef.is_funcref());
  EXPECT_EQ(ValType(), kBottom);
  EXPECT_TRUE(kF64.is_num());
  EXPECT_FALSE(kV128.is_num());
}

TEST(Types, Text) {
  EXPECT_EQ(to_string(kI32), "i32");
  EXPECT_EQ(to_string(kFuncRef), "funcref");
  EXPECT_EQ(to_string(ValType::ref({HeapKind::Extern, {}}, false)), "(ref extern)");
  EXPECT_EQ(to_string(ValType::ref({HeapKind::Concrete, TypeIndex(7)})), "(ref null 7)");
  EXPECT_EQ(to_string(FuncType{{kI32, kI64}, {kF32}}), "(i32 i64) -> (f32)");
  EXPECT_EQ(to_string(FuncType{}), "() -> ()");
}

}  // namespace
}  // namespace wasmc::wasm
