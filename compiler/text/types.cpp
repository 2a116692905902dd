#include "text/types.h"

#include <algorithm>
#include <bit>

namespace wasmc::text {
namespace {

using enum Token::Kind;

struct TypeWord {
  std::string_view word;
  uint8_t code;
};
constexpr TypeWord kValueTypes[] = {{"i32", 0x7f}, {"i64", 0x7e}, {"f32", 0x7d}, {"f64", 0x7c}, {"v128", 0x7b}};
constexpr TypeWord kPackedTypes[] = {{"i8", 0x78}, {"i16", 0x77}};
constexpr TypeWord kReferenceTypes[] = {
    {"funcref", 0x70},     {"externref", 0x6f},   {"anyref", 0x6e},        {"eqref", 0x6d},       {"i31ref", 0x6c},
    {"structref", 0x6b},   {"arrayref", 0x6a},    {"exnref", 0x69},        {"contref", 0x68},     {"nullref", 0x71},
    {"nullfuncref", 0x73}, {"nullexternref", 0x72}, {"nullexnref", 0x74},  {"nullcontref", 0x75},
};
constexpr TypeWord kHeapTypes[] = {
    {"func", 0x70}, {"extern", 0x6f}, {"any", 0x6e},    {"eq", 0x6d},       {"i31", 0x6c},   {"struct", 0x6b}, {"array", 0x6a},
    {"exn", 0x69},  {"cont", 0x68},   {"none", 0x71},   {"noextern", 0x72}, {"nofunc", 0x73}, {"noexn", 0x74},  {"nocont", 0x75},
};
constexpr uint8_t kRef = 0x64, kRefNull = 0x63;

template <size_t N> const TypeWord *find_word(const TypeWord (&words)[N], const Cursor &cursor) {
  if (!cursor.at(Keyword)) return nullptr;
  const auto found = std::ranges::find(words, cursor.peek().text, &TypeWord::word);
  return found == std::end(words) ? nullptr : found;
}
EncodedType take(const TypeWord &word, Cursor &cursor) { return {std::string(1, char(word.code)), cursor.next().offset}; }

void emit_types(Emitter &out, const std::vector<EncodedType> &types) {
  out.u(types.size());
  for (const EncodedType &type : types) type.emit(out);
}

void emit(Emitter &out, const Signature &signature) {
  out.byte(0x60);
  emit_types(out, signature.params);
  emit_types(out, signature.results);
}

}  // namespace

Result<EncodedType> TypeSection::heap_type(Cursor &cursor) const {
  if (const TypeWord *word = find_word(kHeapTypes, cursor)) return take(*word, cursor);
  const uint64_t at = cursor.offset();
  Emitter out;
  out.s(TRY(space_.index(cursor)));
  return EncodedType{out.string(), at};
}

bool TypeSection::at_reference_type(const Cursor &cursor) const { return find_word(kReferenceTypes, cursor) || cursor.at_list("ref"); }

Result<EncodedType> TypeSection::reference_type(Cursor &cursor) const {
  if (const TypeWord *word = find_word(kReferenceTypes, cursor)) return take(*word, cursor);
  const uint64_t at = cursor.offset();
  if (!cursor.take_list("ref")) return cursor.unexpected();
  const bool nullable = cursor.take_keyword("null");
  const EncodedType heap = TRY(heap_type(cursor));
  TRY(cursor.close());
  return EncodedType{char(nullable ? kRefNull : kRef) + heap.bytes, at};
}

Result<EncodedType> TypeSection::value_type(Cursor &cursor) const {
  if (const TypeWord *word = find_word(kValueTypes, cursor)) return take(*word, cursor);
  return reference_type(cursor);
}

Result<EncodedType> TypeSection::storage_type(Cursor &cursor) const {
  if (const TypeWord *word = find_word(kPackedTypes, cursor)) return take(*word, cursor);
  return value_type(cursor);
}

Result<Signature> TypeSection::signature(Cursor &cursor, std::vector<NamedLocal> *names) const {
  Signature out;
  while (cursor.take_list("param")) {
    const uint64_t at = cursor.offset();
    if (Label label = TRY(cursor.take_label()); !label.is_empty()) {
      if (!names) return fail("unexpected token " + std::string(label.id ? label.id->text : "(@name"), at);
      names->push_back({std::move(label), uint32_t(out.params.size())});
      out.params.push_back(TRY(value_type(cursor)));
    } else {
      while (!cursor.at(RightParen)) out.params.push_back(TRY(value_type(cursor)));
    }
    TRY(cursor.close());
  }
  while (cursor.take_list("result")) {
    while (!cursor.at(RightParen)) out.results.push_back(TRY(value_type(cursor)));
    TRY(cursor.close());
  }
  return out;
}

Result<uint32_t> TypeSection::use(Cursor &cursor, std::vector<NamedLocal> *names) {
  const bool is_explicit = cursor.take_list("type");
  uint32_t type = 0;
  if (is_explicit) {
    type = TRY(space_.index(cursor));
    TRY(cursor.close());
  }
  const bool is_inline = cursor.at_list("param") || cursor.at_list("result");
  const uint64_t at = cursor.offset();
  const Signature written = TRY(signature(cursor, names));
  if (cursor.at_list("param")) return cursor.next(), cursor.unexpected();  // after results
  if (!is_explicit) return index_of(written);
  if (!is_inline) return type;
  if (type >= space_.size()) return fail("unknown type " + std::to_string(type), at);
  if (const Signature *named = signature_of(type); !named || *named != written) return fail("inline function type differs from type " + std::to_string(type), at);
  return type;
}

uint32_t TypeSection::index_of(const Signature &signature) {
  if (const auto found = by_signature_.find(signature); found != by_signature_.end()) return found->second;
  const uint32_t type = space_.define_unnamed();
  ++groups_;
  emit(encoding_, signature);
  remember(type, signature, true);
  return type;
}

void TypeSection::remember(uint32_t type, const Signature &signature, bool can_be_used) {
  signatures_.emplace(type, signature);
  if (can_be_used) by_signature_.try_emplace(signature, type);
}

const Signature *TypeSection::signature_of(uint32_t type) const {
  const auto found = signatures_.find(type);
  return found == signatures_.end() ? nullptr : &found->second;
}

Result<> TypeSection::define(Cursor &cursor) {
  ++groups_;
  encoding_.mark(cursor.offset());
  const uint32_t type = defined_;
  if (TRY(sub_type(cursor, encoding_, type))) offer_to_type_uses(type);
  return {};
}

/// Only a function type that stands alone and is final is the same type as a type use's.
void TypeSection::offer_to_type_uses(uint32_t type) {
  if (const Signature *signature = signature_of(type)) by_signature_.try_emplace(*signature, type);
}

Result<> TypeSection::define_group(Cursor &cursor) {
  ++groups_;
  encoding_.mark(cursor.offset());
  Emitter members;
  const uint32_t first = defined_;
  bool are_plain = true;
  while (cursor.take_list("type")) are_plain &= TRY(sub_type(cursor, members, defined_));
  TRY(cursor.close());
  if (const uint32_t count = defined_ - first; count != 1) {
    encoding_.byte(0x4e);
    encoding_.u(count);
  } else if (are_plain) {
    offer_to_type_uses(first);
  }
  encoding_.append(members);
  return {};
}

/// `$id? (sub final? x* type)` or `$id? type`, and the closing parenthesis of `(type`. `(sub final type)` is written as `type`, which it is
/// the long form of. Whether it is final and has no supertype.
Result<bool> TypeSection::sub_type(Cursor &cursor, Emitter &out, uint32_t type) {
  TRY(cursor.take_label());
  ++defined_;
  bool is_plain = true;
  const bool is_sub = cursor.take_list("sub");
  if (is_sub) {
    const bool is_final = cursor.take_keyword("final");
    Emitter supers;
    uint32_t count = 0;
    for (; space_.at_index(cursor); ++count) TRY(space_.copy_index(cursor, supers));
    is_plain = is_final && count == 0;
    if (!is_plain) {
      out.byte(is_final ? 0x4f : 0x50);
      out.u(count);
      out.append(supers);
    }
  }
  TRY(composite_type(cursor, out, type));
  if (is_sub) TRY(cursor.close());
  TRY(cursor.close());
  return is_plain;
}

Result<> TypeSection::composite_type(Cursor &cursor, Emitter &out, uint32_t type) {
  if (cursor.take_list("func")) {
    std::vector<NamedLocal> names;  // allowed, and without meaning
    const Signature written = TRY(signature(cursor, &names));
    emit(out, written);
    remember(type, written, false);
  } else if (cursor.take_list("struct")) {
    TRY(fields(cursor, out, type));
  } else if (cursor.take_list("array")) {
    out.byte(0x5e);
    TRY(field_type(cursor, out));
  } else if (cursor.take_list("cont")) {
    out.byte(0x5d);
    out.s(TRY(space_.index(cursor)));
  } else {
    return cursor.unexpected();
  }
  return cursor.close();
}

/// `(field $id? type)` or `(field type*)`, any number of times.
Result<> TypeSection::fields(Cursor &cursor, Emitter &out, uint32_t type) {
  IndexSpace &space = fields_.try_emplace(type, "field").first->second;
  Emitter types;
  while (cursor.take_list("field")) {
    if (const Label label = TRY(cursor.take_label()); !label.is_empty()) {
      TRY(space.define(label));
      TRY(field_type(cursor, types));
    } else {
      for (; !cursor.at(RightParen); space.define_unnamed()) TRY(field_type(cursor, types));
    }
    TRY(cursor.close());
  }
  out.byte(0x5f);
  out.u(space.size());
  out.append(types);
  return {};
}

Result<> TypeSection::field_type(Cursor &cursor, Emitter &out) const {
  const bool is_mutable = cursor.take_list("mut");
  TRY(storage_type(cursor)).emit(out);
  out.byte(is_mutable);
  if (is_mutable) TRY(cursor.close());
  return {};
}

bool address_type(Cursor &cursor) { return !cursor.take_keyword("i32") && cursor.take_keyword("i64"); }

Result<TextLimits> limits(Cursor &cursor, bool is_64) {
  TextLimits out{.is_64 = is_64};
  out.min = TRY(cursor.unsigned_number(64));
  if (cursor.at(Number)) out.max = TRY(cursor.unsigned_number(64));
  return out;
}

Result<std::optional<PageSize>> page_size(Cursor &cursor) {
  if (!cursor.take_list("pagesize")) return std::nullopt;
  const uint64_t at = cursor.offset(), size = TRY(cursor.unsigned_number(32));
  if (!std::has_single_bit(size)) return fail("invalid custom page size", at);
  TRY(cursor.close());
  return PageSize{uint64_t(std::countr_zero(size)), at};
}

void TextLimits::emit(Emitter &out) const {
  out.byte(uint8_t(max.has_value() | is_shared << 1 | is_64 << 2 | page_size.has_value() << 3));
  out.u(min);
  if (max) out.u(*max);
  if (!page_size) return;
  out.mark(page_size->offset);
  out.u(page_size->log2);
}

}  // namespace wasmc::text
