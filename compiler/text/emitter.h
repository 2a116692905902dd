// Writes the binary format, and remembers which place of the text each part came from.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasmc::text {

/// What begins at `position` of the bytes was written at `offset` of the text.
struct Mark {
  uint64_t position, offset;
};

/// Whether the branch at `position` of the bytes is likely to be taken.
struct Hint {
  uint64_t position;
  bool is_likely;
};

class Emitter {
 public:
  void mark(uint64_t text_offset) { marks_.push_back({bytes_.size(), text_offset}); }
  void hint(bool is_likely) { hints_.push_back({bytes_.size(), is_likely}); }
  void byte(uint8_t value) { bytes_.push_back(value); }
  void bytes(std::string_view values) { bytes_.insert(bytes_.end(), values.begin(), values.end()); }

  /// Unsigned LEB128.
  void u(uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(uint8_t(value | 0x80));
    byte(uint8_t(value));
  }
  /// Signed LEB128.
  void s(int64_t value) {
    for (; value < -64 || value > 63; value >>= 7) byte(uint8_t(value | 0x80));
    byte(uint8_t(value & 0x7f));
  }
  /// The low `size` bytes, little-endian.
  void fixed(uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) byte(uint8_t(value >> 8 * i));
  }
  /// Length and bytes.
  void name(std::string_view text) {
    u(text.size());
    bytes(text);
  }
  /// `code`, as in opcodes.def: a byte, or prefix << 16 | sub-opcode.
  void opcode(uint32_t code) {
    if (code > 0xff) byte(uint8_t(code >> 16));
    code > 0xff ? u(code & 0xffff) : byte(uint8_t(code));
  }
  void append(const Emitter &other) {
    for (const Mark &mark : other.marks_) marks_.push_back({bytes_.size() + mark.position, mark.offset});
    for (const Hint &hint : other.hints_) hints_.push_back({bytes_.size() + hint.position, hint.is_likely});
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  /// Length and contents.
  void sized(const Emitter &contents) {
    u(contents.size());
    append(contents);
  }

  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  const std::vector<uint8_t> &data() const { return bytes_; }
  const std::vector<Mark> &marks() const { return marks_; }
  const std::vector<Hint> &hints() const { return hints_; }
  std::string string() const { return {bytes_.begin(), bytes_.end()}; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Mark> marks_;
  std::vector<Hint> hints_;
};

}  // namespace wasmc::text
