// Builds a tree of JSON values, prints it, parses it back and walks it: std::string, std::vector, std::unique_ptr,
// virtual destructors, and an allocator behind all of them.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench.h"

namespace {

class Value {
 public:
  virtual ~Value() = default;
  virtual void print(std::string &to) const = 0;
  virtual uint64_t digest(uint64_t checksum) const = 0;
};
using ValuePtr = std::unique_ptr<Value>;

class Number final : public Value {
 public:
  explicit Number(int32_t value) : value_(value) {}
  void print(std::string &to) const override {
    char digits[12];
    uint32_t rest = value_ < 0 ? 0u - uint32_t(value_) : uint32_t(value_), at = sizeof digits;
    do digits[--at] = char('0' + rest % 10), rest /= 10;
    while (rest);
    if (value_ < 0) digits[--at] = '-';
    to.append(digits + at, sizeof digits - at);
  }
  uint64_t digest(uint64_t checksum) const override { return add_to_checksum(checksum, uint32_t(value_)); }

 private:
  int32_t value_;
};

void print_string(const std::string &text, std::string &to) {
  to += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') to += '\\';
    to += c;
  }
  to += '"';
}

uint64_t digest_string(const std::string &text, uint64_t checksum) {
  for (char c : text) checksum = add_to_checksum(checksum, uint8_t(c));
  return checksum;
}

class String final : public Value {
 public:
  explicit String(std::string text) : text_(std::move(text)) {}
  void print(std::string &to) const override { print_string(text_, to); }
  uint64_t digest(uint64_t checksum) const override { return digest_string(text_, checksum); }

 private:
  std::string text_;
};

class Array final : public Value {
 public:
  void add(ValuePtr value) { values_.push_back(std::move(value)); }
  void print(std::string &to) const override {
    to += '[';
    for (const ValuePtr &value : values_) {
      if (&value != values_.data()) to += ',';
      value->print(to);
    }
    to += ']';
  }
  uint64_t digest(uint64_t checksum) const override {
    for (const ValuePtr &value : values_) checksum = value->digest(checksum);
    return checksum;
  }

 private:
  std::vector<ValuePtr> values_;
};

class Object final : public Value {
 public:
  void add(std::string name, ValuePtr value) { members_.emplace_back(std::move(name), std::move(value)); }
  void print(std::string &to) const override {
    to += '{';
    for (const auto &member : members_) {
      if (&member != members_.data()) to += ',';
      print_string(member.first, to);
      to += ':';
      member.second->print(to);
    }
    to += '}';
  }
  uint64_t digest(uint64_t checksum) const override {
    for (const auto &[name, value] : members_) checksum = value->digest(digest_string(name, checksum));
    return checksum;
  }

 private:
  std::vector<std::pair<std::string, ValuePtr>> members_;
};

std::string random_text(uint32_t *state) {
  std::string text;
  for (uint32_t length = next_random(state) % 24; text.size() < length;) text += char(' ' + next_random(state) % 90);
  return text;
}

ValuePtr random_value(uint32_t *state, int32_t depth) {
  uint32_t kind = (next_random(state) >> 8) % 4;
  if (depth == 0) kind &= 1;
  if (kind == 0) return std::make_unique<Number>(int32_t(next_random(state)));
  if (kind == 1) return std::make_unique<String>(random_text(state));
  uint32_t count = 4 + next_random(state) % 8;
  if (kind == 2) {
    auto array = std::make_unique<Array>();
    for (uint32_t i = 0; i < count; i++) array->add(random_value(state, depth - 1));
    return array;
  }
  auto object = std::make_unique<Object>();
  for (uint32_t i = 0; i < count; i++) {
    std::string name = random_text(state);
    object->add(std::move(name), random_value(state, depth - 1));
  }
  return object;
}

// Reads what the values print.
class Parser {
 public:
  explicit Parser(const std::string &text) : at_(text.data()) {}

  ValuePtr value() {
    switch (*at_) {
      case '"':
        return std::make_unique<String>(string());
      case '[':
        return array();
      case '{':
        return object();
      default:
        return number();
    }
  }

 private:
  std::string string() {
    std::string text;
    for (at_++; *at_ != '"'; at_++) {
      if (*at_ == '\\') at_++;
      text += *at_;
    }
    at_++;
    return text;
  }
  ValuePtr number() {
    bool negative = *at_ == '-';
    uint32_t value = 0;
    for (at_ += negative; *at_ >= '0' && *at_ <= '9'; at_++) value = value * 10 + uint32_t(*at_ - '0');
    return std::make_unique<Number>(int32_t(negative ? 0u - value : value));
  }
  ValuePtr array() {
    auto out = std::make_unique<Array>();
    for (at_++; *at_ != ']'; at_ += *at_ == ',') out->add(value());
    at_++;
    return out;
  }
  ValuePtr object() {
    auto out = std::make_unique<Object>();
    for (at_++; *at_ != '}'; at_ += *at_ == ',') {
      std::string name = string();
      at_++;
      out->add(std::move(name), value());
    }
    at_++;
    return out;
  }

  const char *at_;
};

}  // namespace

int main(int argc, char **argv) {
  uint32_t rounds = size_argument(argc, argv, 35), state = 1;
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < rounds; round++) {
    Array root;
    for (int32_t i = 0; i < 20; i++) root.add(random_value(&state, 5));
    std::string text, again;
    root.print(text);
    ValuePtr parsed = Parser(text).value();
    parsed->print(again);
    if (text != again) return 1;
    checksum = add_to_checksum(parsed->digest(checksum), text.size());
  }
  return report(checksum);
}
