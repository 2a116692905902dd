#include "link/description.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>
#include <string>

#include "link/image.h"
#include "link/hash.h"
#include "lower/handover.h"
#include "wasm/opcode.h"

namespace wasmc::link {
namespace {

template <class T> void append_raw(Bytes &bytes, const T *data, size_t count) {
  static_assert(std::has_unique_object_representations_v<T>, "padding would make the artifact's bytes random");
  const auto *first = reinterpret_cast<const uint8_t *>(data);
  bytes.insert(bytes.end(), first, first + count * sizeof(T));
}

/// Structs and arrays one after another, each aligned to 8 bytes.
class FlatWriter {
 public:
  explicit FlatWriter(size_t header) : bytes_(header) {}
  template <class T> abi::Range append(const std::vector<T> &elements) {
    is_too_large_ |= elements.size() * sizeof(T) > UINT32_MAX - 8 - bytes_.size();
    if (is_too_large_) return {};
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    const abi::Range range{uint32_t(bytes_.size()), uint32_t(elements.size())};
    append_raw(bytes_, elements.data(), elements.size());
    return range;
  }
  /// Offsets have 32 bits: an error if they did not reach.
  Result<Bytes> take(const abi::ModuleHeader &header) {
    if (is_too_large_) return fail("the module's types, names, imports and elements are too many to describe");
    std::memcpy(bytes_.data(), &header, sizeof header);
    return std::move(bytes_);
  }

 private:
  Bytes bytes_;
  bool is_too_large_ = false;
};

abi::TypeCode type_code(wasm::ValType type) {
  using Kind = wasm::ValType::Kind;
  switch (type.kind()) {
    case Kind::I32: return abi::TypeCode::I32;
    case Kind::I64: return abi::TypeCode::I64;
    case Kind::F32: return abi::TypeCode::F32;
    case Kind::F64: return abi::TypeCode::F64;
    case Kind::V128: return abi::TypeCode::V128;
    case Kind::Ref: return type.is_funcref() ? abi::TypeCode::FuncRef : abi::TypeCode::ExternRef;
    case Kind::Bottom: break;
  }
  assert(!"a declared type is never bottom");
  return abi::TypeCode::I32;
}

abi::HeapCode heap_code(wasm::HeapKind kind) {
  switch (kind) {
    case wasm::HeapKind::Func: return abi::HeapCode::Func;
    case wasm::HeapKind::Extern: return abi::HeapCode::Extern;
    case wasm::HeapKind::Concrete: return abi::HeapCode::Concrete;
    case wasm::HeapKind::NoFunc: return abi::HeapCode::NoFunc;
    case wasm::HeapKind::Bottom: break;
  }
  assert(!"a declared type is never bottom");
  return abi::HeapCode::Func;
}

abi::ValueType value_type(wasm::ValType type) {
  if (!type.is_ref()) return {type_code(type), abi::HeapCode::None, 0, 0, 0};
  return {type_code(type), heap_code(type.heap().kind), type.nullable(), 0, raw(type.heap().index)};
}

abi::ExternKind extern_kind(wasm::ExternKind kind) {
  static_assert(int(wasm::ExternKind::Func) == int(abi::ExternKind::Func) && int(wasm::ExternKind::Tag) == int(abi::ExternKind::Tag));
  return abi::ExternKind(kind);
}

abi::SegmentMode segment_mode(wasm::SegmentMode mode) {
  static_assert(int(wasm::SegmentMode::Active) == int(abi::SegmentMode::Active) &&
                int(wasm::SegmentMode::Declarative) == int(abi::SegmentMode::Declarative));
  return abi::SegmentMode(mode);
}

abi::LimitsEntry limits_entry(const wasm::Limits &limits) {
  return {limits.min, limits.max.value_or(0), limits.max.has_value(), limits.is_64, limits.is_shared, {}};
}

abi::ConstCode const_code(uint32_t opcode) {
  switch (opcode) {
    case wasm::op::I32Const: return abi::ConstCode::I32;
    case wasm::op::I64Const: return abi::ConstCode::I64;
    case wasm::op::F32Const: return abi::ConstCode::F32;
    case wasm::op::F64Const: return abi::ConstCode::F64;
    case wasm::op::V128Const: return abi::ConstCode::V128;
    case wasm::op::RefNull: return abi::ConstCode::RefNull;
    case wasm::op::RefFunc: return abi::ConstCode::RefFunc;
    case wasm::op::GlobalGet: return abi::ConstCode::GlobalGet;
    case wasm::op::I32Add: return abi::ConstCode::I32Add;
    case wasm::op::I32Sub: return abi::ConstCode::I32Sub;
    case wasm::op::I32Mul: return abi::ConstCode::I32Mul;
    case wasm::op::I64Add: return abi::ConstCode::I64Add;
    case wasm::op::I64Sub: return abi::ConstCode::I64Sub;
    case wasm::op::I64Mul: return abi::ConstCode::I64Mul;
  }
  assert(!"the validator lets no other instruction into a constant expression");
  return abi::ConstCode::I32;
}

/// Collects the arrays of the description; `finish` lays them out.
class DescriptionBuilder {
 public:
  explicit DescriptionBuilder(const Subject &subject) : subject_(subject), module_(subject.module) {}

  Result<Description> build() {
    Description out;
    add_types();
    add_imports_and_exports();
    add_functions();
    add_tables();
    add_memories();
    add_globals();
    add_elements();
    out.names = names();
    if (subject_.code_table.is_continuation) {
      out.module = TRY(finish({}));
      return out;
    }
    Image image = flatten_data(module_, subject_.target.arch);
    add_data(image, out.data);
    out.image = std::move(image.bytes);
    out.module = TRY(finish(image.runs));
    return out;
  }

 private:
  abi::StringRef string(std::string_view text) {
    const auto [it, is_new] = known_strings_.try_emplace(text, abi::StringRef{uint32_t(strings_.size()), uint32_t(text.size())});
    if (is_new) strings_.insert(strings_.end(), text.begin(), text.end());
    return it->second;
  }

  uint32_t expression(const wasm::ConstExpr &expression) {
    exprs_.push_back({uint32_t(ops_.size()), uint32_t(expression.ops.size())});
    for (const wasm::ConstOp &op : expression.ops) ops_.push_back({const_code(op.code), op.index, op.bits, op.high});
    return uint32_t(exprs_.size() - 1);
  }
  uint32_t expression(const std::optional<wasm::ConstExpr> &maybe) { return maybe ? expression(*maybe) : abi::kNone; }

  void add_types() {
    for (uint32_t i = 0; i < module_.types.size(); ++i) {
      const wasm::SubType &entry = module_.types[i];
      const wasm::FuncType &type = entry.func;
      const bool begins_group = raw(entry.group) == i;
      types_.push_back({uint32_t(value_types_.size()), uint16_t(type.params.size()), uint16_t(type.results.size()),
                        subject_.code_table.entry_thunk(wasm::TypeIndex(i)), entry.super ? raw(*entry.super) : abi::kNone,
                        begins_group ? entry.group_size : 0, entry.is_final, {}});
      for (wasm::ValType param : type.params) value_types_.push_back(value_type(param));
      for (wasm::ValType result : type.results) value_types_.push_back(value_type(result));
    }
  }

  void add_imports_and_exports() {
    for (const wasm::Import &import : module_.imports)
      imports_.push_back({string(import.module), string(import.name), extern_kind(import.kind), {}, import.index});
    for (const wasm::Export &exported : module_.exports)
      exports_.push_back({string(exported.name), extern_kind(exported.kind), {}, exported.index});
  }

  void add_functions() {
    for (uint32_t i = 0; i < module_.functions.size(); ++i) {
      const wasm::FuncIndex func{i};
      const wasm::TypeIndex type = module_.functions[i];
      if (module_.is_imported(func))
        functions_.push_back({raw(type), subject_.code_table.host_adapter(type), 0, subject_.layout.functions[i], abi::kNone});
      else
        functions_.push_back({raw(type), subject_.code_table.body(func), uint32_t(module_.body(func).offset), 0,
                              subject_.code_table.entry(func)});
    }
  }

  void add_tables() {
    for (uint32_t i = 0; i < module_.tables.size(); ++i) {
      const wasm::Table &table = module_.tables[i];
      tables_.push_back({value_type(table.type.element), i < module_.imported_tables, {},
                         subject_.layout.tables[i], limits_entry(table.type.limits), expression(table.init), 0});
    }
  }

  void add_memories() {
    for (uint32_t i = 0; i < module_.memories.size(); ++i)
      memories_.push_back({i < module_.imported_memories, module_.memories[i].page_size_log2, {}, subject_.layout.memories[i], limits_entry(module_.memories[i].limits)});
  }

  void add_globals() {
    for (uint32_t i = 0; i < module_.globals.size(); ++i) {
      const wasm::Global &global = module_.globals[i];
      globals_.push_back({value_type(global.type.type), i < module_.imported_globals, global.type.is_mutable, {},
                          subject_.layout.globals[i], expression(global.init)});
    }
  }

  void add_elements() {
    for (const wasm::ElemSegment &segment : module_.elements) {
      const abi::Range items{uint32_t(element_items_.size()), uint32_t(segment.size())};  // offset: fixed up in finish
      for (wasm::FuncIndex func : segment.functions) element_items_.push_back(raw(func));
      for (const wasm::ConstExpr &item : segment.expressions) element_items_.push_back(expression(item));
      elements_.push_back({segment_mode(segment.mode), type_code(segment.type), !segment.expressions.empty(), 0,
                           raw(segment.table), expression(segment.offset), items});
    }
  }

  void add_data(const Image &image, Bytes &bytes) {
    for (size_t i = 0; i < module_.data.size(); ++i) {
      const wasm::DataSegment &segment = module_.data[i];
      const bool in_image = image.holds[i];
      const std::span<const uint8_t> contents = in_image ? std::span<const uint8_t>() : segment.bytes;
      data_.push_back({segment_mode(segment.mode), in_image, {}, raw(segment.memory), expression(segment.offset), 0,
                       bytes.size(), contents.size()});
      bytes.insert(bytes.end(), contents.begin(), contents.end());
    }
  }

  /// abi::NameTable.
  Bytes names() const {
    std::vector<uint32_t> ends;
    Bytes text;
    const auto add = [&](std::string_view name) {
      text.insert(text.end(), name.begin(), name.end());
      ends.push_back(uint32_t(text.size()));
    };
    add(module_.name);
    for (uint32_t i = 0; i < module_.functions.size(); ++i) add(module_.function_name(wasm::FuncIndex(i)));
    const abi::NameTable table{uint32_t(module_.functions.size()), uint32_t(text.size())};
    Bytes out;
    append_raw(out, &table, 1);
    append_raw(out, ends.data(), ends.size());
    append_raw(out, text.data(), text.size());
    return out;
  }

  abi::ModuleHeader identity() const {
    const auto copy = [](auto &to, std::string_view from) { std::memcpy(to, from.data(), std::min(from.size(), sizeof(to) - 1)); };
    abi::ModuleHeader header{};
    std::memcpy(header.magic, abi::kMagic, sizeof header.magic);
    header.abi_version = abi::kAbiVersion;
    header.arch = subject_.target.arch;
    copy(header.compiler_version, subject_.compiler_version);
    copy(header.triple, subject_.target.triple);
    copy(header.cpu, subject_.target.cpu);
    std::ranges::copy(subject_.target.feature_bits, header.cpu_features);
    header.bounds = subject_.options.bounds;
    header.opt_level = subject_.options.opt_level == compiler::OptLevel::Os ? 's' : uint32_t(subject_.options.opt_level);
    header.wasm_hash = hash(module_.bytes);
    header.wasm_size = module_.bytes.size();
    header.context_size = subject_.layout.size;
    header.memory0_at_context = subject_.layout.memory0_at_context;
    header.uses_segment_base = subject_.code_table.uses_segment_base;
    header.code_count = subject_.code_table.size();
    header.start_function = module_.start ? raw(*module_.start) : abi::kNone;
    header.imported_functions = module_.imported_functions;
    header.tail_call_slot = subject_.layout.tail_call;
    header.continued_function = subject_.options.continuation ? subject_.options.continuation->function : abi::kNone;
    if (subject_.options.continuation) header.continued_loop = subject_.options.continuation->offset;
    if (subject_.options.first_tier) header.handover_size = lower::handover_size(subject_.target.arch);
    return header;
  }

  Result<Bytes> finish(const std::vector<abi::ImageRun> &runs) {
    abi::ModuleHeader header = identity();
    FlatWriter out(sizeof header);
    const uint32_t value_types = out.append(value_types_).offset;
    for (abi::TypeEntry &type : types_) type.types = value_types + type.types * uint32_t(sizeof(abi::ValueType));
    header.element_items = out.append(element_items_);
    for (abi::ElementEntry &element : elements_)
      element.items.offset = header.element_items.offset + element.items.offset * uint32_t(sizeof(uint32_t));
    header.strings = out.append(strings_);
    header.types = out.append(types_);
    header.imports = out.append(imports_);
    header.functions = out.append(functions_);
    header.tables = out.append(tables_);
    header.memories = out.append(memories_);
    header.globals = out.append(globals_);
    header.exports = out.append(exports_);
    header.const_exprs = out.append(exprs_);
    header.const_ops = out.append(ops_);
    header.elements = out.append(elements_);
    header.data = out.append(data_);
    header.image_runs = out.append(runs);
    return out.take(header);
  }

  const Subject &subject_;
  const wasm::Module &module_;
  std::map<std::string_view, abi::StringRef> known_strings_;
  Bytes strings_;
  std::vector<abi::ValueType> value_types_;
  std::vector<abi::TypeEntry> types_;
  std::vector<abi::ImportEntry> imports_;
  std::vector<abi::FunctionEntry> functions_;
  std::vector<abi::TableEntry> tables_;
  std::vector<abi::MemoryEntry> memories_;
  std::vector<abi::GlobalEntry> globals_;
  std::vector<abi::ExportEntry> exports_;
  std::vector<abi::ConstExpr> exprs_;
  std::vector<abi::ConstOp> ops_;
  std::vector<abi::ElementEntry> elements_;
  std::vector<uint32_t> element_items_;
  std::vector<abi::DataEntry> data_;
};

}  // namespace

Result<Description> describe(const Subject &subject) { return DescriptionBuilder(subject).build(); }

Bytes trap_table(const std::vector<codegen::Object> &objects) {
  std::vector<abi::TrapFunction> functions;
  Bytes sites;
  for (const codegen::Object &object : objects) {
    for (abi::TrapFunction function : object.sites.functions) {
      function.sites += uint32_t(sites.size());
      functions.push_back(function);
    }
    sites.insert(sites.end(), object.sites.bytes.begin(), object.sites.bytes.end());
  }
  std::ranges::sort(functions, {}, &abi::TrapFunction::code);
  const abi::TrapTable table{uint32_t(functions.size()), uint32_t(sites.size())};
  Bytes out;
  append_raw(out, &table, 1);
  append_raw(out, functions.data(), functions.size());
  append_raw(out, sites.data(), sites.size());
  return out;
}

}  // namespace wasmc::link
