// Builds binary modules for tests, well-formed or not.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/opcode.h"

namespace wasmc::wasm::test {

using Bytes = std::vector<uint8_t>;

inline Bytes operator+(Bytes left, const Bytes &right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes uleb(uint64_t value) {
  Bytes out;
  do {
    out.push_back(uint8_t(value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value != 0);
  return out;
}

inline Bytes text(std::string_view name) { return uleb(name.size()) + Bytes(name.begin(), name.end()); }

/// Length and contents.
inline Bytes sized(const Bytes &contents) { return uleb(contents.size()) + contents; }

/// Number and elements.
inline Bytes list(const std::vector<Bytes> &elements) {
  Bytes out = uleb(elements.size());
  for (const Bytes &element : elements) out = std::move(out) + element;
  return out;
}

/// Code from opcodes of opcodes.def and single bytes of immediates: `code({op::I32Const, 1, op::MemoryFill, 0})`.
inline Bytes code(std::initializer_list<uint32_t> items) {
  Bytes out;
  for (uint32_t item : items) {
    if (item > 0xff) out.push_back(uint8_t(item >> 16));
    out = std::move(out) + (item > 0xff ? uleb(item & 0xffff) : Bytes{uint8_t(item)});
  }
  return out;
}

inline constexpr uint8_t kI32Byte = 0x7f, kI64Byte = 0x7e, kF32Byte = 0x7d, kF64Byte = 0x7c, kFuncRefByte = 0x70,
                         kExternRefByte = 0x6f, kEmptyBlock = 0x40;

/// The bytes of a module, section by section; `build` puts them in order.
class Builder {
 public:
  uint32_t type(Bytes params, Bytes results) { return add(1, Bytes{0x60} + sized(params) + sized(results)); }
  void import_function(std::string_view module, std::string_view name, uint32_t type) {
    add(2, text(module) + text(name) + Bytes{0} + uleb(type));
    ++functions_;
  }
  void import_global(std::string_view module, std::string_view name, uint8_t type, bool is_mutable) {
    add(2, text(module) + text(name) + Bytes{3, type, is_mutable});
  }
  /// A function of a type; `body` has no final `end`. Returns its index.
  uint32_t function(uint32_t type, const Bytes &body, const std::vector<Bytes> &locals = {}) {
    return raw_function(type, list(locals) + body + Bytes{0x0b});
  }
  uint32_t raw_function(uint32_t type, const Bytes &body) {
    add(3, uleb(type));
    add(10, sized(body));
    return functions_++;
  }
  void table(uint8_t element, uint32_t min) { add(4, Bytes{element, 0} + uleb(min)); }
  void memory(uint32_t min) { add(5, Bytes{0} + uleb(min)); }
  void global(uint8_t type, bool is_mutable, const Bytes &init) { add(6, Bytes{type, is_mutable} + init + Bytes{0x0b}); }
  void export_(std::string_view name, uint8_t kind, uint32_t index) { add(7, text(name) + Bytes{kind} + uleb(index)); }
  void start(uint32_t func) { whole(8, uleb(func)); }
  void element(const Bytes &segment) { add(9, segment); }
  void data_count(uint32_t count) { whole(12, uleb(count)); }
  void data(const Bytes &segment) { add(11, segment); }
  /// Replaces a section's contents.
  void whole(uint8_t id, Bytes contents) { whole_[id] = std::move(contents); }
  void custom(std::string_view name, const Bytes &contents) {
    custom_ = std::move(custom_) + Bytes{0} + sized(text(name) + contents);
  }

  Bytes build() const {
    Bytes out = {0, 'a', 's', 'm', 1, 0, 0, 0};
    for (uint8_t id : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11}) {
      if (auto whole = whole_.find(id); whole != whole_.end())
        out = std::move(out) + Bytes{id} + sized(whole->second);
      else if (auto entries = entries_.find(id); entries != entries_.end())
        out = std::move(out) + Bytes{id} + sized(list(entries->second));
    }
    return out + custom_;
  }

 private:
  uint32_t add(uint8_t id, Bytes entry) {
    entries_[id].push_back(std::move(entry));
    return uint32_t(entries_[id].size() - 1);
  }

  std::map<uint8_t, std::vector<Bytes>> entries_;
  std::map<uint8_t, Bytes> whole_;
  Bytes custom_;
  uint32_t functions_ = 0;
};

/// A module with one of everything that Wasm 2.0 without SIMD has.
inline Bytes full_module() {
  Builder module;
  const uint32_t nothing = module.type({}, {});
  const uint32_t binary = module.type({kI32Byte, kI32Byte}, {kI32Byte});
  module.import_function("env", "log", binary);
  module.import_global("env", "base", kI32Byte, false);
  const uint32_t add = module.function(binary, code({op::LocalGet, 0, op::LocalGet, 1, op::I32Add}));
  module.function(nothing,
                  code({op::Block, kEmptyBlock, op::I32Const, 1, op::BrIf, 0, op::Loop, kEmptyBlock, op::End, op::End,       //
                        op::I32Const, 0, op::If, kI32Byte, op::I32Const, 1, op::Else, op::I32Const, 2, op::End, op::Drop,    //
                        op::I32Const, 0, op::I64Load, 3, 8, op::LocalSet, 0, op::F64Const, 0, 0, 0, 0, 0, 0, 0, 0, op::Drop,  //
                        op::I32Const, 1, op::I32Const, 2, op::I32Const, 0, op::CallIndirect, 1, 0, op::GlobalSet, 1,         //
                        op::RefFunc, 1, op::RefIsNull, op::Drop, op::RefNull, kExternRefByte, op::Drop,                      //
                        op::I32Const, 0, op::I32Const, 0, op::I32Const, 1, op::MemoryInit, 0, 0, op::DataDrop, 0,            //
                        op::I32Const, 0, op::BrTable, 1, 0, 0}),
                  {Bytes{1, kI64Byte}});
  module.table(kFuncRefByte, 2);
  module.memory(1);
  module.global(kI32Byte, true, code({op::GlobalGet, 0, op::I32Const, 4, op::I32Add}));
  module.export_("add", 0, add);
  module.export_("memory", 2, 0);
  module.start(2);
  module.element(Bytes{0} + code({op::I32Const, 0, op::End}) + Bytes{2, 1, 2});
  module.element(Bytes{5, kFuncRefByte, 2} + code({op::RefNull, kFuncRefByte, op::End, op::RefFunc, 1, op::End}));
  module.data_count(2);
  module.data(Bytes{1, 2, 'h', 'i'});
  module.data(Bytes{0} + code({op::I32Const, 0, op::End}) + Bytes{2, 'h', 'o'});
  module.custom("name", Bytes{1} + sized(list({uleb(1) + text("sum")})));
  return module.build();
}

}  // namespace wasmc::wasm::test
