// What the functions print is of no interest to a test, so they print nothing.
#include "spectest.h"

namespace wasmc::wast {
namespace {

template <class... P> void print(Caller, P...) {}

Extern global(Store &store, ValType type, Value value) {
  return {.kind = ExternKind::Global, .global = store.create_global(type, false, value)};
}

}  // namespace

Result<> define_spectest(Linker &linker, Store &store) {
  const auto define = [&](std::string_view name, auto what) { linker.define(kSpectest, name, what); };
  define("print", host_function<&print<>>());
  define("print_i32", host_function<&print<int32_t>>());
  define("print_i64", host_function<&print<int64_t>>());
  define("print_f32", host_function<&print<float>>());
  define("print_f64", host_function<&print<double>>());
  define("print_i32_f32", host_function<&print<int32_t, float>>());
  define("print_f64_f64", host_function<&print<double, double>>());
  define("global_i32", global(store, ValType::I32, Value{.i32 = 666}));
  define("global_i64", global(store, ValType::I64, Value{.i64 = 666}));
  define("global_f32", global(store, ValType::F32, Value{.f32 = 666.6f}));
  define("global_f64", global(store, ValType::F64, Value{.f64 = 666.6}));
  define("table", Extern{.kind = ExternKind::Table, .table = TRY(store.create_table(ValType::FuncRef, {10, 20}, nullptr))});
  define("table64", Extern{.kind = ExternKind::Table, .table = TRY(store.create_table(ValType::FuncRef, {.min = 10, .max = 20, .is_64 = true}, nullptr))});
  define("shared_memory", Extern{.kind = ExternKind::Memory, .memory = TRY(store.create_memory({.min = 1, .max = 2, .is_shared = true}))});
  define("memory", Extern{.kind = ExternKind::Memory, .memory = TRY(store.create_memory({1, 2}))});
  return {};
}

}  // namespace wasmc::wast
