// Types of the text format (spec 6.4 Types), turned into their binary encodings at once: the binary reader judges them, so that
// the text reader needs no list of which proposals are supported.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "text/cursor.h"
#include "text/emitter.h"
#include "text/names.h"

namespace wasmc::text {

/// A value type as its binary encoding, and where it was written. Types are compared without the place.
struct EncodedType {
  static constexpr uint64_t kNowhere = ~uint64_t{0};

  std::string bytes;
  uint64_t offset = kNowhere;

  void emit(Emitter &out) const {
    if (offset != kNowhere) out.mark(offset);
    out.bytes(bytes);
  }
  friend bool operator==(const EncodedType &a, const EncodedType &b) { return a.bytes == b.bytes; }
  friend auto operator<=>(const EncodedType &a, const EncodedType &b) { return a.bytes <=> b.bytes; }
};

struct Signature {
  std::vector<EncodedType> params, results;
  friend auto operator<=>(const Signature &, const Signature &) = default;
};

/// A parameter or local that has an identifier or a name.
struct NamedLocal {
  Label label;
  uint32_t index;
};

/// The type section: what the text defines, then what its type uses need besides.
class TypeSection {
 public:
  explicit TypeSection(IndexSpace &space) : space_(space) {}

  /// A `(type …)` or `(rec …)` field whose opening has been read, up to and with its closing parenthesis.
  Result<> define(Cursor &cursor);
  Result<> define_group(Cursor &cursor);

  Result<EncodedType> value_type(Cursor &cursor) const;
  Result<EncodedType> reference_type(Cursor &cursor) const;
  Result<EncodedType> heap_type(Cursor &cursor) const;
  bool at_reference_type(const Cursor &cursor) const;

  /// `(param …)* (result …)*`. Without `names` parameters must not have identifiers.
  Result<Signature> signature(Cursor &cursor, std::vector<NamedLocal> *names) const;
  /// `(type x)? (param …)* (result …)*`: the index of the type; one is added if none fits. Error: "inline function type".
  Result<uint32_t> use(Cursor &cursor, std::vector<NamedLocal> *names);
  /// The index of the first type that is this function type, which is added if there is none.
  uint32_t index_of(const Signature &signature);
  /// Nothing if there is no such type, or it is no function type.
  const Signature *signature_of(uint32_t type) const;

  uint32_t groups() const { return groups_; }
  const Emitter &encoding() const { return encoding_; }
  /// Names of fields, by type.
  const std::map<uint32_t, IndexSpace> &fields() const { return fields_; }

 private:
  void offer_to_type_uses(uint32_t type);
  Result<bool> sub_type(Cursor &cursor, Emitter &out, uint32_t type);
  Result<> composite_type(Cursor &cursor, Emitter &out, uint32_t type);
  Result<> fields(Cursor &cursor, Emitter &out, uint32_t type);
  Result<> field_type(Cursor &cursor, Emitter &out) const;
  Result<EncodedType> storage_type(Cursor &cursor) const;
  void remember(uint32_t type, const Signature &signature, bool can_be_used);

  IndexSpace &space_;
  uint32_t defined_ = 0;  ///< types so far whose definition has been read
  uint32_t groups_ = 0;   ///< entries of the section
  Emitter encoding_;
  std::map<uint32_t, Signature> signatures_;
  std::map<Signature, uint32_t> by_signature_;  ///< of types that a type use may pick by itself
  std::map<uint32_t, IndexSpace> fields_;
};

struct PageSize {
  uint64_t log2, offset;  ///< of the number in the text
};

/// `[i32|i64]? min max?`, spec 6.4.10, with the flags of a memory: `shared`, `(pagesize n)`.
struct TextLimits {
  bool is_64 = false, is_shared = false;
  uint64_t min = 0;
  std::optional<uint64_t> max;
  std::optional<PageSize> page_size;

  void emit(Emitter &out) const;
};
/// `[i32|i64]?`
bool address_type(Cursor &cursor);
Result<TextLimits> limits(Cursor &cursor, bool is_64);
/// `(pagesize n)?` Error: "invalid custom page size".
Result<std::optional<PageSize>> page_size(Cursor &cursor);

}  // namespace wasmc::text
