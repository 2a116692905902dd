// Writes the text format's tokens: numbers, strings, identifiers. Text goes out as it comes, through a buffer of fixed size.
#pragma once
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "abi/result.h"

namespace wasmc::text {

/// Takes the next piece of a text. An error ends the writing.
using TakeText = std::function<Result<>(std::string_view)>;

class TextWriter {
 public:
  explicit TextWriter(TakeText take) : take_(std::move(take)), buffer_(new char[kSize]), pos_(buffer_.get()) {}

  void put(std::string_view text) {
    if (text.size() > room()) [[unlikely]] return put_slowly(text);
    std::memcpy(pos_, text.data(), text.size());
    pos_ += text.size();
  }
  void put(char c) {
    need(1);
    *pos_++ = c;
  }
  void spaces(size_t count);

  void number(uint64_t value) { convert(value); }
  void signed_number(int64_t value) { convert(value); }
  void hex(uint64_t value) { convert(value, 16); }
  /// The shortest decimal that reads back as the same bits; NaNs with their payload.
  void f32(uint32_t bits);
  void f64(uint64_t bits);

  /// A string of bytes: everything but printable ASCII is escaped.
  void bytes(std::span<const uint8_t> bytes);
  /// The same, in several strings on lines of their own behind `indent` spaces if it is long.
  void byte_lines(std::span<const uint8_t> bytes, size_t indent);
  /// A string that is UTF-8: printable characters stand for themselves, those that control a terminal or the direction of text are escaped.
  void name(std::string_view name);
  /// `$name`, or `$"name"` if the name has other characters than identifiers. It must not be empty.
  void identifier(std::string_view name);

  /// Whether all text so far was taken; if not, nothing more is written.
  const Result<> &status() const { return status_; }
  /// Writes what the buffer still holds.
  Result<> finish();

 private:
  static constexpr size_t kSize = size_t{1} << 18;

  size_t room() const { return size_t(buffer_.get() + kSize - pos_); }
  void need(size_t size) {
    if (room() < size) [[unlikely]] flush();
  }
  template <class T, class... Format> void convert(T value, Format... format) {
    need(32);
    pos_ = std::to_chars(pos_, pos_ + 32, value, format...).ptr;
  }
  template <class Float, class Bits, int kMantissa> void floating(Bits bits);
  void escaped(uint8_t byte);
  void put_slowly(std::string_view text);
  void flush();

  TakeText take_;
  std::unique_ptr<char[]> buffer_;
  char *pos_;
  Result<> status_;
};

}  // namespace wasmc::text
