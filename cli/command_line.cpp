// The look of --help and of errors in the command line.
#include "command_line.h"

#include <unistd.h>

#include <string_view>

#include "byte_count.h"
#include "report.h"

namespace wasmc::cli {
namespace {

/// Options as `-o FILE`, without CLI11's type and requirement notes; the usage line is written by hand.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter(std::string usage) : usage_(std::move(usage)) { column_width(26); }
  std::string make_usage(const CLI::App *, std::string) const override { return "Usage: " + usage_ + "\n"; }
  std::string make_option_opts(const CLI::Option *option) const override {
    return option->get_type_size() == 0 || option->get_positional() ? "" : " " + option->get_type_name();
  }

 private:
  std::string usage_;
};

/// `--env=` or `--stdout=$UNSET`: CLI11 would take the next word for the value, and another file might run. Nothing if there is none.
std::string option_without_value(const CLI::App &app, int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool is_option = word.starts_with('-') && word.size() > 1;
    if (word == "--" || (!is_option && app.get_prefix_command())) break;  // what follows is not ours
    if (word.starts_with("--") && word.ends_with('=') && word.find('=') == word.size() - 1) return std::string(word);
    const CLI::Option *option = is_option ? app.get_option_no_throw(std::string(word)) : nullptr;
    if (option && option->get_type_size() != 0) ++i;  // its value
  }
  return "";
}

/// How CLI11 fills a place.
struct Add {
  CLI::App &app;
  const Option &option;

  CLI::Option *operator()(bool *place) const { return app.add_flag(option.name, *place, option.help); }
  CLI::Option *operator()(uint64_t *place) const { return app.add_option(option.name, *place, option.help)->transform(byte_count()); }
  CLI::Option *operator()(std::vector<std::string> *place) const { return add_repeated(app, option.name, *place, option.help); }
  CLI::Option *operator()(auto *place) const { return app.add_option(option.name, *place, option.help); }
};

}  // namespace

void add_options(CLI::App &app, const std::vector<Option> &options) {
  for (const Option &option : options) {
    CLI::Option *added = std::visit(Add{app, option}, option.place);
    if (*option.type) added->type_name(option.type);
    if (const auto known = choices(option); !known.empty()) added->check(one_of(known));
  }
}

void set_up(CLI::App &app, const std::string &name, const std::string &usage, const std::string &examples) {
  app.name(name);
  app.formatter(std::make_shared<HelpFormatter>("wasmc " + name + ' ' + usage));
  app.set_help_flag("-h,--help", "show this text");
  app.footer(examples);
}

std::optional<int> parse(CLI::App &app, int argc, char **argv) {
  if (const std::string option = option_without_value(app, argc, argv); !option.empty()) return report(app.get_name() + ": " + option + " needs a value; see wasmc " + app.get_name() + " --help");
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::CallForHelp &) {
    return print_out(app.help());
  } catch (const CLI::ParseError &error) {
    std::string message = error.what();
    while (message.ends_with('\n')) message.pop_back();
    // CLI11 tells of a missing FILE first, but an option that does not exist is the better clue.
    if (const auto rest = app.remaining(); !rest.empty() && rest[0].starts_with('-')) message = "unknown option " + rest[0];
    return report(app.get_name() + ": " + message + "; see wasmc " + app.get_name() + " --help");
  }
}

CLI::Option *add_repeated(CLI::App &app, const std::string &name, std::vector<std::string> &values, const std::string &help) {
  return app.add_option(name, values, help)->allow_extra_args(false);
}

CLI::Validator one_of(std::vector<std::string> values) { return CLI::IsMember(std::move(values)).description(""); }

CLI::Validator byte_count() {
  const auto convert = [](std::string &text) -> std::string {
    const auto count = parse_byte_count(text);
    if (!count) return "not a number of bytes: " + text;
    text = std::to_string(*count);
    return {};
  };
  return CLI::Validator(convert, "");
}

}  // namespace wasmc::cli
