#include "options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "byte_count.h"

namespace wasmc::cli {
namespace {

bool is_flag(const Option &option) { return std::holds_alternative<bool *>(option.place); }
bool is_short(const Option &option) { return option.name[1] != '-'; }

/// An option and what stands in the same word behind it.
struct Match {
  const Option *option = nullptr;
  std::string_view attached;
};

/// `--name`, `--name=VALUE`, `-n`, `-nVALUE`.
Match find(std::string_view word, std::span<const Option> options) {
  for (const Option &option : options) {
    if (word == option.name) return {&option, {}};
    if (is_flag(option) || !word.starts_with(option.name)) continue;
    const std::string_view rest = word.substr(std::string_view(option.name).size());
    if (is_short(option)) return {&option, rest};
    if (rest.starts_with('=') && rest.size() > 1) return {&option, rest.substr(1)};
  }
  return {};
}

bool is_choice(const Option &option, std::string_view value) {
  const auto known = choices(option);
  return known.empty() || std::ranges::find(known, value) != known.end();
}

/// The places know how their values are written.
struct Store {
  std::string_view value;

  bool operator()(bool *) const { return false; }
  bool operator()(unsigned *place) const {
    const auto [end, error] = std::from_chars(value.begin(), value.end(), *place);
    return error == std::errc() && end == value.end();
  }
  bool operator()(uint64_t *place) const {
    const auto count = parse_byte_count(value);
    if (count) *place = *count;
    return count.has_value();
  }
  bool operator()(std::string *place) const {
    *place = value;
    return true;
  }
  bool operator()(std::vector<std::string> *place) const {
    place->emplace_back(value);
    return true;
  }
};

bool is_repeated(const Option &option) { return std::holds_alternative<std::vector<std::string> *>(option.place); }

}  // namespace

std::vector<std::string> choices(const Option &option) {
  std::vector<std::string> all;
  std::string_view rest = option.type;
  if (rest.find('|') == rest.npos) return all;
  for (size_t bar; (bar = rest.find('|')) != rest.npos; rest.remove_prefix(bar + 1)) all.emplace_back(rest.substr(0, bar));
  all.emplace_back(rest);
  return all;
}

std::optional<std::span<char *>> read_plain(std::span<char *> words, std::span<const Option> options) {
  std::vector<const Option *> given;
  size_t next = 0;
  while (next < words.size() && words[next][0] == '-') {
    auto [option, value] = find(words[next++], options);
    if (!option || (!is_repeated(*option) && std::ranges::find(given, option) != given.end())) return std::nullopt;
    given.push_back(option);
    if (is_flag(*option)) {
      *std::get<bool *>(option->place) = true;
      continue;
    }
    if (value.empty() && next < words.size()) value = words[next++];
    // A dash may begin the next option; brackets mean something to CLI11.
    if (value.empty() || value[0] == '-' || value[0] == '[') return std::nullopt;
    if (!is_choice(*option, value) || !std::visit(Store{value}, option->place)) return std::nullopt;
  }
  if (next == words.size()) return std::nullopt;
  return words.subspan(next);
}

}  // namespace wasmc::cli
