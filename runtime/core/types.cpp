// Types are equal if their recursion groups are, member by member (spec 3.3.1, iso-recursive): a group's key is its members as numbers, where a
// reference within the group counts by its place in it, and one outside by its canonical id. The compiler does the same within a
// module (compiler/wasm/type_section.cpp).
#include "core/types.h"

#include <algorithm>
#include <bit>

namespace wasmc::core {
namespace {

/// Spec 3.3.3, abstract heap types: NoFunc is below all function types.
bool is_function(abi::HeapCode heap) { return heap == abi::HeapCode::Func || heap == abi::HeapCode::NoFunc || heap == abi::HeapCode::Concrete; }

/// A type's index in its module as seen from a group: a place in the group, or the id of an earlier type.
struct Place {
  bool is_member;
  uint32_t number;
};
Place place_of(uint32_t index, uint32_t first, std::span<const uint32_t> ids) {
  if (index >= first) return {true, index - first};
  return {false, ids[index]};
}

}  // namespace

abi::ValueType plain(ValType type) {
  switch (type) {
    case ValType::FuncRef: return {type, abi::HeapCode::Func, 1, 0, 0};
    case ValType::ExternRef: return {type, abi::HeapCode::Extern, 1, 0, 0};
    default: return {type, abi::HeapCode::None, 0, 0, 0};
  }
}

TypeRegistry::~TypeRegistry() {
  for (auto &chunk : chunks_) delete[] chunk.load();
}

const TypeInfo &TypeRegistry::info(uint32_t id) const {
  const unsigned chunk = unsigned(std::bit_width(id)) - 1;
  return chunks_[chunk].load(std::memory_order_acquire)[id - (1u << chunk)];
}

bool TypeRegistry::is_subtype(uint32_t sub, uint32_t super) const {
  if (sub == super) return true;
  const TypeInfo &from = info(sub);
  const size_t depth = info(super).depth();
  return depth < from.depth() && from.supers[depth] == super;
}

bool TypeRegistry::matches(abi::ValueType sub, abi::ValueType super) const {
  if (sub == super) return true;
  if (sub.heap == abi::HeapCode::None || super.heap == abi::HeapCode::None || sub.nullable > super.nullable) return false;
  if (sub.heap == super.heap) return sub.heap != abi::HeapCode::Concrete || is_subtype(sub.type, super.type);
  if (sub.heap == abi::HeapCode::NoFunc) return is_function(super.heap);
  return sub.heap == abi::HeapCode::Concrete && super.heap == abi::HeapCode::Func;
}

bool TypeRegistry::holds(abi::ValueType type, const void *reference) const {
  if (type.heap == abi::HeapCode::None) return true;
  if (!reference) return type.nullable;
  switch (type.heap) {
    case abi::HeapCode::NoFunc: return false;
    case abi::HeapCode::Concrete: return is_subtype(static_cast<const abi::FuncRecord *>(reference)->type_id, type.type);
    default: return true;
  }
}

uint32_t TypeRegistry::intern(const FuncType &type) {
  std::vector<abi::ValueType> params, results;
  std::ranges::transform(type.params, std::back_inserter(params), plain);
  std::ranges::transform(type.results, std::back_inserter(results), plain);
  const DefinedType alone{params, results};
  const std::scoped_lock lock(mutex_);
  return intern_group({&alone, 1}, 0, 1, {});
}

std::vector<uint32_t> TypeRegistry::intern(std::span<const DefinedType> types) {
  const std::scoped_lock lock(mutex_);
  std::vector<uint32_t> ids;
  ids.reserve(types.size());
  while (ids.size() < types.size()) {
    const auto first = uint32_t(ids.size());
    const auto count = uint32_t(std::clamp<size_t>(types[first].group_size, 1, types.size() - first));
    const uint32_t id = intern_group(types, first, count, ids);
    for (uint32_t i = 0; i < count; ++i) ids.push_back(id + i);
  }
  return ids;
}

uint32_t TypeRegistry::intern_group(std::span<const DefinedType> types, uint32_t first, uint32_t count, std::span<const uint32_t> ids) {
  Key key;
  const auto add_place = [&](uint32_t index) {
    const Place place = place_of(index, first, ids);
    key.push_back(place.is_member);
    key.push_back(place.number);
  };
  const auto add_type = [&](abi::ValueType type) {
    key.push_back(uint32_t(type.code) | uint32_t(type.heap) << 8 | uint32_t(type.nullable) << 16);
    if (type.heap == abi::HeapCode::Concrete) add_place(type.type);
  };
  for (const DefinedType &type : types.subspan(first, count)) {
    const bool has_super = type.super != abi::kNone;
    key.push_back(uint32_t(type.is_final) | uint32_t(has_super) << 1);
    if (has_super) add_place(type.super);
    key.push_back(uint32_t(type.params.size()));
    key.push_back(uint32_t(type.results.size()));
    std::ranges::for_each(type.params, add_type);
    std::ranges::for_each(type.results, add_type);
  }
  const auto [known, is_new] = groups_.try_emplace(std::move(key), next_);
  if (is_new)
    for (const DefinedType &type : types.subspan(first, count)) add(type, first, known->second, ids);
  return known->second;
}

uint32_t TypeRegistry::add(const DefinedType &type, uint32_t first, uint32_t first_id, std::span<const uint32_t> ids) {
  const auto id_of = [&](uint32_t index) {
    const Place place = place_of(index, first, ids);
    return place.is_member ? first_id + place.number : place.number;
  };
  TypeInfo info;
  for (abi::ValueType param : type.params) {
    if (param.heap == abi::HeapCode::Concrete) param.type = id_of(param.type);
    info.takes_typed_references |= param != plain(param.code);
    info.face.params.push_back(param.code);
    info.params.push_back(param);
  }
  for (abi::ValueType result : type.results) info.face.results.push_back(result.code);
  const auto is_plain = [](abi::ValueType each) { return each == plain(each.code); };
  info.is_face = type.group_size == 1 && type.super == abi::kNone && type.is_final && std::ranges::all_of(type.params, is_plain) &&
                 std::ranges::all_of(type.results, is_plain);
  const uint32_t id = next_++;
  if (type.super != abi::kNone) info.supers = this->info(id_of(type.super)).supers;
  info.supers.push_back(id);
  const unsigned chunk = unsigned(std::bit_width(id)) - 1;
  if (id == 1u << chunk) chunks_[chunk].store(new TypeInfo[size_t{1} << chunk], std::memory_order_release);
  chunks_[chunk].load(std::memory_order_relaxed)[id - (1u << chunk)] = std::move(info);
  return id;
}

}  // namespace wasmc::core
