// Sections in the binary format's order, each a count and the items collected so far.
#include "module_builder.h"

namespace wasmc::bench {
namespace {

void append(Bytes &to, const Bytes &from) { to.insert(to.end(), from.begin(), from.end()); }

void put_name(Bytes &to, std::string_view name) {
  put_u32(to, uint32_t(name.size()));
  to.insert(to.end(), name.begin(), name.end());
}

void put_limits(Bytes &to, uint32_t min, uint32_t max) {
  to.push_back(1);
  put_u32(to, min);
  put_u32(to, max);
}

}  // namespace

void put_u32(Bytes &to, uint32_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(uint8_t(value | 0x80));
  to.push_back(uint8_t(value));
}

Bytes i32_const(int32_t value) {
  Bytes out{kI32Const};
  for (; value < -64 || value > 63; value >>= 7) out.push_back(uint8_t(value | 0x80));
  out.push_back(uint8_t(value & 0x7f));
  return out;
}

Bytes concat(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes &part : parts) append(out, part);
  return out;
}

uint32_t ModuleBuilder::type(uint32_t params, uint32_t results) {
  types_.items.push_back(0x60);
  for (uint32_t count : {params, results}) {
    put_u32(types_.items, count);
    types_.items.insert(types_.items.end(), count, kI32);
  }
  return types_.count++;
}

uint32_t ModuleBuilder::import_function(std::string_view module, std::string_view name, uint32_t type) {
  put_name(imports_.items, module);
  put_name(imports_.items, name);
  imports_.items.push_back(0);
  put_u32(imports_.items, type);
  return imports_.count++;
}

uint32_t ModuleBuilder::function(uint32_t type, Bytes body, uint32_t locals) {
  put_u32(functions_.items, type);
  Bytes code;
  put_u32(code, locals > 0 ? 1 : 0);
  if (locals > 0) {
    put_u32(code, locals);
    code.push_back(kI32);
  }
  append(code, body);
  code.push_back(kEnd);
  put_u32(codes_.items, uint32_t(code.size()));
  append(codes_.items, code);
  codes_.count++;
  return imports_.count + functions_.count++;
}

void ModuleBuilder::export_function(std::string_view name, uint32_t function) {
  put_name(exports_.items, name);
  exports_.items.push_back(0);
  put_u32(exports_.items, function);
  exports_.count++;
}

void ModuleBuilder::memory(uint32_t min_pages, uint32_t max_pages) {
  put_limits(memories_.items, min_pages, max_pages);
  memories_.count++;
}

void ModuleBuilder::table_of(uint32_t count) {
  tables_.items.push_back(kFuncRef);
  put_limits(tables_.items, count, count);
  tables_.count++;
  elements_.items.push_back(0);
  append(elements_.items, i32_const(0));
  elements_.items.push_back(kEnd);
  put_u32(elements_.items, count);
  for (uint32_t i = 0; i < count; i++) put_u32(elements_.items, i);
  elements_.count++;
}

void ModuleBuilder::data(uint32_t address, const Bytes &contents) {
  data_.items.push_back(0);
  append(data_.items, i32_const(int32_t(address)));
  data_.items.push_back(kEnd);
  put_u32(data_.items, uint32_t(contents.size()));
  append(data_.items, contents);
  data_.count++;
}

Bytes ModuleBuilder::build() const {
  Bytes out{0, 'a', 's', 'm', 1, 0, 0, 0};
  const auto put = [&](uint8_t id, const Section &section) {
    if (section.count == 0) return;
    Bytes contents;
    put_u32(contents, section.count);
    append(contents, section.items);
    out.push_back(id);
    put_u32(out, uint32_t(contents.size()));
    append(out, contents);
  };
  put(1, types_), put(2, imports_), put(3, functions_), put(4, tables_), put(5, memories_), put(7, exports_),
      put(9, elements_);
  put(10, codes_), put(11, data_);
  return out;
}

}  // namespace wasmc::bench
