#include "text/lexer.h"

#include <algorithm>

#include "wasm/reader.h"

namespace wasmc::text {
namespace {

using enum Token::Kind;

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_control(char c) { return uint8_t(c) < 0x20 || c == 0x7f; }

/// What may stand in a reserved token besides strings and identifier characters.
constexpr bool is_reserved_mark(char c) { return std::string_view(",;[]{}").find(c) != std::string_view::npos; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string &out, uint32_t code) {
  if (code < 0x80) {
    out += char(code);
    return;
  }
  const int continuations = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint8_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out += char(kLead[continuations] | code >> 6 * continuations);
  for (int i = continuations - 1; i >= 0; --i) out += char(0x80 | (code >> 6 * i & 0x3f));
}

std::span<const uint8_t> bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t *>(text.data()), text.size()}; }

/// The characters between the quotes of a string that the lexer has accepted.
std::string unescape(std::string_view quoted) {
  std::string out;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      out += quoted[i];
      continue;
    }
    const char c = quoted[++i];
    constexpr std::string_view kNames = "tnr\"'\\", kMeanings = "\t\n\r\"'\\";
    if (auto known = kNames.find(c); known != kNames.npos) {
      out += kMeanings[known];
    } else if (c == 'u') {
      uint32_t code = 0;
      for (i += 2; quoted[i] != '}'; ++i)
        if (quoted[i] != '_') code = code * 16 + uint32_t(hex_digit(quoted[i]));
      append_utf8(out, code);
    } else {
      out += char(hex_digit(c) * 16 + hex_digit(quoted[++i]));
    }
  }
  return out;
}

class Lexer {
 public:
  Lexer(std::string_view text, const std::vector<std::string_view> &annotations) : text_(text), annotations_(annotations) {}

  Result<std::vector<Token>> run() {
    for (;;) {
      TRY(skip_space());
      if (done()) break;
      const size_t begin = pos_;
      const Token::Kind kind = TRY(token());
      TRY(keep({kind, begin, text_.substr(begin, pos_ - begin)}));
    }
    if (skipped_from_ != kNotSkipping) return fail("unclosed annotation", skipped_from_);
    tokens_.push_back({End, text_.size(), {}});
    return std::move(tokens_);
  }

 private:
  static constexpr uint64_t kNotSkipping = ~uint64_t{0};

  bool done() const { return pos_ == text_.size(); }
  char peek() const { return text_[pos_]; }
  bool looking_at(std::string_view wanted) const { return text_.substr(pos_).starts_with(wanted); }

  Result<> skip_space() {
    while (!done()) {
      if (is_space(peek())) {
        ++pos_;
      } else if (looking_at(";;")) {
        while (!done() && peek() != '\n' && peek() != '\r') TRY(skip_character());
      } else if (looking_at("(;")) {
        TRY(skip_block_comment());
      } else {
        break;
      }
    }
    return {};
  }

  Result<> skip_block_comment() {
    const size_t begin = pos_;
    size_t depth = 0;
    do {
      if (done()) return fail("unclosed comment", begin);
      if (looking_at("(;")) {
        ++depth, pos_ += 2;
      } else if (looking_at(";)")) {
        --depth, pos_ += 2;
      } else {
        TRY(skip_character());
      }
    } while (depth > 0);
    return {};
  }

  /// Any character, which must be well-formed UTF-8: in comments and strings.
  Result<> skip_character() {
    const uint8_t lead = uint8_t(peek());
    const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > 1 && (lead < 0xc0 || size > text_.size() - pos_ || !wasm::is_utf8(bytes_of(text_.substr(pos_, size)))))
      return fail("malformed UTF-8 encoding", pos_);
    pos_ += size;
    return {};
  }

  Result<Token::Kind> token() {
    if (looking_at("(@")) return annotation();
    if (peek() == '(' || peek() == ')') return text_[pos_++] == '(' ? LeftParen : RightParen;
    return word();
  }

  Result<Token::Kind> annotation() {
    const size_t begin = pos_;
    pos_ += 2;
    if (!done() && peek() == '"') {
      TRY(id_string("empty annotation id"));
    } else {
      while (!done() && is_idchar(peek())) ++pos_;
      // Within an annotation of no interest anything goes: there `(@` is a parenthesis and an at sign.
      if (pos_ == begin + 2 && skipped_from_ != kNotSkipping) return --pos_, LeftParen;
      if (pos_ == begin + 2) return fail("empty annotation id", begin);
    }
    return Annotation;
  }

  /// The longest run of characters that may stand together, then what kind of token it is.
  Result<Token::Kind> word() {
    const size_t begin = pos_;
    bool has_marks = false;
    size_t strings = 0;
    while (!done()) {
      if (peek() == '"') {
        const bool names = text_.substr(begin, pos_ - begin) == "$";
        TRY(names ? id_string("empty identifier") : string());
        ++strings;
      } else if (looking_at(";;")) {
        break;
      } else if (is_reserved_mark(peek())) {
        has_marks = true;
        ++pos_;
      } else if (is_idchar(peek())) {
        ++pos_;
      } else {
        break;
      }
    }
    const std::string_view word = text_.substr(begin, pos_ - begin);
    if (word.empty()) return bad_character();
    if (word == "$") return fail("empty identifier", begin);
    if (has_marks || strings > 1) return Reserved;
    if (strings == 1) return word.back() != '"' ? Reserved : word.starts_with('"') ? String : word.starts_with("$\"") ? Id : Reserved;
    if (word[0] == '$') return Id;
    if (word[0] >= 'a' && word[0] <= 'z') return Keyword;
    return is_digit(word[0]) || word[0] == '+' || word[0] == '-' ? Number : Reserved;
  }

  /// A character that no token begins with.
  std::unexpected<Error> bad_character() {
    if (auto skipped = skip_character(); !skipped) return std::unexpected(std::move(skipped).error());
    return fail("illegal character", pos_ - 1);
  }

  Result<> string() {
    const size_t begin = pos_++;
    while (!done() && peek() != '"') {
      if (peek() == '\n') break;
      if (is_control(peek())) return fail("illegal character in a string", pos_);
      if (peek() == '\\') {
        TRY(escape());
      } else {
        TRY(skip_character());
      }
    }
    if (done() || peek() != '"') return fail("unclosed string", begin);
    ++pos_;
    return {};
  }

  /// A string that is a name: not empty, and UTF-8 after its escapes too.
  Result<> id_string(const char *if_empty) {
    const size_t begin = pos_;
    // The quote of what is no string does not belong to the name, which then is empty.
    if (auto read = string(); !read) return read.error().message.starts_with("malformed UTF-8") ? read : fail(if_empty, begin);
    const std::string name = unescape(text_.substr(begin, pos_ - begin));
    if (name.empty()) return fail(if_empty, begin);
    if (!wasm::is_utf8(bytes_of(name))) return fail("malformed UTF-8 encoding", begin);
    return {};
  }

  Result<> escape() {
    const size_t begin = pos_++;
    if (done()) return {};  // string() says what is wrong
    if (std::string_view("tnr\"'\\").find(peek()) != std::string_view::npos) {
      ++pos_;
      return {};
    }
    if (peek() == 'u') return unicode_escape(begin);
    for (int i = 0; i < 2; ++i, ++pos_)
      if (done() || hex_digit(peek()) < 0) return fail("illegal escape", begin);
    return {};
  }

  /// `\u{hexnum}`, a Unicode scalar value.
  Result<> unicode_escape(size_t begin) {
    ++pos_;
    if (done() || peek() != '{') return fail("illegal escape", begin);
    uint64_t code = 0;
    bool was_digit = false;
    for (++pos_; !done() && peek() != '}'; ++pos_) {
      const int digit = hex_digit(peek());
      if (digit < 0 && !(peek() == '_' && was_digit)) return fail("illegal escape", begin);
      was_digit = digit >= 0;
      if (was_digit) code = std::min<uint64_t>(code * 16 + uint64_t(digit), 0x110000);
    }
    if (done() || !was_digit || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return fail("illegal escape", begin);
    ++pos_;
    return {};
  }

  /// Adds a token, unless it belongs to an annotation that is of no interest.
  Result<> keep(const Token &token) {
    if (skipped_from_ == kNotSkipping) {
      if (!token.is(Annotation) || std::ranges::find(annotations_, std::string_view(decode(token))) != annotations_.end()) {
        tokens_.push_back(token);
        return {};
      }
      skipped_from_ = token.offset;
    }
    if (token.is(LeftParen) || token.is(Annotation)) ++skipped_depth_;
    if (token.is(RightParen) && --skipped_depth_ == 0) skipped_from_ = kNotSkipping;
    return {};
  }

  std::string_view text_;
  const std::vector<std::string_view> &annotations_;
  size_t pos_ = 0;
  std::vector<Token> tokens_;
  uint64_t skipped_from_ = kNotSkipping;  ///< offset of the annotation that is being skipped
  size_t skipped_depth_ = 0;              ///< open parentheses in it
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text, const std::vector<std::string_view> &annotations) {
  return Lexer(text, annotations).run();
}

std::string decode(const Token &token) {
  std::string_view text = token.text;
  if (token.is(Id)) text.remove_prefix(1);
  if (token.is(Annotation)) text.remove_prefix(2);
  return text.starts_with('"') ? unescape(text) : std::string(text);
}

}  // namespace wasmc::text
