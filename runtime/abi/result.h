// The error type of every room. Bad input is a value that says where and why; it never aborts and never throws.
// (A Wasm trap is a different thing, see traps.def; a bug of ours is an assert.)
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace wasmc {

/// What went wrong with an input. `message` is one line without a trailing stop, in the spec's wording where it has
/// one. The other fields add the place as far as it is known; `describe` joins them for a person.
struct Error {
  static constexpr uint64_t kNoOffset = ~uint64_t{0};

  std::string message;
  uint64_t offset = kNoOffset;  ///< bytes from the start of the input
  std::string file;             ///< path of the input, filled in by whoever opened it
  std::string where;            ///< e.g. `function 12 "quick_sort"`
  std::string excerpt;          ///< of an input in text form: the line, and below it a caret; to be shown below the message

  explicit Error(std::string text, uint64_t at = kNoOffset) : message(std::move(text)), offset(at) {}

  Error &&in_file(std::string path) && {
    if (file.empty()) file = std::move(path);
    return std::move(*this);
  }
  Error &&in(std::string place) && {
    if (where.empty()) where = std::move(place);
    return std::move(*this);
  }

  /// `app.wasm: offset 0x1f2: function 3 "main": type mismatch`; parts that are unknown are left out.
  std::string describe() const;
};

template <class T = void> using Result = std::expected<T, Error>;

/// `return fail("…")` in any function that returns a Result.
inline std::unexpected<Error> fail(std::string text, uint64_t at = Error::kNoOffset) {
  return std::unexpected(Error(std::move(text), at));
}

inline std::string Error::describe() const {
  std::string out;
  if (!file.empty()) out += file + ": ";
  if (offset != kNoOffset) {
    char digits[17];
    int n = 0;
    for (uint64_t rest = offset; n == 0 || rest != 0; rest >>= 4) digits[n++] = "0123456789abcdef"[rest & 15];
    out += "offset 0x";
    while (n > 0) out += digits[--n];
    out += ": ";
  }
  if (!where.empty()) out += where + ": ";
  return out + message;
}

}  // namespace wasmc

/// Unwraps a Result or returns its error from the enclosing function. A statement expression, so it can stand wherever
/// a value does: `uint32_t n = TRY(reader.u32());`.
#define TRY(expression)                                                                     \
  ({                                                                                        \
    auto try_result = (expression);                                                         \
    if (!try_result) [[unlikely]] return std::unexpected(std::move(try_result).error());    \
    *std::move(try_result);                                                                 \
  })
