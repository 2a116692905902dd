// The standard library's containers and algorithms.
//
//: run
#include <algorithm>
#include <array>
#include <bitset>
#include <cstdio>
#include <deque>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

void sequences() {
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::mt19937 random(42);  // its output is defined by the standard
  for (size_t i = numbers.size(); i > 1; i--) std::swap(numbers[i - 1], numbers[random() % i]);
  std::vector<int> sorted = numbers;
  std::stable_sort(sorted.begin(), sorted.end(), [](int a, int b) { return a % 10 < b % 10; });
  std::cout << numbers[0] << ' ' << numbers[999] << ' ' << sorted[0] << ' ' << sorted[500] << '\n';
  std::nth_element(numbers.begin(), numbers.begin() + 500, numbers.end());
  std::cout << numbers[500] << ' ' << std::accumulate(numbers.begin(), numbers.end(), 0) << '\n';
  std::deque<std::string> words;
  for (int i = 0; i < 20; i++) i % 2 ? words.push_front("w" + std::to_string(i)) : words.push_back(std::string(size_t(i), 'x'));
  for (const auto &word : words) std::cout << word << ',';
  std::list<int> list(sorted.begin(), sorted.begin() + 10);
  list.sort();
  list.remove_if([](int n) { return n % 20 == 0; });
  list.reverse();
  for (int n : list) std::cout << ' ' << n;
  std::cout << '\n';
}

void associations() {
  std::map<std::string, std::vector<int>> index;
  std::unordered_map<int, std::string> names;
  std::set<std::tuple<int, char, std::string>> tuples;
  for (int i = 0; i < 500; i++) {
    index[std::to_string(i * i % 37)].push_back(i);
    names.emplace(i * 7919, "n" + std::to_string(i));
    tuples.insert({i % 7, char('a' + i % 3), i % 2 ? "odd" : "even"});
  }
  for (const auto &[key, list] : index) std::cout << key << ':' << list.size() << ' ';
  std::cout << '\n' << names.at(7919 * 123) << ' ' << names.count(1) << ' ' << tuples.size() << ' ' << std::get<2>(*tuples.rbegin()) << '\n';
  std::priority_queue<std::pair<int, std::string>> queue;
  for (const char *word : {"one", "three", "five", "seven", "eleven"}) queue.emplace(std::string_view(word).size(), word);
  for (; !queue.empty(); queue.pop()) std::cout << queue.top().second << ' ';
  std::cout << '\n';
}

struct Noisy {
  static inline int alive = 0;
  Noisy() { alive++; }
  Noisy(const Noisy &) { alive++; }
  ~Noisy() { alive--; }
};

void ownership() {
  {
    auto shared = std::make_shared<Noisy>();
    std::weak_ptr<Noisy> weak = shared;
    std::vector<std::shared_ptr<Noisy>> copies(5, shared);
    std::vector<std::unique_ptr<Noisy>> unique;
    for (int i = 0; i < 10; i++) unique.push_back(std::make_unique<Noisy>());
    unique.erase(unique.begin() + 2, unique.begin() + 5);
    std::cout << shared.use_count() << ' ' << Noisy::alive << ' ' << weak.expired() << '\n';
  }
  std::cout << Noisy::alive << '\n';
  std::variant<int, double, std::string> value = 5;
  for (int i = 0; i < 3; i++) {
    std::visit([](const auto &v) { std::cout << v << ' '; }, value);
    if (i == 0) value = 2.5;
    else value = "text";
  }
  std::optional<std::string> nothing, something = "here";
  std::cout << nothing.value_or("none") << ' ' << *something << ' ' << std::bitset<70>("101100111").count() << '\n';
}

}  // namespace

int main() {
  sequences();
  associations();
  ownership();
}
