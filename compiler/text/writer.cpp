#include "text/writer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "text/lexer.h"

namespace wasmc::text {
namespace {

/// Bytes of a UTF-8 sequence, which must be valid, by its first byte.
size_t sequence_size(uint8_t lead) { return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }

/// The code point of a valid sequence.
uint32_t code_point(std::string_view sequence) {
  if (sequence.size() == 1) return uint8_t(sequence[0]);
  uint32_t code = uint8_t(sequence[0]) & (0x7f >> sequence.size());
  for (size_t i = 1; i < sequence.size(); ++i) code = code << 6 | (uint8_t(sequence[i]) & 0x3f);
  return code;
}

/// C0 and C1 controls; line and paragraph separators; marks and overrides that change the direction of text; the byte order mark.
bool is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xe0000 && code < 0xe1000);
}

bool is_plain_byte(uint8_t byte) { return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\'; }

}  // namespace

void TextWriter::flush() {
  if (status_) status_ = take_({buffer_.get(), size_t(pos_ - buffer_.get())});
  pos_ = buffer_.get();
}

Result<> TextWriter::finish() {
  flush();
  return status_;
}

void TextWriter::put_slowly(std::string_view text) {
  while (!text.empty()) {
    need(1);
    const std::string_view part = text.substr(0, room());
    put(part);
    text.remove_prefix(part.size());
  }
}

void TextWriter::spaces(size_t count) {
  need(count);
  std::memset(pos_, ' ', count);
  pos_ += count;
}

/// `Bits` is the unsigned integer of Float's size; `kMantissa` its stored mantissa bits.
template <class Float, class Bits, int kMantissa> void TextWriter::floating(Bits bits) {
  const Float value = std::bit_cast<Float>(bits);
  if (std::isfinite(value)) return convert(value);
  if (std::signbit(value)) put('-');
  if (std::isinf(value)) return put("inf");
  const Bits payload = bits & ((Bits(1) << kMantissa) - 1);
  if (payload == Bits(1) << (kMantissa - 1)) return put("nan");
  put("nan:0x");
  hex(payload);
}

void TextWriter::f32(uint32_t bits) { floating<float, uint32_t, 23>(bits); }
void TextWriter::f64(uint64_t bits) { floating<double, uint64_t, 52>(bits); }

void TextWriter::escaped(uint8_t byte) {
  constexpr const char *kDigits = "0123456789abcdef";
  const char text[] = {'\\', kDigits[byte >> 4], kDigits[byte & 15]};
  put({text, sizeof text});
}

void TextWriter::bytes(std::span<const uint8_t> bytes) {
  put('"');
  for (const uint8_t byte : bytes) is_plain_byte(byte) ? put(char(byte)) : escaped(byte);
  put('"');
}

void TextWriter::byte_lines(std::span<const uint8_t> bytes, size_t indent) {
  constexpr size_t kShort = 32, kColumns = 96;
  const auto width = [](uint8_t byte) { return is_plain_byte(byte) ? size_t{1} : size_t{3}; };
  if (bytes.size() <= kShort) {
    put(' ');
    return this->bytes(bytes);
  }
  while (!bytes.empty()) {
    size_t size = 0;
    for (size_t columns = 0; size < bytes.size() && columns < kColumns; ++size) columns += width(bytes[size]);
    put('\n');
    spaces(indent);
    this->bytes(bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

void TextWriter::name(std::string_view name) {
  put('"');
  while (!name.empty()) {
    const std::string_view sequence = name.substr(0, sequence_size(uint8_t(name[0])));
    const uint32_t code = code_point(sequence);
    if (is_control(code) && code >= 0x80) {
      put("\\u{");
      hex(code);
      put('}');
    } else if (code < 0x80 && !is_plain_byte(uint8_t(code))) {
      escaped(uint8_t(code));
    } else {
      put(sequence);
    }
    name.remove_prefix(sequence.size());
  }
  put('"');
}

void TextWriter::identifier(std::string_view name) {
  put('$');
  std::ranges::all_of(name, is_idchar) ? put(name) : this->name(name);
}

}  // namespace wasmc::text
