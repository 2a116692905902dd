#include "text/names.h"

namespace wasmc::text {

Result<uint32_t> IndexSpace::define(const Label &label) {
  const uint32_t index = define_unnamed();
  names_.back() = label.shown();
  has_names_ |= !names_.back().empty();
  const Token *id = label.id;
  if (id && !by_name_.try_emplace(decode(*id), index).second) return fail(std::string("duplicate ") + kind_ + " " + std::string(id->text), id->offset);
  return index;
}

Result<uint32_t> IndexSpace::index(Cursor &cursor) const {
  if (!cursor.at(Token::Kind::Id)) return uint32_t(TRY(cursor.unsigned_number(32)));
  const Token &id = cursor.next();
  const auto found = by_name_.find(decode(id));
  if (found == by_name_.end()) return fail(std::string("unknown ") + kind_ + " " + std::string(id.text), id.offset);
  return found->second;
}

Result<> IndexSpace::copy_index(Cursor &cursor, Emitter &out) const {
  const uint64_t at = cursor.offset();
  const uint32_t read = TRY(index(cursor));
  out.mark(at);
  out.u(read);
  return {};
}

Result<uint32_t> IndexSpace::optional_index(Cursor &cursor) const {
  if (!at_index(cursor)) return 0;
  return index(cursor);
}

}  // namespace wasmc::text
