// From tokens to nodes in one walk, without recursion.
#include "node.h"

#include <algorithm>

#include "text/lexer.h"

namespace wasmc::wast {
namespace {

using text::Token;
using enum text::Token::Kind;

constexpr size_t kMaxDepth = 64;  ///< of lists outside modules; what a script needs is below ten

constexpr std::string_view kFields[] = {"type", "rec", "import", "func", "table", "memory", "tag", "global", "export", "start", "elem", "data"};

class NodeReader {
 public:
  NodeReader(std::string_view text, const std::vector<Token> &tokens) : text_(text), tokens_(tokens) {}

  Result<std::vector<Node>> run() {
    if (is_bare_module()) return std::vector{bare_module()};
    std::vector<Node> open(1);  // the script itself, then the lists around the position
    for (; !at(End); ++next_) {
      if (at(LeftParen)) {
        if (open.size() > kMaxDepth) return fail_here("lists nest too deeply");
        if (!is(1, "module")) open.push_back(node(Node::Kind::List));
        else open.back().items.push_back(TRY(module()));
      } else if (at(RightParen)) {
        if (open.size() == 1) return fail_here("unexpected token )");
        Node done = std::move(open.back());
        open.pop_back();
        open.back().items.push_back(std::move(done));
      } else {
        open.back().items.push_back(leaf());
      }
    }
    if (open.size() > 1) return fail_here("unexpected token: end of the text");
    return std::move(open.front().items);
  }

 private:
  const Token &peek(size_t ahead = 0) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }
  bool at(Token::Kind kind) const { return peek().is(kind); }
  bool is(size_t ahead, std::string_view word) const { return peek(ahead).is(Keyword, word); }

  std::unexpected<Error> fail_here(const std::string &what) { return fail(what, peek().offset); }

  /// The line of the current token; counted on from the last one that was asked for.
  uint32_t line() {
    const uint64_t here = peek().offset;
    line_ += uint32_t(std::ranges::count(text_.substr(counted_, here - counted_), '\n'));
    counted_ = here;
    return line_;
  }

  Node node(Node::Kind kind) {
    Node out;
    out.kind = kind;
    out.line = line();
    return out;
  }

  Node leaf() {
    Node out = node(at(String) ? Node::Kind::String : Node::Kind::Atom);
    out.text = at(String) ? text::decode(peek()) : std::string(peek().text);
    return out;
  }

  /// `(module …)`, up to and not past its closing parenthesis.
  Result<Node> module() {
    Node out = node(Node::Kind::Module);
    const uint64_t begin = peek().offset;
    ++next_;
    out.items.push_back(leaf());
    ++next_;
    for (; is(0, "definition") || is(0, "instance") || at(Id); ++next_) out.items.push_back(leaf());
    for (size_t depth = 1;; ++next_) {
      if (at(End)) return fail_here("unexpected token: end of the text");
      if (at(LeftParen)) ++depth;
      if (at(RightParen) && --depth == 0) break;
    }
    out.source = text_.substr(begin, peek().offset + 1 - begin);
    return out;
  }

  bool is_bare_module() const { return at(LeftParen) && peek(1).is(Keyword) && std::ranges::find(kFields, peek(1).text) != std::end(kFields); }

  Node bare_module() {
    Node out = node(Node::Kind::Module);
    out.items.push_back({.kind = Node::Kind::Atom, .line = out.line, .text = "module", .items = {}, .source = {}});
    out.source = text_;
    return out;
  }

  std::string_view text_;
  const std::vector<Token> &tokens_;
  size_t next_ = 0;
  uint64_t counted_ = 0;
  uint32_t line_ = 1;
};

}  // namespace

std::string_view Node::head() const { return is_list() && !items.empty() && items[0].kind == Kind::Atom ? std::string_view(items[0].text) : std::string_view(); }

const Node &Node::item(size_t index) const {
  static const Node kNone;
  return index < items.size() ? items[index] : kNone;
}

const std::string &Node::string(size_t index) const {
  static const std::string kNone;
  return item(index).kind == Kind::String ? item(index).text : kNone;
}

Result<std::vector<Node>> read_script(std::string_view text) {
  const std::vector<Token> tokens = TRY(text::tokenize(text, {}));
  return NodeReader(text, tokens).run();
}

}  // namespace wasmc::wast
