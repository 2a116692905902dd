// The S-expression reader: one pass, recursive in the depth of lists.
#include "sexpr.h"

namespace wasmc::spec {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
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
  for (int i = continuations - 1; i >= 0; i--) out += char(0x80 | (code >> 6 * i & 0x3f));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Node>> items(bool inside_list) {
    std::vector<Node> out;
    for (;;) {
      TRY(skip_space());
      if (at_end()) return inside_list ? fail_here("missing ')'") : Result<std::vector<Node>>(std::move(out));
      if (peek() == ')') {
        if (!inside_list) return fail_here("unexpected ')'");
        pos_++;
        return out;
      }
      out.push_back(TRY(node()));
    }
  }

 private:
  bool at_end() const { return pos_ >= text_.size(); }
  char peek() const { return text_[pos_]; }
  bool looking_at(std::string_view token) const { return text_.substr(pos_).starts_with(token); }
  std::unexpected<Error> fail_here(std::string what) const { return fail("line " + std::to_string(line_) + ": " + what); }

  Result<> skip_space() {
    while (!at_end()) {
      if (looking_at(";;")) {
        while (!at_end() && peek() != '\n') pos_++;
      } else if (looking_at("(;")) {
        TRY(skip_block_comment());
      } else if (kSpace.find(peek()) != kSpace.npos) {
        line_ += peek() == '\n';
        pos_++;
      } else {
        break;
      }
    }
    return {};
  }

  Result<> skip_block_comment() {
    int depth = 0;
    do {
      if (at_end()) return fail_here("comment without end");
      const int step = looking_at("(;") ? 1 : looking_at(";)") ? -1 : 0;
      line_ += peek() == '\n';
      depth += step;
      pos_ += step == 0 ? 1 : 2;
    } while (depth > 0);
    return {};
  }

  Result<Node> node() {
    Node out;
    out.line = line_;
    if (peek() == '(') {
      pos_++;
      out.items = TRY(items(true));
    } else if (peek() == '"') {
      out.kind = Node::Kind::String;
      out.text = TRY(string());
    } else {
      out.kind = Node::Kind::Atom;
      const size_t begin = pos_;
      while (!at_end() && kSpace.find(peek()) == kSpace.npos && peek() != '(' && peek() != ')' && peek() != '"' && peek() != ';') pos_++;
      if (pos_ == begin) return fail_here("unexpected ';'");
      out.text = text_.substr(begin, pos_ - begin);
    }
    return out;
  }

  Result<std::string> string() {
    std::string out;
    for (pos_++; !at_end() && peek() != '"';) {
      if (peek() == '\\') {
        pos_++;
        TRY(escape(out));
      } else {
        line_ += peek() == '\n';
        out += text_[pos_++];
      }
    }
    if (at_end()) return fail_here("string without end");
    pos_++;
    return out;
  }

  Result<> escape(std::string &out) {
    if (at_end()) return fail_here("string without end");
    const char c = text_[pos_++];
    constexpr std::string_view kNames = "tnr\"'\\", kMeanings = "\t\n\r\"'\\";
    if (auto i = kNames.find(c); i != kNames.npos) {
      out += kMeanings[i];
      return {};
    }
    if (c == 'u') return unicode_escape(out);
    const int high = hex_digit(c), low = at_end() ? -1 : hex_digit(text_[pos_++]);
    if (high < 0 || low < 0) return fail_here("bad escape");
    out += char(high * 16 + low);
    return {};
  }

  Result<> unicode_escape(std::string &out) {
    uint32_t code = 0;
    if (at_end() || text_[pos_++] != '{') return fail_here("bad escape");
    for (; !at_end() && peek() != '}'; pos_++) {
      const int digit = hex_digit(peek());
      if (digit < 0 || code > 0x10ffff) return fail_here("bad escape");
      code = code * 16 + uint32_t(digit);
    }
    if (at_end()) return fail_here("string without end");
    pos_++;
    append_utf8(out, code);
    return {};
  }

  std::string_view text_;
  size_t pos_ = 0;
  uint32_t line_ = 1;
};

}  // namespace

std::string_view Node::head() const {
  if (kind != Kind::List || items.empty() || items[0].kind != Kind::Atom) return {};
  return items[0].text;
}

Result<std::vector<Node>> read_script(std::string_view text) { return Reader(text).items(false); }

}  // namespace wasmc::spec
