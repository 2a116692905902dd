#include "wasm/type_section.h"

#include <algorithm>

namespace wasmc::wasm {

namespace {

constexpr uint8_t kRec = 0x4e, kSubFinal = 0x4f, kSub = 0x50, kFunc = 0x60;

std::unexpected<Error> too_many(const char *what, uint32_t most, uint64_t at) {
  return fail(std::string("too many ") + what + ": the limit is " + std::to_string(most), at);
}

std::string number(uint32_t index) { return std::to_string(index); }

/// Parameters of a subtype accept at least what the supertype's do, results give at most what its do.
bool matches(const Module &module, const FuncType &sub, const FuncType &super) {
  const auto accepts = [&](ValType a, ValType b) { return module.matches(a, b); };
  return std::ranges::equal(super.params, sub.params, accepts) && std::ranges::equal(sub.results, super.results, accepts);
}

}  // namespace

Result<> TypeSectionReader::group(Reader &reader) {
  const uint64_t at = reader.offset();
  uint32_t count = 1;
  const bool is_group = reader.peek() == kRec;
  if (is_group) {
    TRY(reader.byte());
    count = TRY(reader.count());
  }
  const auto first = uint32_t(types_.size());
  if (count > kMaxTypes - first) return too_many("types", kMaxTypes, at);
  offsets_.clear();
  for (uint32_t i = 0; i < count; ++i) TRY(member(reader, first + count));
  for (uint32_t i = first; i < first + count; ++i) types_[i].group = TypeIndex(first), types_[i].group_size = count;
  canonicalise(first);
  for (uint32_t i = 0; i < count; ++i) TRY(check_super(first + i, offsets_[i]));
  return {};
}

/// Members of a group may name each other, before and after.
Result<> TypeSectionReader::member(Reader &reader, uint32_t group_end) {
  offsets_.push_back(reader.offset());
  reader.know_types(group_end);
  SubType type;
  TRY(sub_type(reader, type));
  types_.push_back(std::move(type));
  return {};
}

Result<> TypeSectionReader::sub_type(Reader &reader, SubType &type) {
  const uint8_t form = reader.peek();
  if (form != kSub && form != kSubFinal) return composite_type(reader, type);
  TRY(reader.byte());
  type.is_final = form == kSubFinal;
  const uint64_t at = reader.offset();
  const auto own = uint32_t(types_.size());
  const uint32_t supers = TRY(reader.count());
  if (supers > 1) return fail("sub type " + number(own) + " has more than one super type", at);
  if (supers == 1) {
    const uint64_t super_at = reader.offset();
    const uint32_t super = TRY(reader.u32());
    if (super >= reader.known_types()) return fail("unknown type " + number(super), super_at);
    if (super >= own) return fail("forward use of type " + number(super) + " in sub type definition", super_at);
    type.super = TypeIndex(super);
  }
  return composite_type(reader, type);
}

Result<> TypeSectionReader::composite_type(Reader &reader, SubType &type) {
  const uint64_t at = reader.offset();
  const uint8_t form = TRY(reader.byte());
  if (form >= 0x80) return fail("integer representation too long", at);  // It is a signed LEB128 of one byte.
  if (form != kFunc) return fail(later_proposal(CodeSpace::CompositeType, form).value_or("malformed definition type"), at);
  type.func.params = TRY(type_list(reader, kMaxParams, "parameters"));
  type.func.results = TRY(type_list(reader, kMaxResults, "results"));
  return {};
}

Result<std::vector<ValType>> TypeSectionReader::type_list(Reader &reader, uint32_t most, const char *what) {
  const uint64_t at = reader.offset();
  const uint32_t count = TRY(reader.count());
  if (count > most) return too_many(what, most, at);
  std::vector<ValType> types(count);
  for (ValType &type : types) type = TRY(reader.val_type());
  return types;
}

void TypeSectionReader::add_to_key(TypeIndex type, uint32_t first) {
  const bool is_member = raw(type) >= first;
  key_.push_back(is_member);
  key_.push_back(is_member ? raw(type) - first : raw(types_[raw(type)].canonical));
}

void TypeSectionReader::add_to_key(ValType type, uint32_t first) {
  const HeapType heap = type.heap();
  key_.push_back(uint32_t(type.kind()) | uint32_t(type.nullable()) << 8 | uint32_t(heap.kind) << 16);
  if (type.is_ref() && heap.kind == HeapKind::Concrete) add_to_key(heap.index, first);
}

void TypeSectionReader::canonicalise(uint32_t first) {
  key_.clear();
  for (uint32_t i = first; i < types_.size(); ++i) {
    const SubType &type = types_[i];
    key_.push_back(uint32_t(type.is_final) | uint32_t(type.super.has_value()) << 1);
    if (type.super) add_to_key(*type.super, first);
    key_.push_back(uint32_t(type.func.params.size()));
    key_.push_back(uint32_t(type.func.results.size()));
    for (ValType param : type.func.params) add_to_key(param, first);
    for (ValType result : type.func.results) add_to_key(result, first);
  }
  const uint32_t same = known_.try_emplace(key_, first).first->second;
  for (uint32_t i = first; i < types_.size(); ++i) types_[i].canonical = TypeIndex(same + (i - first));
}

Result<> TypeSectionReader::check_super(uint32_t index, uint64_t at) {
  SubType &type = types_[index];
  if (!type.super) return {};
  const SubType &super = types_[raw(*type.super)];
  const std::string name = "sub type " + number(index), super_name = "super type " + number(raw(*type.super));
  if (super.is_final) return fail(name + " has final " + super_name, at);
  if (!matches(module_, type.func, super.func)) return fail(name + " does not match " + super_name, at);
  type.depth = super.depth + 1;
  if (type.depth > kMaxSubtypingDepth) return fail(name + " has too many super types: the limit is " + number(kMaxSubtypingDepth), at);
  return {};
}

}  // namespace wasmc::wasm
