#include "wasm/reader.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace wasmc::wasm {

namespace {

std::string hex(uint32_t byte) {
  constexpr const char *kDigits = "0123456789abcdef";
  return {kDigits[byte >> 4 & 15], kDigits[byte & 15]};
}

std::unexpected<Error> illegal_opcode(uint32_t code, std::string text, uint64_t at) {
  if (auto proposal = later_proposal(CodeSpace::Opcode, code)) return fail(std::move(*proposal), at);
  return fail("illegal opcode " + std::move(text), at);
}

std::unexpected<Error> bad_type(uint8_t code, const char *what, uint64_t at) {
  if (auto proposal = later_proposal(CodeSpace::Type, code)) return fail(std::move(*proposal), at);
  return fail("malformed " + std::string(what) + " " + hex(code), at);
}

constexpr uint8_t kRef = 0x64, kRefNull = 0x63;

std::optional<ValType> type_of_code(uint8_t code) {
  switch (code) {
    case 0x7f: return kI32;
    case 0x7e: return kI64;
    case 0x7d: return kF32;
    case 0x7c: return kF64;
    case 0x7b: return kV128;
    case 0x70: return kFuncRef;
    case 0x6f: return kExternRef;
    case 0x73: return ValType::ref({HeapKind::NoFunc, {}});
    default: return std::nullopt;
  }
}

/// Length of the UTF-8 sequence at `at`, or 0.
size_t utf8_sequence(std::span<const uint8_t> at) {
  const uint8_t lead = at[0];
  if (lead < 0x80) return 1;
  const size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || at.size() < size) return 0;
  // The second byte's range is narrower after these leads: overlong forms, surrogates, above U+10FFFF.
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < size; ++i)
    if ((at[i] & 0xc0) != 0x80) return 0;
  return size;
}

bool is_ascii8(const uint8_t *at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return (word & 0x8080808080808080) == 0;
}

}  // namespace

bool is_utf8(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const size_t size = bytes.size() >= 8 && is_ascii8(bytes.data()) ? 8 : utf8_sequence(bytes);
    if (size == 0) return false;
    bytes = bytes.subspan(size);
  }
  return true;
}

std::unexpected<Error> Reader::unexpected_end() const {
  return fail("unexpected end of section or function", uint64_t(end_) - origin_);
}

/// The length of an integer in code can hardly be foretold, so there is no branch for it.
template <class T> bool Reader::read_short(T &out) {
  uint32_t word;
  if (remaining() < sizeof word) return false;
  std::memcpy(&word, pos_, sizeof word);
  const uint32_t ends = ~word & 0x80808080;  // the bytes that may be the last one
  if (ends == 0) return false;
  word &= ends ^ (ends - 1);
  // Groups of 7 bits move together: two, then four.
  word = (word & 0x007f007f) | (word & 0x7f007f00) >> 1;
  word = (word & 0x3fff) | (word & 0x3fff0000) >> 2;
  const int bytes = std::countr_zero(ends) / 8 + 1, unused = 32 - 7 * bytes;
  out = std::is_signed_v<T> ? T(int32_t(word << unused) >> unused) : T(word);
  pos_ += bytes;
  return true;
}

/// Spec 5.2.2. `kBits` may be less than T's. To say what the reference interpreter says, an integer that runs out of its section or
/// function is read to its own end first, and a byte's unused bits are checked before its continuation bit.
template <class T, unsigned kBits> Status Reader::leb(T &out) {
  constexpr bool kSigned = std::is_signed_v<T>;
  if (read_short(out)) return {};
  std::make_unsigned_t<T> value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint64_t at = offset();
    if (shift >= kBits) return fail("integer representation too long", at);
    if (pos_ == whole_end_) return unexpected_end();
    const uint8_t next = *pos_++;
    const uint8_t payload = next & 0x7f;
    if (const unsigned used = kBits - shift; used < 7) {
      const uint8_t mask = uint8_t(0x7f << (kSigned ? used - 1 : used)) & 0x7f;
      const uint8_t rest = payload & mask;
      if (rest != 0 && !(kSigned && rest == mask)) return fail("integer too large", at);
    }
    value |= std::make_unsigned_t<T>(payload) << shift;
    if (next & 0x80) continue;
    if (pos_ > end_) return unexpected_end();
    if (kSigned && (payload & 0x40) && shift + 7 < 8 * sizeof(T)) value |= ~std::make_unsigned_t<T>(0) << (shift + 7);
    out = T(value);
    return {};
  }
}

Status Reader::read_long(uint32_t &out) { return leb<uint32_t, 32>(out); }
Status Reader::read_long(uint64_t &out) { return leb<uint64_t, 64>(out); }

Result<int64_t> Reader::s33() {
  int64_t value;
  TRY((leb<int64_t, 33>(value)));
  return value;
}

Result<uint32_t> Reader::fixed32() {
  if (remaining() < 4) return unexpected_end();
  uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= uint32_t(*pos_++) << (8 * i);
  return value;
}

Result<uint64_t> Reader::fixed64() {
  const uint64_t low = TRY(fixed32());
  return low | uint64_t(TRY(fixed32())) << 32;
}

Result<std::span<const uint8_t>> Reader::bytes(uint64_t size) {
  if (size > remaining()) return unexpected_end();
  const std::span<const uint8_t> out(pos_, size_t(size));
  pos_ += size;
  return out;
}

Result<Reader> Reader::slice(uint64_t size) {
  if (size > remaining()) return fail("length out of bounds", offset());
  Reader part = *this;
  part.end_ = pos_ + size;
  pos_ += size;
  return part;
}

Result<std::string_view> Reader::name() {
  const uint32_t size = TRY(u32());
  const uint64_t at = offset();
  if (size > remaining()) return fail("length out of bounds", at);
  const auto text = TRY(bytes(size));
  if (!is_utf8(text)) return fail("malformed UTF-8 encoding", at);
  return std::string_view(reinterpret_cast<const char *>(text.data()), text.size());
}

Result<uint32_t> Reader::count() {
  const uint32_t count = TRY(u32());
  if (count > remaining()) return unexpected_end();
  return count;
}

Result<ValType> Reader::val_type() {
  const uint64_t at = offset();
  const uint8_t code = TRY(byte());
  if (auto type = type_of_code(code)) return *type;
  if (code == kRef || code == kRefNull) return ValType::ref(TRY(heap_type()), code == kRefNull);
  return bad_type(code, "value type", at);
}

Result<ValType> Reader::ref_type() {
  const uint64_t at = offset();
  const uint8_t code = TRY(byte());
  if (auto type = type_of_code(code); type && type->is_ref()) return *type;
  if (code == kRef || code == kRefNull) return ValType::ref(TRY(heap_type()), code == kRefNull);
  return bad_type(code, "reference type", at);
}

/// Spec 5.3.3: an abstract heap type is a negative s33, written as the type code; what is not negative is an index.
Result<HeapType> Reader::heap_type() {
  const uint64_t at = offset();
  const int64_t code = TRY(s33());
  if (code >= int64_t(known_types_)) return fail("unknown type " + std::to_string(code), at);
  if (code >= 0) return HeapType{HeapKind::Concrete, TypeIndex(uint32_t(code))};
  if (code < -64) return fail("malformed heap type", at);
  if (auto type = type_of_code(uint8_t(code & 0x7f)); type && type->is_ref()) return type->heap();
  return bad_type(uint8_t(code & 0x7f), "heap type", at);
}

Status Reader::read_long(const OpInfo *&op) {
  const uint64_t at = offset();
  const uint32_t first = TRY(byte());
  if (first < 0xfb || first > 0xfe) return illegal_opcode(first, hex(first), at);
  const uint32_t sub = TRY(u32());
  // The table holds 16 bits of it; what does not fit means nothing in any proposal.
  const uint32_t code = sub <= 0xffff ? first << 16 | sub : ~0u;
  if ((op = find_op(code))) return {};
  return illegal_opcode(code, hex(first) + " " + (sub <= 0xff ? hex(sub) : std::to_string(sub)), at);
}

/// Spec 5.4.7: bit 6 of the alignment says that the index of a memory follows.
Status Reader::read_long(MemArg &imm) {
  if (imm.align_log2 >= 0x80) return fail("malformed memop flags", offset());
  imm.align_log2 -= 0x40;
  CHECK(index(imm.memory));
  return read(imm.offset);
}

Status Reader::read_long(const OpInfo &op, ConstImm &imm) {
  switch (op.code) {
    case op::I32Const: {
      int32_t value;
      CHECK((leb<int32_t, 32>(value)));
      imm.bits = uint32_t(value);
      return {};
    }
    case op::I64Const: {
      int64_t value;
      CHECK((leb<int64_t, 64>(value)));
      imm.bits = uint64_t(value);
      return {};
    }
    case op::F32Const: imm.bits = TRY(fixed32()); return {};
    default: imm.bits = TRY(fixed64()); return {};
  }
}

Status Reader::read(const OpInfo &, V128Imm &imm) {
  imm.low = TRY(fixed64());
  imm.high = TRY(fixed64());
  return {};
}

Status Reader::read(const OpInfo &, LaneImm &imm) {
  imm.lane = TRY(byte());
  return {};
}

Status Reader::read(const OpInfo &op, MemArgLaneImm &imm) {
  CHECK(read(op, imm.memarg));
  imm.lane = TRY(byte());
  return {};
}

Status Reader::read(const OpInfo &, ShuffleImm &imm) {
  for (uint8_t &lane : imm.lanes) lane = TRY(byte());
  return {};
}

/// A byte that is kept for the order of memory accesses.
Status Reader::read(const OpInfo &, FenceImm &) {
  const uint64_t at = offset();
  if (TRY(byte()) != 0) return fail("zero byte expected", at);
  return {};
}

Status Reader::read(const OpInfo &, SelectImm &imm) {
  const uint64_t at = offset();
  const uint32_t size = TRY(count());
  for (uint32_t i = 0; i < size; ++i) imm.type = TRY(val_type());
  if (size != 1) return fail("invalid result arity: select takes one type", at);
  return {};
}

Status Reader::read(const OpInfo &, HeapTypeImm &imm) {
  imm.type = TRY(heap_type());
  return {};
}

/// The type as a list that lives as long as the function is read.
std::span<const ValType> CodeReader::list_of_one(ValType type) {
  static constexpr ValType kLists[] = {kI32, kI64, kF32, kF64, kV128, kFuncRef, kExternRef};
  const ValType *at = std::ranges::find(kLists, type);
  return {at != std::end(kLists) ? at : &own_types_.emplace_back(type), 1};
}

/// Spec 5.4.1: if it is not empty, a value type, or the index of a function type as a positive s33.
Status CodeReader::read_block_type(BlockType &out) {
  if (peek() > kEmptyBlockType && peek() < 0x80) {
    out.results = list_of_one(TRY(val_type()));
    return {};
  }
  const uint64_t at = offset();
  const int64_t index = TRY(s33());
  if (index < 0) return fail("malformed block type", at);
  if (uint64_t(index) >= module_->types.size()) return fail("unknown type " + std::to_string(index), at);
  const FuncType &type = module_->types[size_t(index)].func;
  out = {type.params, type.results};
  return {};
}

Status CodeReader::read(const OpInfo &, BrTableImm &imm) {
  depths_.resize(TRY(count()));
  for (uint32_t &depth : depths_) CHECK(Reader::read(depth));
  imm.depths = depths_;
  return Reader::read(imm.default_depth);
}

}  // namespace wasmc::wasm
