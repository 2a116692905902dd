// Writes small Wasm modules: enough of the binary format (spec 5) for the benchmarks, with sizes chosen at run time.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace wasmc::bench {

using Bytes = std::vector<uint8_t>;

/// The bytes of the instructions that the modules are made of.
enum Code : uint8_t {
  kUnreachable = 0x00,
  kBlock = 0x02,
  kLoop = 0x03,
  kBrIf = 0x0d,
  kReturn = 0x0f,
  kCall = 0x10,
  kDrop = 0x1a,
  kLocalGet = 0x20,
  kLocalSet = 0x21,
  kLocalTee = 0x22,
  kI32Load = 0x28,
  kMemoryGrow = 0x40,
  kI32Const = 0x41,
  kI32Eqz = 0x45,
  kI32Add = 0x6a,
  kI32Sub = 0x6b,
  kI32DivS = 0x6d,
  kEnd = 0x0b,
  kEmptyBlock = 0x40,
  kI32 = 0x7f,
  kFuncRef = 0x70,
};

/// Indices are handed out in the order of the calls. Imports come before functions.
class ModuleBuilder {
 public:
  /// A function type over i32.
  uint32_t type(uint32_t params, uint32_t results);
  uint32_t import_function(std::string_view module, std::string_view name, uint32_t type);
  /// `body` is without the closing end; all locals are i32.
  uint32_t function(uint32_t type, Bytes body, uint32_t locals = 0);
  void export_function(std::string_view name, uint32_t function);
  void memory(uint32_t min_pages, uint32_t max_pages);
  /// A table that holds the first `count` functions.
  void table_of(uint32_t count);
  /// Active in memory 0.
  void data(uint32_t address, const Bytes &contents);
  Bytes build() const;

 private:
  struct Section {
    uint32_t count = 0;
    Bytes items;
  };
  Section types_, imports_, functions_, tables_, memories_, exports_, elements_, codes_, data_;
};

/// Appends an unsigned number (LEB128).
void put_u32(Bytes &to, uint32_t value);
/// `i32.const value`
Bytes i32_const(int32_t value);
Bytes concat(std::initializer_list<Bytes> parts);

}  // namespace wasmc::bench
