// The commands of scripts, one member function each. A module definition that uses a proposal that wasmc does not support yet is
// remembered with that reason, and whatever depends on it is skipped with the same reason.
#include "script.h"

#include <algorithm>
#include <map>
#include <optional>

#include "spectest.h"
#include "values.h"

namespace wasmc::spec {
namespace {

std::unexpected<Problem> failed(std::string why) { return std::unexpected(Problem{Problem::Kind::Failed, std::move(why)}); }
std::unexpected<Problem> skipped(std::string why) { return std::unexpected(Problem{Problem::Kind::Skipped, std::move(why)}); }

/// The reason to skip by, if the error says that a proposal is missing.
std::optional<std::string> missing_proposal(const Error &error) {
  const size_t begin = error.message.find("proposal "), end = error.message.find(" is not supported yet");
  if (begin == std::string::npos || end == std::string::npos) return std::nullopt;
  return error.message.substr(begin, end - begin);
}

bool prefix_of_each_other(std::string_view a, std::string_view b) { return a.starts_with(b) || b.starts_with(a); }

/// What an action came to: values, or a trap.
struct Answer {
  std::optional<Trap> trap;
  std::vector<TypedValue> values;
};

class Script {
 public:
  Script(Engine &engine, const Loader &load, const Listener &listener) : engine_(engine), load_(load), listener_(listener), store_(engine) {}

  Or<> begin() {
    if (auto defined = define_spectest(linker_, store_); !defined) return failed("spectest: " + defined.error().describe());
    return {};
  }

  Or<> command(const Node &node) {
    static constexpr struct {
      std::string_view head;
      Or<> (Script::*run)(const Node &);
    } kCommands[] = {
        {"module", &Script::module},
        {"register", &Script::register_instance},
        {"invoke", &Script::plain_action},
        {"get", &Script::plain_action},
        {"assert_return", &Script::assert_return},
        {"assert_trap", &Script::assert_trap},
        {"assert_exhaustion", &Script::assert_trap},
        {"assert_exception", &Script::assert_exception},
        {"assert_invalid", &Script::assert_rejected},
        {"assert_malformed", &Script::assert_rejected},
        {"assert_unlinkable", &Script::assert_unlinkable},
    };
    for (const auto &entry : kCommands)
      if (node.head() == entry.head) return judged((this->*entry.run)(node));
    return skipped("command " + std::string(node.head()));
  }

 private:
  using Definition = Or<Module>;
  using Defined = Or<Instance *>;

  /// A module that was skipped might have changed what others export: what goes wrong after it cannot be judged.
  Or<> judged(Or<> outcome) const {
    if (outcome || outcome.error().kind == Problem::Kind::Skipped || left_out_.empty()) return outcome;
    return skipped(left_out_ + " (a module before was skipped, and this may depend on it)");
  }

  // (module definition $name? binary "…"*), (module instance $instance? $definition?), (module $name? binary "…"*)
  Or<> module(const Node &node) {
    size_t next = 1;
    const bool defines = node.items.size() > 1 && node.items[1].is_atom("definition");
    const bool instantiates = node.items.size() > 1 && node.items[1].is_atom("instance");
    if (defines || instantiates) next++;
    if (instantiates) return instantiate_command(node, next);
    const std::string name = optional_id(node, next);
    define(name, compile(node, next));
    if (!defines) return started(name, definition(name));
    const Definition &made = definition(name);
    return made ? Or<>() : std::unexpected(made.error());
  }

  Or<> instantiate_command(const Node &node, size_t next) {
    const std::string instance = optional_id(node, next), definition_name = optional_id(node, next);
    return started(instance, definition(definition_name));
  }

  /// Instantiates and starts; anything but success is the command's problem.
  Or<> started(const std::string &name, const Definition &from) {
    Defined made = instantiate(from);
    if (!made) {
      remember(name, made);
      return std::unexpected(made.error());
    }
    remember(name, made);
    if (auto run = Linker::start(store_, **made); !run) return failed("start: " + run.error().message());
    return {};
  }

  Or<> register_instance(const Node &node) {
    size_t next = 2;
    const std::string &as = node.items[1].text;
    const std::string name = optional_id(node, next);
    const Defined &found = instance(name);
    if (!found) {
      absent_modules_[as] = found.error().why;
      return std::unexpected(found.error());
    }
    absent_modules_.erase(as);
    linker_.define_instance(as, **found);
    return {};
  }

  Or<> plain_action(const Node &node) {
    const Answer answer = TRY(action(node));
    return answer.trap ? failed("trap: " + answer.trap->message()) : Or<>();
  }

  Or<> assert_return(const Node &node) {
    const Answer answer = TRY(action(node.items[1]));
    if (answer.trap) return failed("trap: " + answer.trap->message());
    const size_t expected = node.items.size() - 2;
    if (answer.values.size() != expected) return failed("results: " + std::to_string(answer.values.size()) + ", expected " + std::to_string(expected));
    for (size_t i = 0; i < expected; i++) {
      const auto match = matches(node.items[i + 2], answer.values[i]);
      if (!match) return skipped("values of a later proposal");
      if (!*match) return failed("result " + to_string(answer.values[i]) + ", expected " + to_string(node.items[i + 2]));
    }
    return {};
  }

  Or<> assert_trap(const Node &node) {
    const std::string &expected = node.items[2].text;
    const Answer answer = TRY(node.items[1].head() == "module" ? start_of(node.items[1]) : action(node.items[1]));
    if (!answer.trap) return failed("no trap, expected '" + expected + "'");
    if (answer.trap->exit_status || !prefix_of_each_other(answer.trap->message(), expected))
      return failed("trap '" + answer.trap->message() + "', expected '" + expected + "'");
    return {};
  }

  Or<> assert_exception(const Node &node) {
    TRY(action(node.items[1]));
    return failed("exceptions are not supported by this runner");
  }

  Or<> assert_rejected(const Node &node) {
    const Node &bad = node.items[1];
    const std::string &expected = node.items[2].text;
    size_t next = 1;
    optional_id(bad, next);
    if (next < bad.items.size() && bad.items[next].is_atom("quote")) return skipped("text format");
    const Definition made = compile(bad, next);
    if (made) return failed("accepted, expected '" + expected + "'");
    if (made.error().kind == Problem::Kind::Skipped) return std::unexpected(made.error());
    check_wording(expected, made.error().why);
    return {};
  }

  // (assert_unlinkable (module instance $definition?) "…")
  Or<> assert_unlinkable(const Node &node) {
    const Definition &from = definition_of(node.items[1]);
    const Defined made = instantiate(from);
    if (made) return failed("linked, expected '" + node.items[2].text + "'");
    if (!from || made.error().kind == Problem::Kind::Skipped) return std::unexpected(made.error());
    check_wording(node.items[2].text, made.error().why);
    return {};
  }

  void check_wording(const std::string &expected, const std::string &got) {
    if (!prefix_of_each_other(got, expected)) listener_.wording(expected, got);
  }

  /// The bytes of `binary "…" "…"` from item `next` on, compiled.
  Definition compile(const Node &node, size_t next) {
    if (next >= node.items.size() || !node.items[next].is_atom("binary")) return skipped("text format");
    std::string bytes;
    for (size_t i = next + 1; i < node.items.size(); i++) bytes += node.items[i].text;
    auto made = load_(engine_, std::span(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
    if (made) return *std::move(made);
    if (auto reason = missing_proposal(made.error())) {
      left_out_ = *reason;
      return skipped(*reason);
    }
    return failed(made.error().message);
  }

  Defined instantiate(const Definition &from) {
    if (!from) return std::unexpected(from.error());
    for (const ImportType &import : from->imports())
      if (auto absent = absent_modules_.find(std::string(import.module)); absent != absent_modules_.end()) return skipped(absent->second);
    auto made = linker_.instantiate(store_, *from);
    if (!made) return failed(made.error().message);
    return *made;
  }

  /// What the start of `(module instance $definition?)` or of an inline module comes to.
  Or<Answer> start_of(const Node &node) {
    Instance *made = TRY(instantiate(definition_of(node)));
    Answer out;
    if (auto run = Linker::start(store_, *made); !run) out.trap = run.error();
    return out;
  }

  /// The definition that a `(module …)` within an assertion means.
  const Definition &definition_of(const Node &node) {
    size_t next = 1;
    if (node.items.size() > 1 && node.items[1].is_atom("instance")) {
      next = 2;
      return definition(optional_id(node, next));
    }
    optional_id(node, next);
    define("", compile(node, next));
    return definition("");
  }

  // (invoke $instance? "name" argument*), (get $instance? "name")
  Or<Answer> action(const Node &node) {
    size_t next = 1;
    const std::string name = optional_id(node, next);
    const Defined &found = instance(name);
    if (!found) return std::unexpected(found.error());
    const std::string &export_name = node.items[next++].text;
    const Extern item = (*found)->get(export_name);
    if (node.head() == "get") {
      if (!item.global) return failed("no global \"" + export_name + "\"");
      return Answer{{}, {{item.global.type(store_), item.global.get(store_)}}};
    }
    if (!item.func) return failed("no function \"" + export_name + "\"");
    return call(item.func, std::span(node.items).subspan(next));
  }

  Or<Answer> call(Func func, std::span<const Node> arguments) {
    const FuncType type = func.type(store_);
    if (type.params.size() != arguments.size()) return failed("wrong number of arguments");
    std::vector<Value> values(std::max(type.params.size(), type.results.size()));
    for (size_t i = 0; i < arguments.size(); i++) {
      const auto value = parse_value(arguments[i]);
      if (!value) return skipped("values of a later proposal");
      if (value->type != type.params[i]) return failed("argument " + std::to_string(i) + " has the wrong type");
      values[i] = value->value;
    }
    Answer out;
    if (auto done = func.call(store_, values); !done) {
      out.trap = done.error();
    } else {
      for (size_t i = 0; i < type.results.size(); i++) out.values.push_back({type.results[i], values[i]});
    }
    return out;
  }

  static std::string optional_id(const Node &node, size_t &next) {
    return next < node.items.size() && node.items[next].is_id() ? node.items[next++].text : "";
  }

  // Named and latest definitions and instances; the name "" is the latest.
  void define(const std::string &name, Definition definition) {
    if (!name.empty()) definitions_.insert_or_assign(name, definition);
    definitions_.insert_or_assign("", std::move(definition));
  }
  void remember(const std::string &name, const Defined &made) {
    if (!name.empty()) instances_.insert_or_assign(name, made);
    instances_.insert_or_assign("", made);
  }
  const Definition &definition(const std::string &name) {
    return definitions_.try_emplace(name, failed("no module definition " + name)).first->second;
  }
  const Defined &instance(const std::string &name) { return instances_.try_emplace(name, failed("no instance " + name)).first->second; }

  Engine &engine_;
  const Loader &load_;
  const Listener &listener_;
  Store store_;
  Linker linker_;
  std::map<std::string, Definition> definitions_;
  std::map<std::string, Defined> instances_;
  std::string left_out_;  ///< the proposal for want of which the latest skipped module was skipped; empty if none was
  std::map<std::string, std::string> absent_modules_;  ///< registered names without an instance, and the reason
};

}  // namespace

void run_script(const std::vector<Node> &commands, Engine &engine, const Loader &load, const Listener &listener) {
  Script script(engine, load, listener);
  if (auto begun = script.begin(); !begun) {
    listener.end(begun);
    return;
  }
  for (const Node &command : commands) {
    listener.begin(command.line);
    listener.end(script.command(command));
  }
}

}  // namespace wasmc::spec
