// The commands of scripts, one member function each. A module that uses a proposal that wasmc does not support yet is remembered
// with that reason, and whatever depends on it is skipped with the same reason.
#include "script.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "spectest.h"
#include "text/place.h"
#include "values.h"
#include "wasm/validator.h"

namespace wasmc::wast {
namespace {

/// The reason to skip by, if the error says that a proposal is missing.
std::optional<std::string> missing_proposal(const Error &error) {
  const size_t begin = error.message.find("proposal "), end = error.message.find(" is not supported yet");
  if (begin == std::string::npos || end == std::string::npos) return std::nullopt;
  return error.message.substr(begin, end - begin);
}

Problem problem_of(const Error &error) {
  if (auto reason = missing_proposal(error)) return {.kind = Problem::Kind::Skipped, .why = *reason};
  return {.kind = Problem::Kind::Failed, .why = error.message, .shown = error.describe() + (error.excerpt.empty() ? "" : '\n' + error.excerpt)};
}

bool prefix_of_each_other(std::string_view a, std::string_view b) { return a.starts_with(b) || b.starts_with(a); }

std::unexpected<Problem> no_command(const Node &node) { return failed("no command of scripts: " + to_string(node)); }

std::string optional_id(const Node &node, size_t &next) { return node.item(next).is_id() ? node.item(next++).text : ""; }

/// What an action came to: values, or a trap.
struct Answer {
  std::optional<Trap> trap;
  std::vector<TypedValue> values;
};

/// The shared memories that instances export, by the instance's name and the export's: what a thread is given of them.
using SharedInstances = std::map<std::string, std::map<std::string, SharedMemory>>;

class Script {
 public:
  Script(std::string_view text, Engine &engine, const Loader &load, const Listener &listener, SharedInstances shared = {})
      : text_(text), engine_(engine), load_(load), listener_(listener), store_(engine), shared_(std::move(shared)) {}

  void run(std::span<const Node> commands) {
    rest_ = commands;
    for (const Node &node : commands) {
      rest_ = rest_.subspan(1);
      line_ = node.line;
      listener_.begin(line_);
      listener_.end(line_, command(node));
    }
    for (auto &[name, thread] : threads_) thread.join();
  }

 private:
  using Definition = Or<Module>;
  using Defined = Or<Instance *>;

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
        {"assert_invalid_custom", &Script::assert_rejected},
        {"assert_malformed_custom", &Script::assert_rejected},
        {"assert_unlinkable", &Script::assert_unlinkable},
        {"thread", &Script::thread},
        {"wait", &Script::wait},
    };
    for (const auto &entry : kCommands)
      if (node.head() == entry.head) return judged((this->*entry.run)(node));
    return no_command(node);
  }

  /// A module that was skipped might have changed what others export: what goes wrong after it cannot be judged.
  Or<> judged(Or<> outcome) const {
    if (outcome || outcome.error().kind == Problem::Kind::Skipped || left_out_.empty()) return outcome;
    return skipped(left_out_ + " (a module before was skipped, and this may depend on it)");
  }

  // (module definition $name? …), (module instance $instance? $definition?), (module $name? …)
  Or<> module(const Node &node) {
    size_t next = 1;
    const bool defines = node.item(1).is_atom("definition");
    const bool instantiates = node.item(1).is_atom("instance");
    if (defines || instantiates) next++;
    if (instantiates) return instantiate_command(node, next);
    const std::string name = optional_id(node, next);
    define(name, compile(node));
    const Definition &made = definition(name);
    if (!made && made.error().kind == Problem::Kind::Skipped) left_out_ = made.error().why;
    if (!defines) return started(name, made);
    return made ? Or<>() : std::unexpected(made.error());
  }

  Or<> instantiate_command(const Node &node, size_t next) {
    const std::string instance = optional_id(node, next), definition_name = optional_id(node, next);
    return started(instance, definition(definition_name));
  }

  /// Instantiates and starts; anything but success is the command's problem.
  Or<> started(const std::string &name, const Definition &from) {
    const bool passing = name.empty() && from && from->imports().empty() && !is_registered_next();
    auto alone = passing ? std::make_unique<Store>(engine_) : nullptr;
    Defined made = instantiate(from, alone ? *alone : store_);
    remember(name, made);
    alone_ = std::move(alone);
    if (!made) return std::unexpected(made.error());
    if (auto run = Linker::start((*made)->store(), **made); !run) return failed("start: " + run.error().message());
    return {};
  }

  /// Whether the latest instance gets a name by which later modules can import from it.
  bool is_registered_next() const {
    const auto next = std::ranges::find_if(rest_, [](const Node &node) { return node.head() == "module" || node.head() == "register"; });
    return next != rest_.end() && next->head() == "register" && !next->item(2).is_id();
  }

  Or<> register_instance(const Node &node) {
    size_t next = 2;
    if (node.item(1).kind != Node::Kind::String) return no_command(node);
    const std::string &as = node.string(1), name = optional_id(node, next);
    if (as == kSpectest) TRY(need_spectest());
    if (const auto shared = shared_.find(name); shared != shared_.end()) {
      for (const auto &[item, memory] : shared->second) linker_.define(as, item, Extern{.kind = ExternKind::Memory, .memory = store_.add_memory(memory)});
      return {};
    }
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
    if (node.items.size() < 2) return no_command(node);
    const Answer answer = TRY(action(node.item(1)));
    if (answer.trap) return failed("trap: " + answer.trap->message());
    const size_t expected = node.items.size() - 2;
    if (answer.values.size() != expected) return failed("results: " + std::to_string(answer.values.size()) + ", expected " + std::to_string(expected));
    for (size_t i = 0; i < expected; i++)
      if (!TRY(matches(node.items[i + 2], answer.values[i])))
        return failed("result " + to_string(answer.values[i]) + ", expected " + to_string(node.items[i + 2]));
    return {};
  }

  Or<> assert_trap(const Node &node) {
    const std::string &expected = node.string(2);
    const Answer answer = TRY(node.item(1).head() == "module" ? start_of(node.item(1)) : action(node.item(1)));
    if (!answer.trap) return failed("no trap, expected '" + expected + "'");
    if (answer.trap->exit_status || !prefix_of_each_other(answer.trap->message(), expected))
      return failed("trap '" + answer.trap->message() + "', expected '" + expected + "'");
    return {};
  }

  /// Modules with exceptions are refused, so that the action's instance says what is missing.
  Or<> assert_exception(const Node &node) {
    const Answer answer = TRY(action(node.item(1)));
    return failed(answer.trap ? "trap '" + answer.trap->message() + "', expected an exception" : "no exception");
  }

  Or<> assert_rejected(const Node &node) {
    const Definition made = compile(node.item(1));
    if (made) return failed("accepted, expected '" + node.string(2) + "'");
    if (made.error().kind == Problem::Kind::Skipped) return std::unexpected(made.error());
    // There are other reasons not to load a module: a full disk, a missing artifact.
    if (const auto module = ScriptModule::assemble(node.item(1), text_); module && wasm::validate_module(module->bytes(), 1))
      return failed("valid, but " + made.error().why);
    check_wording(node.string(2), made.error().why);
    return {};
  }

  // (assert_unlinkable (module …) "…"), (assert_unlinkable (module instance $definition?) "…")
  Or<> assert_unlinkable(const Node &node) {
    const Definition &from = definition_of(node.item(1));
    const Defined made = instantiate(from, store_);
    if (made) return failed("linked, expected '" + node.string(2) + "'");
    if (!from || made.error().kind == Problem::Kind::Skipped) return std::unexpected(made.error());
    check_wording(node.string(2), made.error().why);
    return {};
  }

  void check_wording(const std::string &expected, const std::string &got) {
    if (!got.starts_with(expected)) listener_.wording(line_, expected, got);
  }

  // (thread $name (shared (module $instance)*)* command*), the threads proposal's. It has a store of its own, beside this one.
  Or<> thread(const Node &node) {
    size_t next = 1;
    const std::string name = optional_id(node, next);
    if (name.empty() || threads_.contains(name)) return no_command(node);
    SharedInstances shared;
    for (; node.item(next).head() == "shared"; ++next)
      for (const Node &item : std::span(node.item(next).items).subspan(1)) TRY(share(item, shared));
    const auto commands = std::span(node.items).subspan(next);
    auto run = [this, commands, shared = std::move(shared)]() mutable { Script(text_, engine_, load_, listener_, std::move(shared)).run(commands); };
    threads_.emplace(name, std::thread(std::move(run)));
    return {};
  }

  // (module $instance)
  Or<> share(const Node &node, SharedInstances &out) {
    if (node.head() != "module" || !node.item(1).is_id()) return no_command(node);
    Instance *from = TRY(instance(node.item(1).text));
    auto &memories = out[node.item(1).text];
    for (const ExportType &item : from->module().exports())
      if (item.kind == ExternKind::Memory)
        if (auto memory = from->get(item.name).memory.shared(store_)) memories.emplace(item.name, *memory);
    return {};
  }

  // (wait $name)
  Or<> wait(const Node &node) {
    const auto found = threads_.find(node.item(1).text);
    if (found == threads_.end()) return failed("no thread " + node.item(1).text);
    found->second.join();
    threads_.erase(found);
    return {};
  }

  Definition compile(const Node &node) {
    if (node.head() != "module") return no_command(node);
    const auto module = ScriptModule::assemble(node, text_);
    if (!module) return std::unexpected(problem_of(module.error()));
    auto made = load_(engine_, module->bytes());
    if (!made) return std::unexpected(problem_of(module->explain(std::move(made.error()))));
    return *std::move(made);
  }

  Defined instantiate(const Definition &from, Store &store) {
    if (!from) return std::unexpected(from.error());
    for (const ImportType &import : from->imports()) {
      if (import.module == kSpectest) TRY(need_spectest());
      if (auto absent = absent_modules_.find(std::string(import.module)); absent != absent_modules_.end()) return skipped(absent->second);
    }
    auto made = linker_.instantiate(store, *from);
    if (!made) return std::unexpected(problem_of(made.error()));
    return *made;
  }

  /// Few scripts import it, and two memories take a while to reserve where a page costs something, as under qemu.
  Or<> need_spectest() {
    if (has_spectest_) return {};
    has_spectest_ = true;
    if (auto defined = define_spectest(linker_, store_); !defined) return failed("spectest: " + defined.error().describe());
    return {};
  }

  /// What the start of `(module instance $definition?)` or of an inline module comes to.
  Or<Answer> start_of(const Node &node) {
    const Definition &from = definition_of(node);
    if (!from && from.error().kind == Problem::Kind::Skipped) left_out_ = from.error().why;
    Instance *made = TRY(instantiate(from, store_));
    Answer out;
    if (auto run = Linker::start(store_, *made); !run) out.trap = run.error();
    return out;
  }

  /// The definition that a `(module …)` within an assertion means.
  const Definition &definition_of(const Node &node) {
    if (node.item(1).is_atom("instance")) {
      size_t next = 2;
      return definition(optional_id(node, next));
    }
    return anonymous_ = compile(node);
  }

  // (invoke $instance? "name" argument*), (get $instance? "name")
  Or<Answer> action(const Node &node) {
    size_t next = 1;
    const std::string name = optional_id(node, next);
    if (node.item(next).kind != Node::Kind::String) return no_command(node);
    const Defined &found = instance(name);
    if (!found) return std::unexpected(found.error());
    const std::string &export_name = node.string(next++);
    Store &store = (*found)->store();
    const Extern item = (*found)->get(export_name);
    if (node.head() == "get") {
      if (!item.global) return failed("no global \"" + export_name + "\"");
      return Answer{{}, {{item.global.type(store), item.global.get(store)}}};
    }
    if (node.head() != "invoke") return no_command(node);
    if (!item.func) return failed("no function \"" + export_name + "\"");
    return call(store, item.func, std::span(node.items).subspan(next));
  }

  static Or<Answer> call(Store &store, Func func, std::span<const Node> arguments) {
    const FuncType type = func.type(store);
    if (type.params.size() != arguments.size()) return failed("wrong number of arguments");
    std::vector<Value> values(std::max(type.params.size(), type.results.size()));
    for (size_t i = 0; i < arguments.size(); i++) {
      const TypedValue value = TRY(parse_value(arguments[i]));
      if (value.type != type.params[i]) return failed("argument " + std::to_string(i) + " has the wrong type");
      values[i] = value.value;
    }
    Answer out;
    if (auto done = func.call(store, values); !done) {
      out.trap = done.error();
    } else {
      for (size_t i = 0; i < type.results.size(); i++) out.values.push_back({type.results[i], values[i]});
    }
    return out;
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

  const std::string_view text_;  ///< of the whole script
  Engine &engine_;
  const Loader &load_;
  const Listener &listener_;
  Store store_;
  /// Of the latest instance, if no other can ever have to do with it. It goes with it: a memory's address space is not free to have, and
  /// under an emulator, which keeps a list of pages, it is dear.
  std::unique_ptr<Store> alone_;
  Linker linker_;
  std::span<const Node> rest_;  ///< the commands after the current one
  uint32_t line_ = 0;           ///< of the current command
  std::map<std::string, Definition> definitions_;
  std::map<std::string, Defined> instances_;
  Definition anonymous_ = failed("no module");  ///< the latest that stands within an assertion
  std::map<std::string, std::thread> threads_;  ///< not waited for
  SharedInstances shared_;                      ///< by whoever began this thread
  bool has_spectest_ = false;
  std::string left_out_;  ///< the proposal for want of which the latest skipped module was skipped; empty if none was
  std::map<std::string, std::string> absent_modules_;  ///< registered names without an instance, and the reason
};

/// Passes if there is code or a refusal for the module afterwards.
Or<> compile_module(std::span<const uint8_t> wasm, const ArtifactFolder &folder, const Compile &compile) {
  const auto refusal = folder.add(wasm, compile);
  if (!refusal) return failed(refusal.error().describe());
  if (*refusal && missing_proposal(**refusal)) return std::unexpected(problem_of(**refusal));
  return {};
}

void compile_modules(std::span<const Node> nodes, std::string_view text, const Listener &listener, const ArtifactFolder &folder, const Compile &compile) {
  for (const Node &node : nodes) {
    if (node.head() != "module") {
      compile_modules(node.items, text, listener, folder, compile);  // within assertions and threads; lists do not nest deeply
      continue;
    }
    const auto module = ScriptModule::assemble(node, text);
    if (!module) continue;
    listener.begin(node.line);
    listener.end(node.line, compile_module(module->bytes(), folder, compile));
  }
}

/// Nothing if the text is no script, which is told as a command that fails where it goes wrong.
std::optional<std::vector<Node>> commands_of(std::string_view text, const Listener &listener) {
  auto commands = read_script(text);
  if (commands) return *std::move(commands);
  const auto line = uint32_t(text::find_place(text, commands.error().offset).line);
  listener.begin(line);
  listener.end(line, std::unexpected(problem_of(text::at_place(std::move(commands.error()), "", text))));
  return std::nullopt;
}

}  // namespace

void run_script(std::string_view text, const Listener &listener, Engine &engine, const Loader &load) {
  const auto commands = commands_of(text, listener);
  if (!commands) return;
  Script script(text, engine, load, listener);
  script.run(*commands);
  listener.finished();
}

void compile_script(std::string_view text, const Listener &listener, const ArtifactFolder &folder, const Compile &compile) {
  const auto commands = commands_of(text, listener);
  if (commands) compile_modules(*commands, text, listener, folder, compile);
}

}  // namespace wasmc::wast
