// Tail calls between functions of all kinds of signatures, of two instances, by every way there is to call, in a chain far longer than the
// stack could hold. Each function checks that its parameters arrived, and that it runs in its own instance.
#include <random>
#include <sstream>

#include "guest.h"
#include "text/assemble.h"

namespace wasmc {
namespace {

constexpr int kFunctions = 8;
constexpr const char *kTypes[] = {"i32", "i64", "f32", "f64"};

/// A type of parameters or results, as an index of kTypes.
using Types = std::vector<int>;

std::string number(int64_t value) { return std::to_string(value); }

/// The value of parameter or result `i` at a count, as folded text.
std::string value_of(int type, size_t i, const std::string &count) {
  const std::string place = number(int64_t(i) + 3);
  switch (type) {
    case 0: return "(i32.add (i32.mul " + count + " (i32.const 7)) (i32.const " + place + "))";
    case 1: return "(i64.sub (i64.extend_i32_u " + count + ") (i64.const " + place + "00000000007))";
    case 2: return "(f32.convert_i32_u (i32.add (i32.and " + count + " (i32.const 65535)) (i32.const " + place + ")))";
    default: return "(f64.convert_i32_u (i32.add " + count + " (i32.const " + place + ")))";
  }
}

/// Two modules that call each other. `owner` has table and globals, through which `user`'s functions come to it.
class Shapes {
 public:
  Shapes(unsigned seed, size_t results) : random_(seed), results_(types(results)) {
    for (int i = 0; i < kFunctions; ++i) params_.push_back(types(i == 0 ? 0 : random_() % 21));
  }

  std::string owner() const {
    std::ostringstream out;
    out << "(module\n" << type_section() << "(table (export \"table\") " << 2 * kFunctions << " funcref)\n";
    for (int i = 0; i < kFunctions; ++i) out << "(global $g" << i << " (export \"g" << i << "\") (mut (ref null $t" << i << ")) (ref.null $t" << i << "))\n";
    out << "(elem (i32.const 0) func";
    for (int i = 0; i < kFunctions; ++i) out << " $f" << i;
    out << ")\n(global $self (mut i32) (i32.const 1))\n";
    for (int i = 0; i < kFunctions; ++i) out << function(i, kFunctions, false);
    out << entry() << ")\n";
    return out.str();
  }

  std::string user() const {
    std::ostringstream out;
    out << "(module\n" << type_section() << "(import \"owner\" \"table\" (table " << 2 * kFunctions << " funcref))\n";
    for (int i = 0; i < kFunctions; ++i) out << "(import \"owner\" \"g" << i << "\" (global $g" << i << " (mut (ref null $t" << i << "))))\n";
    for (int i = 0; i < kFunctions; ++i) out << "(import \"owner\" \"f" << i << "\" (func $other" << i << " (type $t" << i << ")))\n";
    out << "(elem (i32.const " << kFunctions << ") func";
    for (int i = 0; i < kFunctions; ++i) out << " $f" << i;
    out << ")\n(global $self (mut i32) (i32.const 2))\n(start $start)\n(func $start";
    for (int i = 0; i < kFunctions; ++i) out << " (global.set $g" << i << " (ref.func $f" << i << "))";
    out << ")\n";
    for (int i = 0; i < kFunctions; ++i) out << function(i, 0, true);
    out << entry() << ")\n";
    return out.str();
  }

 private:
  Types types(size_t count) {
    Types out(count);
    for (int &type : out) type = int(random_() % 4);
    return out;
  }

  /// Every function takes the count first.
  std::string type_section() const {
    std::ostringstream out;
    for (int i = 0; i < kFunctions; ++i) out << "(type $t" << i << " (func (param i32" << words(params_[i]) << ")" << result_list() << "))\n";
    return out.str();
  }
  static std::string words(const Types &types) {
    std::string out;
    for (int type : types) out += std::string(" ") + kTypes[type];
    return out;
  }
  std::string result_list() const { return results_.empty() ? "" : " (result" + words(results_) + ")"; }

  std::string arguments(int callee, const std::string &count) const {
    std::string out = count;
    for (size_t i = 0; i < params_[callee].size(); ++i) out += " " + value_of(params_[callee][i], i, count);
    return out;
  }

  /// Traps unless the count's parameters are there and the instance is the right one.
  std::string checks(int self, bool is_user) const {
    std::string out;
    const auto check = [&](const std::string &type, const std::string &a, const std::string &b) {
      out += "(if (" + type + ".ne " + a + " " + b + ") (then unreachable))\n";
    };
    for (size_t i = 0; i < params_[self].size(); ++i)
      check(kTypes[params_[self][i]], "(local.get " + number(int64_t(i) + 1) + ")", value_of(params_[self][i], i, "(local.get 0)"));
    check("i32", "(global.get $self)", is_user ? "(i32.const 2)" : "(i32.const 1)");
    return out;
  }

  /// Which of the ways to go on is taken depends on the count; now and then an ordinary call comes first, with a chain of its own.
  std::string function(int self, int other_slots, bool is_user) const {
    const int next = (self + 1) % kFunctions;
    const std::string left = "(i32.sub (local.get 0) (i32.const 1))", to = arguments(next, left), name = number(next);
    const std::string own_slot = number(next + (is_user ? kFunctions : 0)), other_slot = number(next + other_slots);
    std::ostringstream out;
    out << "(func $f" << self << " (export \"f" << self << "\") (type $t" << self << ")\n" << checks(self, is_user);
    out << "(if (i32.eqz (local.get 0)) (then (return";
    for (size_t i = 0; i < results_.size(); ++i) out << " " << value_of(results_[i], i, "(i32.const 5)");
    out << ")))\n(if (i32.eq (i32.rem_u (local.get 0) (i32.const 1000)) (i32.const 999)) (then (call $f" << name << " " << arguments(next, "(i32.const 9)") << ")";
    for (size_t i = 0; i < results_.size(); ++i) out << " drop";
    out << "))\n" << checks(self, is_user);
    const auto way = [&](int remainder, const std::string &code) {
      out << "(if (i32.eq (i32.rem_u (local.get 0) (i32.const 7)) (i32.const " << remainder << ")) (then (" << code << ")))\n";
    };
    way(0, "return_call $f" + name + " " + to);
    way(1, "return_call_indirect (type $t" + name + ") " + to + " (i32.const " + own_slot + ")");
    way(2, "return_call_indirect (type $t" + name + ") " + to + " (i32.const " + other_slot + ")");
    way(3, "return_call_ref $t" + name + " " + to + " (global.get $g" + name + ")");
    way(4, "return_call_ref $t" + name + " " + to + " (ref.func $f" + name + ")");
    if (is_user) way(5, "return_call $other" + name + " " + to);
    out << "(return_call_indirect (type $t" << name << ") " << to << " (i32.const " << other_slot << ")))\n";
    return out.str();
  }

  /// Function 0 takes nothing but the count.
  std::string entry() const {
    return "(func (export \"run\") (param i32)" + result_list() + " (call $f0 (local.get 0)) (if (i32.eqz (global.get $self)) (then unreachable)))\n";
  }

  std::mt19937 random_;
  Types results_;
  std::vector<Types> params_;

 public:
  /// What the chain comes to.
  void expect(std::span<const Value> values) const {
    for (size_t i = 0; i < results_.size(); ++i) {
      const int64_t place = int64_t(i) + 3;
      switch (results_[i]) {
        case 0: EXPECT_EQ(values[i].i32, 35 + place) << i; break;
        case 1: EXPECT_EQ(values[i].i64, 5 - (place * 100000000000 + 7)) << i; break;
        case 2: EXPECT_EQ(values[i].f32, float(5 + place)) << i; break;
        default: EXPECT_EQ(values[i].f64, double(5 + place)) << i; break;
      }
    }
  }
};

template <compiler::OptLevel kLevel> Result<> compile_at(std::span<const uint8_t> wasm, abi::BoundsMode bounds, int output) {
  compiler::Options options;
  options.opt_level = kLevel;
  options.bounds = bounds;
  return wasmc_compiler_api()->compile(wasm, options, output);
}

void run_chain(CompileFunction compile, unsigned seed, size_t results, int length) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", results " + std::to_string(results));
  Engine engine{EngineConfig{.compile = std::move(compile), .wasm_stack_size = 256 << 10}};
  Store store(engine);
  Linker linker;
  const Shapes shapes(seed, results);
  const auto instantiate = [&](const std::string &text, const char *name) -> Instance & {
    const auto assembled = text::assemble(text);
    if (!assembled) throw std::runtime_error(assembled.error().describe() + "\n" + text);
    auto module = Module::compile(engine, assembled->bytes, name);
    if (!module) throw std::runtime_error(module.error().describe() + "\n" + text);
    auto instance = linker.instantiate(store, *module);
    if (!instance) throw std::runtime_error(instance.error().describe());
    if (auto started = Linker::start(store, **instance); !started) throw std::runtime_error(started.error().message());
    return **instance;
  };
  Instance &owner = instantiate(shapes.owner(), "owner");
  linker.define_instance("owner", owner);
  Instance &user = instantiate(shapes.user(), "user");
  for (Instance *instance : {&owner, &user}) {
    std::vector<Value> values(std::max<size_t>(results, 1));
    values[0] = {.i32 = length};
    const auto done = instance->get("run").func.call(store, values);
    ASSERT_TRUE(done) << done.error().message();
    shapes.expect(values);
  }
}

// 1000001 tail calls on 256 KiB of stack.
TEST(TailCalls, LongChainsOfAllShapesUnoptimised) {
  for (unsigned seed = 0; seed < 4; ++seed)
    for (size_t results : {0, 1, 2, 3, 5, 10}) run_chain(compile_at<compiler::OptLevel::O0>, seed, results, 100'001);
  run_chain(compile_at<compiler::OptLevel::O0>, 99, 2, 1'000'001);
}

TEST(TailCalls, LongChainsOfAllShapesOptimised) {
  for (unsigned seed = 10; seed < 12; ++seed)
    for (size_t results : {0, 1, 2, 4, 10}) run_chain(compile_at<compiler::OptLevel::O2>, seed, results, 100'001);
  run_chain(compile_at<compiler::OptLevel::O2>, 99, 2, 1'000'001);
}

}  // namespace
}  // namespace wasmc
