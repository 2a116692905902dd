// Modules of this folder, compiled and instantiated.
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "compiler/compiler.h"
#include "runtime/runtime.h"
#include "text/assemble.h"

extern "C" const wasmc::compiler::Api *wasmc_compiler_api();

namespace wasmc::test {

template <compiler::OptLevel level> Result<> compile_at(std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
  compiler::Options options;
  options.opt_level = level;
  options.bounds = bounds;
  return wasmc_compiler_api()->compile(wasm, options, output);
}
inline constexpr auto compile_quickly = compile_at<compiler::OptLevel::O1>;

/// Whether code for this machine can be compiled with `--segue`.
inline bool can_use_segue() {
  const auto target = wasmc_compiler_api()->resolve_target({});
  return target && target->features.find("+fsgsbase") != std::string::npos;
}

/// Guard pages or explicit bounds checks.
class GuestTest : public testing::TestWithParam<bool> {
 protected:
  explicit GuestTest(Result<> (*compile)(std::span<const uint8_t>, abi::BoundsMode, int) = compile_quickly)
      : engine(EngineConfig{.compile = compile, .wasm_stack_size = 1 << 20, .allow_guard_pages = GetParam()}) {}

  Module compile(const std::string &name) {
    std::ifstream file(std::string(WASMC_TEST_MODULES "/") + name + ".wasm", std::ios::binary);
    const std::vector<uint8_t> wasm(std::istreambuf_iterator<char>(file), {});
    auto module = Module::compile(engine, wasm, name);
    if (!module) throw std::runtime_error(module.error().describe());
    return *module;
  }
  Instance &instantiate(const Module &module) {
    auto instance = linker.instantiate(store, module);
    if (!instance) throw std::runtime_error(instance.error().describe());
    if (auto started = Linker::start(store, **instance); !started) throw std::runtime_error(started.error().message());
    return **instance;
  }
  Instance &instantiate(const std::string &name) { return instantiate(compile(name)); }

  /// A module in the text format.
  Result<Module> module(const std::string &text) {
    const auto assembled = text::assemble(text);
    if (!assembled) throw std::runtime_error(assembled.error().describe());
    return Module::compile(engine, assembled->bytes, "test");
  }
  Instance &wat(const std::string &text) {
    auto made = module(text);
    if (!made) throw std::runtime_error(made.error().describe());
    return instantiate(*made);
  }

  TrapOr<Value> call(Instance &instance, const char *name, std::initializer_list<Value> arguments = {}) {
    std::vector<Value> values(arguments);
    values.resize(std::max<size_t>(values.size(), 1));
    const auto done = instance.get(name).func.call(store, values);
    if (!done) return std::unexpected(done.error());
    return values[0];
  }
  /// The message of the trap, or "returned".
  std::string trap(Instance &instance, const char *name, std::initializer_list<Value> arguments = {}) {
    const auto done = call(instance, name, arguments);
    return done ? "returned" : done.error().message();
  }

  Engine engine;
  Store store{engine};
  Linker linker;
};

#define WASMC_WITH_BOTH_BOUNDS(suite) \
  INSTANTIATE_TEST_SUITE_P(Bounds, suite, testing::Bool(), [](const auto &info) { return info.param ? "Guard" : "Explicit"; })

}  // namespace wasmc::test
