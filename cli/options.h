// Options as data: one list from which they are read, checked and explained.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace wasmc::cli {

struct Option {
  /// A flag, a number, a count of bytes (`8M`), a text, a text each time that the option is given.
  using Place = std::variant<bool *, unsigned *, uint64_t *, std::string *, std::vector<std::string> *>;

  const char *name;  ///< `-O`, `--bounds`
  const char *type;  ///< of the value, as --help shows it; with `|` between them, all the values that there are; empty for a flag
  const char *help;
  Place place;
};

/// The values that there are; none if the option takes others than a list tells.
std::vector<std::string> choices(const Option &option);

/// Reads a command line that needs no word said: options of the list, whole and correct, up to the first word that is none. Returns that word
/// and what follows it. Nothing for every other line, one that asks for help or holds a mistake: then the places may be half filled.
std::optional<std::span<char *>> read_plain(std::span<char *> words, std::span<const Option> options);

}  // namespace wasmc::cli
