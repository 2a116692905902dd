// Several instances and modules in one store.
#include "guest.h"

namespace wasmc {
namespace {

using test::GuestTest;

class Linking : public GuestTest {};
WASMC_WITH_BOTH_BOUNDS(Linking);

TEST_P(Linking, InstancesOfAModuleShareNothing) {
  const Module module = compile("memory");
  Instance &one = instantiate(module), &two = instantiate(module);
  ASSERT_TRUE(call(one, "store", {{.i32 = 16}, {.i32 = 1}}));
  ASSERT_TRUE(call(one, "set_g", {{.i64 = 9}}));
  ASSERT_TRUE(call(one, "grow", {{.i32 = 1}}));
  EXPECT_EQ(call(one, "load", {{.i32 = 16}})->i32, 1);
  EXPECT_EQ(call(two, "load", {{.i32 = 16}})->i32, 0x74696e69);  // "init"
  EXPECT_EQ(two.get("g").global.get(store).i64, 5);
  EXPECT_EQ(two.get("memory").memory.pages(store), 1u);
  EXPECT_EQ(trap(two, "load", {{.i32 = 65536}}), "out of bounds memory access");
  EXPECT_EQ(call(one, "load", {{.i32 = 65536}})->i32, 0);
}

TEST_P(Linking, ImportsAreTheVeryObjects) {
  Instance &owner = instantiate("memory");
  linker.define_instance("owner", owner);
  Instance &user = instantiate("tables");
  ASSERT_TRUE(call(owner, "store", {{.i32 = 100}, {.i32 = 42}}));
  EXPECT_EQ(call(user, "load", {{.i32 = 100}})->i32, 42);
  ASSERT_TRUE(call(owner, "set_g", {{.i64 = 11}}));
  EXPECT_EQ(call(user, "get_g")->i64, 11);
  EXPECT_EQ(trap(user, "load", {{.i32 = 65536}}), "out of bounds memory access");
  ASSERT_TRUE(owner.get("memory").memory.grow(store, 1));
  EXPECT_EQ(call(user, "load", {{.i32 = 65536}})->i32, 0);
  EXPECT_EQ(trap(user, "load", {{.i32 = 131070}}), "out of bounds memory access");
}

TEST_P(Linking, TablesAreCalledThroughAndChangedByTheHost) {
  Instance &owner = instantiate("memory");
  linker.define_instance("owner", owner);
  Instance &user = instantiate("tables");
  EXPECT_EQ(call(user, "apply", {{.i32 = 0}, {.i32 = 21}})->i32, 42);
  EXPECT_EQ(call(user, "apply", {{.i32 = 1}, {.i32 = 21}})->i32, 10);
  EXPECT_EQ(trap(user, "apply", {{.i32 = 2}, {.i32 = 21}}), "uninitialized element");
  EXPECT_EQ(trap(user, "apply", {{.i32 = 4}, {.i32 = 21}}), "undefined element");

  // Another instance's function of the same type, in this one's table.
  const Table functions = user.get("functions").table;
  ASSERT_TRUE(functions.set(store, 2, owner.get("load").func.record()));
  ASSERT_TRUE(call(owner, "store", {{.i32 = 200}, {.i32 = 1234}}));
  EXPECT_EQ(call(user, "apply", {{.i32 = 2}, {.i32 = 200}})->i32, 1234);
  ASSERT_TRUE(functions.set(store, 2, owner.get("grow").func.record()));
  EXPECT_EQ(call(user, "apply", {{.i32 = 2}, {.i32 = 1}})->i32, 1);
  EXPECT_EQ(owner.get("memory").memory.pages(store), 2u);
  ASSERT_TRUE(functions.set(store, 2, owner.get("store").func.record()));
  EXPECT_EQ(trap(user, "apply", {{.i32 = 2}, {.i32 = 1}}), "indirect call type mismatch");

  EXPECT_EQ(call(user, "grow", {{.i32 = 4}})->i32, 4);
  EXPECT_EQ(call(user, "grow", {{.i32 = 1}})->i32, -1);
  EXPECT_EQ(call(user, "apply", {{.i32 = 7}, {.i32 = 4}})->i32, 8);
}

TEST_P(Linking, FunctionReferencesKeepTheirIdentity) {
  linker.define_instance("owner", instantiate("memory"));
  Instance &user = instantiate("tables");
  void *from_table = nullptr;
  ASSERT_TRUE(user.get("functions").table.get(store, 0, from_table));
  EXPECT_EQ(from_table, user.get("double").func.record());
}

TEST_P(Linking, MissingImportsAreNamed) {
  const auto instance = linker.instantiate(store, compile("tables"));
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().describe(), "tables: unknown import \"owner\" \"memory\" (memory)");
}

TEST_P(Linking, WrongImportsAreExplained) {
  const Module module = compile("tables");
  linker.define_instance("owner", instantiate("memory"));
  linker.define("owner", "g", Extern{.kind = ExternKind::Global, .global = store.create_global(ValType::I32, true, {.i32 = 0})});
  EXPECT_EQ(linker.instantiate(store, module).error().describe(), "tables: incompatible import type \"owner\" \"g\": the global's type differs");
  linker.define("owner", "g", Extern{.kind = ExternKind::Memory, .memory = *store.create_memory({.min = 1, .max = 1})});
  EXPECT_EQ(linker.instantiate(store, module).error().describe(), "tables: incompatible import type \"owner\" \"g\": a global is wanted, a memory is given");
  linker.define("owner", "memory", Extern{.kind = ExternKind::Memory, .memory = *store.create_memory({.min = 1, .max = 5})});
  EXPECT_EQ(linker.instantiate(store, module).error().describe(), "tables: incompatible import type \"owner\" \"memory\": the memory's limits differ");
}

TEST(LinkingBounds, GuardCodeNeedsAGuardedMemory) {
  Engine engine{EngineConfig{.compile = test::compile_quickly}};
  std::ifstream file(WASMC_TEST_MODULES "/tables.wasm", std::ios::binary);
  const std::vector<uint8_t> wasm(std::istreambuf_iterator<char>(file), {});
  const auto module = Module::compile(engine, wasm, "tables");
  ASSERT_TRUE(module);
  if (module->bounds() != abi::BoundsMode::Guard) GTEST_SKIP() << "this process cannot reserve guard pages";

  // A store whose engine does without guard pages makes a memory without.
  Engine without{EngineConfig{.allow_guard_pages = false}};
  Store store(without);
  Linker linker;
  linker.define("owner", "memory", Extern{.kind = ExternKind::Memory, .memory = *store.create_memory({.min = 1, .max = 4})});
  linker.define("owner", "g", Extern{.kind = ExternKind::Global, .global = store.create_global(ValType::I64, true, {.i64 = 0})});
  const auto instance = linker.instantiate(store, *module);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().describe(),
            "tables: incompatible import type \"owner\" \"memory\": the memory has no guard pages, which this artifact was compiled for (--bounds=guard)");
}

}  // namespace
}  // namespace wasmc
