// Virtual calls, multiple inheritance, dynamic_cast, templates, lambdas, std::function, operators, static initialisation order.
//
//: run
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace {

struct Node {
  virtual ~Node() = default;
  virtual double value() const = 0;
  virtual std::string text() const = 0;
};
struct Counted {
  static inline int made = 0, gone = 0;
  Counted() { made++; }
  virtual ~Counted() { gone++; }
  virtual int weight() const { return 1; }
};
struct Number final : Node, Counted {
  explicit Number(double n) : n(n) {}
  double value() const override { return n; }
  std::string text() const override { return std::to_string(n).substr(0, 4); }
  double n;
};
struct Binary : Node, Counted {
  Binary(std::unique_ptr<Node> a, std::unique_ptr<Node> b) : a(std::move(a)), b(std::move(b)) {}
  int weight() const override { return 2; }
  std::unique_ptr<Node> a, b;
};
struct Sum : Binary {
  using Binary::Binary;
  double value() const override { return a->value() + b->value(); }
  std::string text() const override { return "(" + a->text() + "+" + b->text() + ")"; }
};
struct Product : Binary {
  using Binary::Binary;
  double value() const override { return a->value() * b->value(); }
  std::string text() const override { return a->text() + "*" + b->text(); }
  int weight() const override { return 3; }
};

std::unique_ptr<Node> tree(int depth, int &seed) {
  seed = seed * 1103515245 + 12345;
  if (depth == 0) return std::make_unique<Number>((seed >> 16 & 7) + 0.5);
  auto a = tree(depth - 1, seed), b = tree(depth - 1, seed);
  if (seed >> 20 & 1) return std::make_unique<Sum>(std::move(a), std::move(b));
  return std::make_unique<Product>(std::move(a), std::move(b));
}

int weigh(const Node &node) {
  const auto *counted = dynamic_cast<const Counted *>(&node);
  int out = counted ? counted->weight() : 0;
  if (const auto *binary = dynamic_cast<const Binary *>(&node)) out += weigh(*binary->a) + weigh(*binary->b);
  return out;
}

template <int N> struct Fib { static constexpr long value = Fib<N - 1>::value + Fib<N - 2>::value; };
template <> struct Fib<0> { static constexpr long value = 0; };
template <> struct Fib<1> { static constexpr long value = 1; };

template <class... T> auto total(T... values) { return (values + ... + 0); }

std::function<int(int)> compose(std::vector<std::function<int(int)>> steps) {
  return [steps = std::move(steps)](int n) {
    for (const auto &step : steps) n = step(n);
    return n;
  };
}

struct Announcer {
  explicit Announcer(const char *name) : name(name) { std::printf("begin %s\n", name); }
  ~Announcer() { std::printf("end %s\n", name); }
  const char *name;
};
Announcer first("first"), second("second");

struct Adder {
  int by;
  int operator()(int n) const { return n + by; }
  int twice(int n) const { return n + 2 * by; }
};

}  // namespace

int main() {
  Announcer local("main");
  int seed = 1;
  {
    auto root = tree(5, seed);
    std::printf("%.6g %d\n%s\n", root->value(), weigh(*root), root->text().c_str());
    const Node &top = *root;
    std::printf("%d\n", typeid(top) == typeid(Sum) || typeid(top) == typeid(Product));
  }
  std::printf("%d made, %d gone\n", Counted::made, Counted::gone);
  std::printf("%ld %d %.2f\n", Fib<40>::value, total(1, 2, 3, 4), total(1.5, 2, 'a'));
  int offset = 10;
  auto program = compose({[](int n) { return n * 2; }, Adder{5}, [&](int n) { return n - offset; }});
  offset = 20;
  int (Adder::*member)(int) const = &Adder::twice;
  std::printf("%d %d\n", program(21), (Adder{3}.*member)(4));
  static Announcer lazy("lazy");
  return 0;
}
