// CLI11, set up alike for every subcommand: the look of --help, and errors as one line.
#pragma once
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <string>
#include <vector>

#include "options.h"

namespace wasmc::cli {

/// Gives a fresh App its looks. `usage` follows `wasmc NAME `, `examples` close the help.
void set_up(CLI::App &app, const std::string &name, const std::string &usage, const std::string &examples);

/// Parses. Returns an exit code if there is nothing left to do: after --help, or an error that has been reported.
std::optional<int> parse(CLI::App &app, int argc, char **argv);

/// As the list has them.
void add_options(CLI::App &app, const std::vector<Option> &options);

/// An option that may be given several times and takes one value each time (CLI11 would take all that follow).
CLI::Option *add_repeated(CLI::App &app, const std::string &name, std::vector<std::string> &values, const std::string &help);

/// One of these; `type_name` tells them, so that the help need not list them twice.
CLI::Validator one_of(std::vector<std::string> values);

/// Bytes, with an optional K, M or G: a validator that turns `8M` into `8388608`.
CLI::Validator byte_count();

}  // namespace wasmc::cli
