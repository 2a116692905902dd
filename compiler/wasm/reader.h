// Reads the binary format's primitives, types and instructions (spec 5.2 Values, 5.3 Types, 5.4 Instructions) from bytes.
//
// What stands in the way of speed is inline and handles the usual short encoding; the rest, errors above all, is in reader.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "abi/result.h"
#include "wasm/module.h"
#include "wasm/opcode.h"
#include "wasm/proposals.h"
#include "wasm/status.h"

namespace wasmc::wasm {

/// A cursor over bytes that stand at `offset` in the module. After an error its position is unspecified.
class Reader {
 public:
  Reader() = default;
  explicit Reader(std::span<const uint8_t> bytes, uint64_t offset = 0)
      : pos_(bytes.data()), end_(pos_ + bytes.size()), whole_end_(end_), origin_(uint64_t(pos_) - offset) {}
  /// A reader of `part`, which lies in the module.
  static Reader of_part(std::span<const uint8_t> module, std::span<const uint8_t> part) {
    Reader reader(part, uint64_t(part.data() - module.data()));
    reader.whole_end_ = module.data() + module.size();
    return reader;
  }

  bool done() const { return pos_ == end_; }
  size_t remaining() const { return size_t(end_ - pos_); }
  /// The next byte, which stays; 0 at the end.
  uint8_t peek() const { return done() ? 0 : *pos_; }
  /// How many types value types may name so far (spec 3.2.2: C.types).
  void know_types(uint32_t count) { known_types_ = count; }
  uint32_t known_types() const { return known_types_; }
  /// Of the next byte, in the module.
  uint64_t offset() const { return uint64_t(pos_) - origin_; }

  Result<uint8_t> byte() {
    if (done()) [[unlikely]] return unexpected_end();
    return *pos_++;
  }
  // Integers in LEB128. Errors: "integer representation too long", "integer too large", "unexpected end of section or function".
  Result<uint32_t> u32() { return read_one<uint32_t>(); }
  Result<uint64_t> u64() { return read_one<uint64_t>(); }
  [[gnu::always_inline]] Status read(uint32_t &out) {
    if (done() || *pos_ >= 0x80) return in_register(out);
    out = *pos_++;
    return {};
  }
  [[gnu::always_inline]] Status read(uint64_t &out) {
    if (done() || *pos_ >= 0x80) return in_register(out);
    out = *pos_++;
    return {};
  }
  Result<int64_t> s33();
  /// Little-endian, 4 or 8 bytes: the bits of a float.
  Result<uint32_t> fixed32();
  Result<uint64_t> fixed64();

  /// The next `size` bytes.
  Result<std::span<const uint8_t>> bytes(uint64_t size);
  /// A reader of the next `size` bytes. Error: "length out of bounds".
  Result<Reader> slice(uint64_t size);
  /// A length and that many bytes of UTF-8.
  Result<std::string_view> name();
  /// The length of a vector whose elements take at least one byte each, so that it bounds what may be allocated.
  Result<uint32_t> count();

  Result<ValType> val_type();
  Result<ValType> ref_type();
  Result<HeapType> heap_type();

  /// Finds the row of the next instruction. Errors: "illegal opcode", "proposal … is not supported yet".
  [[gnu::always_inline]] Status read(const OpInfo *&op) {
    op = done() ? nullptr : row_of_byte(*pos_);
    if (!op) [[unlikely]] return in_register(op);
    ++pos_;
    return {};
  }

  // The immediate of an instruction whose row has been read, one reader per immediate type.
  Status read(const OpInfo &, NoImm &) { return {}; }
  Status read(const OpInfo &, LabelImm &imm) { return index(imm.depth); }
  Status read(const OpInfo &, TypeImm &imm) { return index(imm.type); }
  Status read(const OpInfo &, FuncImm &imm) { return index(imm.func); }
  Status read(const OpInfo &, LocalImm &imm) { return index(imm.local); }
  Status read(const OpInfo &, GlobalImm &imm) { return index(imm.global); }
  Status read(const OpInfo &, TableImm &imm) { return index(imm.table); }
  Status read(const OpInfo &, MemoryImm &imm) { return index(imm.memory); }
  Status read(const OpInfo &, DataImm &imm) { return index(imm.data); }
  Status read(const OpInfo &, ElemImm &imm) { return index(imm.elem); }
  Status read(const OpInfo &, CallIndirectImm &imm) { return indices(imm.type, imm.table); }
  Status read(const OpInfo &, MemoryInitImm &imm) { return indices(imm.data, imm.memory); }
  Status read(const OpInfo &, MemoryCopyImm &imm) { return indices(imm.destination, imm.source); }
  Status read(const OpInfo &, TableInitImm &imm) { return indices(imm.elem, imm.table); }
  Status read(const OpInfo &, TableCopyImm &imm) { return indices(imm.destination, imm.source); }
  Status read(const OpInfo &, SelectImm &imm);
  Status read(const OpInfo &, HeapTypeImm &imm);
  Status read(const OpInfo &, MemArg &imm);
  Status read(const OpInfo &, FenceImm &imm);
  Status read(const OpInfo &op, ConstImm &imm);
  Status read(const OpInfo &, V128Imm &imm);
  Status read(const OpInfo &, LaneImm &imm);
  Status read(const OpInfo &op, MemArgLaneImm &imm);
  Status read(const OpInfo &, ShuffleImm &imm);

 protected:
  std::unexpected<Error> unexpected_end() const;
  /// Goes past the next byte if it is this one.
  bool skip(uint8_t expected) {
    if (done() || *pos_ != expected) return false;
    ++pos_;
    return true;
  }

 private:
  static const OpInfo *row_of_byte(uint8_t byte) {
    static constexpr auto rows = [] {
      std::array<const OpInfo *, 256> rows{};
      for (const OpInfo &op : kOpTable)
        if (op.code < 256) rows[op.code] = &op;
      return rows;
    }();
    return rows[byte];
  }
  template <class Index> [[gnu::always_inline]] Status index(Index &out) {
    uint32_t value;
    CHECK(read(value));
    out = Index(value);
    return {};
  }
  template <class First, class Second> Status indices(First &first, Second &second) {
    CHECK(index(first));
    return index(second);
  }
  template <class T> Result<T> read_one() {
    T value;
    TRY(read(value));
    return value;
  }
  /// Reads an integer of up to four bytes and extends its sign if the type has one; if it is longer, or near the end, leaves it.
  template <class T> bool read_short(T &out);
  template <class T, unsigned kBits> Status leb(T &out);
  Status read_long(const OpInfo &op, ConstImm &imm);
  /// read_long with a variable of its own, so that `out` need not be in memory where it is not long.
  template <class T> [[gnu::always_inline]] Status in_register(T &out) {
    T found;
    Status status = read_long(found);
    out = found;
    return status;
  }
  Status read_long(uint32_t &out);
  Status read_long(uint64_t &out);
  Status read_long(const OpInfo *&op);
  Status read_long(MemArg &imm);

  const uint8_t *pos_ = nullptr, *end_ = nullptr;
  const uint8_t *whole_end_ = nullptr;  ///< of what this is a part of
  uint64_t origin_ = 0;                 ///< the address where the module would begin if all of it were here
  uint32_t known_types_ = 0;
};

[[gnu::always_inline]] inline Status Reader::read(const OpInfo &, MemArg &imm) {
  CHECK(read(imm.align_log2));
  if (imm.align_log2 >= 0x40) [[unlikely]] return read_long(imm);
  imm.memory = MemoryIndex(0);
  return read(imm.offset);
}

/// One-byte integers here, with the sign of their bit 6.
[[gnu::always_inline]] inline Status Reader::read(const OpInfo &op, ConstImm &imm) {
  if (op.code > op::I64Const || done() || *pos_ >= 0x80) return read_long(op, imm);
  const auto value = int64_t(int8_t(*pos_++ << 1) >> 1);
  imm.bits = op.code == op::I32Const ? uint32_t(value) : uint64_t(value);
  return {};
}

/// Reads code of a module: adds what needs its types, or room for a list.
class CodeReader : public Reader {
 public:
  explicit CodeReader(const Module &module) : module_(&module) {}

  /// Goes to other bytes of the module, and keeps the room for lists.
  void start(std::span<const uint8_t> code) {
    Reader::operator=(of_part(module_->bytes, code));
    know_types(uint32_t(module_->types.size()));
    own_types_.clear();
  }

  using Reader::read;
  Status read(const OpInfo &, BlockImm &imm) {
    imm.type = {};
    return skip(kEmptyBlockType) ? Status() : read_block_type(imm.type);
  }
  Status read(const OpInfo &, BrTableImm &imm);

 private:
  static constexpr uint8_t kEmptyBlockType = 0x40;

  Status read_block_type(BlockType &type);
  const Module *module_;
  std::span<const ValType> list_of_one(ValType type);

  std::vector<uint32_t> depths_;  ///< of the last br_table
  std::deque<ValType> own_types_;  ///< results of blocks whose type is not one of the usual ones, since `start`
};

/// Whether bytes are UTF-8 (spec 5.2.4): no overlong forms, surrogates or code points above U+10FFFF.
bool is_utf8(std::span<const uint8_t> bytes);

}  // namespace wasmc::wasm
