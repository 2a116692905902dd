// A small SQL engine over generated data: a tokenizer, a parser by recursive descent, rows in memory with hash indices, and SELECT with JOIN,
// WHERE, GROUP BY and ORDER BY.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench.h"

namespace {

[[noreturn]] void fail(std::string_view why, std::string_view where) {
  fprintf(stderr, "%.*s: %.*s\n", int(why.size()), why.data(), int(where.size()), where.data());
  exit(1);
}

struct Value {
  bool is_text = false;
  int64_t number = 0;
  std::string text;

  bool operator==(const Value &other) const { return is_text == other.is_text && number == other.number && text == other.text; }
  bool operator<(const Value &other) const {
    if (is_text != other.is_text) return other.is_text;
    return is_text ? text < other.text : number < other.number;
  }
};
Value of(int64_t number) { return {false, number, {}}; }

struct Hash {
  size_t operator()(const Value &value) const {
    uint64_t hash = add_to_checksum(CHECKSUM_START, uint64_t(value.number));
    for (char c : value.text) hash = add_to_checksum(hash, uint8_t(c));
    return size_t(hash ^ hash >> 29);
  }
};

using Row = std::vector<Value>;
using Index = std::unordered_map<Value, std::vector<uint32_t>, Hash>;  // the rows with a value

struct Table {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::map<size_t, Index> indices;  // by column

  void insert(Row row) {
    for (auto &[column, index] : indices) index[row[column]].push_back(uint32_t(rows.size()));
    rows.push_back(std::move(row));
  }
  const Index &index(size_t column) {
    const auto [found, is_new] = indices.try_emplace(column);
    if (is_new)
      for (uint32_t i = 0; i < rows.size(); i++) found->second[rows[i][column]].push_back(i);
    return found->second;
  }
};

enum class Kind { kEnd, kWord, kNumber, kText, kMark };
struct Token {
  Kind kind = Kind::kEnd;
  std::string text;
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view source) : rest_(source) {}
  Token next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
    if (rest_.empty()) return {};
    const char c = rest_[0];
    if (is_letter(c)) return take(Kind::kWord, span(is_letter_or_digit));
    if (is_digit(c)) return take(Kind::kNumber, span(is_digit));
    if (c == '\'') {
      rest_.remove_prefix(1);
      const Token token = take(Kind::kText, std::min(rest_.find('\''), rest_.size()));
      rest_.remove_prefix(1);
      return token;
    }
    return take(Kind::kMark, rest_.size() > 1 && (c == '<' || c == '>') && (rest_[1] == '=' || rest_[1] == '>') ? 2 : 1);
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }
  size_t span(bool (*is_part)(char)) const { return size_t(std::find_if_not(rest_.begin(), rest_.end(), is_part) - rest_.begin()); }
  Token take(Kind kind, size_t size) {
    Token token{kind, std::string(rest_.substr(0, size))};
    rest_.remove_prefix(size);
    return token;
  }
  std::string_view rest_;
};

// What an expression is evaluated for: a row of each table of the query, and once rows are grouped, all of the group's.
struct Scope {
  const Row *rows[2] = {};
  const std::vector<std::pair<const Row *, const Row *>> *group = nullptr;
};

class Expression {
 public:
  virtual ~Expression() = default;
  virtual Value evaluate(const Scope &scope) const = 0;
  virtual bool is_aggregate() const { return false; }
};
using ExpressionPtr = std::unique_ptr<Expression>;

class Literal final : public Expression {
 public:
  explicit Literal(Value value) : value_(std::move(value)) {}
  Value evaluate(const Scope &) const override { return value_; }

 private:
  Value value_;
};

class Column final : public Expression {
 public:
  Column(size_t table, size_t column) : table(table), column(column) {}
  Value evaluate(const Scope &scope) const override { return (*scope.rows[table])[column]; }

  const size_t table, column;
};

class Binary final : public Expression {
 public:
  Binary(std::string operation, ExpressionPtr left, ExpressionPtr right)
      : operation_(std::move(operation)), left_(std::move(left)), right_(std::move(right)) {}
  bool is_aggregate() const override { return left_->is_aggregate() || right_->is_aggregate(); }
  Value evaluate(const Scope &scope) const override {
    const Value left = left_->evaluate(scope);
    if (operation_ == "AND" && !left.number) return of(0);
    if (operation_ == "OR" && left.number) return of(1);
    const Value right = right_->evaluate(scope);
    switch (operation_[0]) {
      case '+': return of(left.number + right.number);
      case '-': return of(left.number - right.number);
      case '*': return of(left.number * right.number);
      case '/': return of(right.number ? left.number / right.number : 0);
      case '%': return of(right.number ? left.number % right.number : 0);
      case '=': return of(left == right);
      case '<': return of(operation_ == "<" ? left < right : operation_ == "<=" ? !(right < left) : !(left == right));
      case '>': return of(operation_ == ">" ? right < left : !(left < right));
      default: return of(right.number != 0);
    }
  }

 private:
  std::string operation_;
  ExpressionPtr left_, right_;
};

class Aggregate final : public Expression {
 public:
  Aggregate(std::string function, ExpressionPtr of) : function_(std::move(function)), of_(std::move(of)) {}
  bool is_aggregate() const override { return true; }
  Value evaluate(const Scope &scope) const override {
    if (function_ == "COUNT") return of(int64_t(scope.group->size()));
    Value out;
    bool is_first = true;
    for (const auto &[left, right] : *scope.group) {
      Value value = of_->evaluate({{left, right}, nullptr});
      if (function_ == "SUM") out.number += value.number;
      else if (is_first || (function_ == "MIN" ? value < out : out < value)) out = std::move(value);
      is_first = false;
    }
    return out;
  }

 private:
  std::string function_;
  ExpressionPtr of_;
};

struct Select {
  std::vector<ExpressionPtr> columns;
  Table *tables[2] = {};
  ExpressionPtr join[2];  // what must be equal, of the first table and of the second
  ExpressionPtr where, group_by;
  size_t order_by = 0;  // a column of the result, from 1
  bool descends = false;
  size_t limit = SIZE_MAX;
};

class Database {
 public:
  std::vector<Row> run(std::string_view statement);
  Table &table(const std::string &name) {
    const auto found = tables_.find(name);
    if (found == tables_.end()) fail("no such table", name);
    return found->second;
  }
  std::map<std::string, Table> tables_;
};

class Parser {
 public:
  Parser(Database &database, std::string_view source) : database_(database), source_(source), tokens_(source), token_(tokens_.next()) {}

  bool takes(std::string_view text) {
    if (token_.text != text || token_.kind == Kind::kText) return false;
    token_ = tokens_.next();
    return true;
  }
  std::string word() { return advance().text; }
  void expect(std::string_view text) {
    if (!takes(text)) fail("expected " + std::string(text), source_);
  }
  Value literal() {
    const bool is_negative = takes("-");
    const Token token = advance();
    if (token.kind == Kind::kText) return {true, 0, token.text};
    return of(strtoll(token.text.c_str(), nullptr, 10) * (is_negative ? -1 : 1));
  }

  Select select() {
    Select out;
    // The columns can be looked up only when it is known of which tables they are.
    const Tokenizer columns = tokens_;
    const Token first = token_;
    while (token_.text != "FROM") advance();
    advance();
    names_[0] = word();
    out.tables[0] = tables_[0] = &database_.table(names_[0]);
    if (takes("JOIN")) {
      names_[1] = word();
      out.tables[1] = tables_[1] = &database_.table(names_[1]);
      expect("ON");
      out.join[0] = sum();
      expect("=");
      out.join[1] = sum();
    }
    if (takes("WHERE")) out.where = expression();
    if (takes("GROUP")) expect("BY"), out.group_by = expression();
    if (takes("ORDER")) expect("BY"), out.order_by = size_t(literal().number), out.descends = takes("DESC");
    if (takes("LIMIT")) out.limit = size_t(literal().number);
    tokens_ = columns;
    token_ = first;
    do out.columns.push_back(expression());
    while (takes(","));
    return out;
  }

 private:
  Token advance() { return std::exchange(token_, tokens_.next()); }

  ExpressionPtr expression() { return chain({"OR"}, [this] { return chain({"AND"}, [this] { return comparison(); }); }); }
  ExpressionPtr comparison() { return chain({"=", "<", "<=", "<>", ">", ">="}, [this] { return sum(); }); }
  ExpressionPtr sum() {
    return chain({"+", "-"}, [this] { return chain({"*", "/", "%"}, [this] { return primary(); }); });
  }
  template <class Part> ExpressionPtr chain(std::initializer_list<const char *> operations, Part part) {
    ExpressionPtr left = part();
    for (;;) {
      const auto is_next = [&](const char *each) { return token_.kind != Kind::kText && token_.text == each; };
      const auto found = std::find_if(operations.begin(), operations.end(), is_next);
      if (found == operations.end()) return left;
      advance();
      left = std::make_unique<Binary>(*found, std::move(left), part());
    }
  }
  ExpressionPtr primary() {
    if (token_.kind != Kind::kWord && token_.text != "(") return std::make_unique<Literal>(literal());
    if (takes("(")) {
      ExpressionPtr inner = expression();
      expect(")");
      return inner;
    }
    std::string name = word();
    if (takes("(")) {
      ExpressionPtr inner = takes("*") ? nullptr : expression();
      expect(")");
      return std::make_unique<Aggregate>(std::move(name), std::move(inner));
    }
    return takes(".") ? column(word(), name) : column(name, "");
  }
  ExpressionPtr column(std::string_view name, std::string_view table) {
    for (size_t i = 0; i < 2 && tables_[i]; i++) {
      const auto &columns = tables_[i]->columns;
      const auto found = std::find(columns.begin(), columns.end(), name);
      if (found != columns.end() && (table.empty() || table == names_[i])) return std::make_unique<Column>(i, size_t(found - columns.begin()));
    }
    fail("no such column", name);
  }

  Database &database_;
  std::string_view source_;
  Tokenizer tokens_;
  Token token_;
  Table *tables_[2] = {};
  std::string names_[2];
};

using Match = std::pair<const Row *, const Row *>;

std::vector<Match> find_matches(const Select &select) {
  std::vector<Match> out;
  const auto add = [&](const Row *left, const Row *right) {
    if (!select.where || select.where->evaluate({{left, right}, nullptr}).number) out.push_back({left, right});
  };
  if (!select.tables[1]) {
    for (const Row &row : select.tables[0]->rows) add(&row, nullptr);
    return out;
  }
  const auto *inner = static_cast<const Column *>(select.join[1].get());
  const Index &index = select.tables[1]->index(inner->column);
  for (const Row &row : select.tables[0]->rows) {
    const auto found = index.find(select.join[0]->evaluate({{&row, nullptr}, nullptr}));
    if (found == index.end()) continue;
    for (uint32_t other : found->second) add(&row, &select.tables[1]->rows[other]);
  }
  return out;
}

Row project(const Select &select, const Scope &scope) {
  Row row;
  for (const ExpressionPtr &column : select.columns) row.push_back(column->evaluate(scope));
  return row;
}

std::vector<Row> project_groups(const Select &select, std::vector<Match> matches) {
  std::unordered_map<Value, size_t, Hash> numbers;
  std::vector<std::vector<Match>> groups;
  for (const Match &match : matches) {
    const Value key = select.group_by ? select.group_by->evaluate({{match.first, match.second}, nullptr}) : Value{};
    const auto [found, is_new] = numbers.try_emplace(key, groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(match);
  }
  std::vector<Row> rows;
  for (const auto &group : groups) rows.push_back(project(select, {{group[0].first, group[0].second}, &group}));
  return rows;
}

std::vector<Row> execute(const Select &select) {
  const std::vector<Match> matches = find_matches(select);
  const auto is_aggregate = [](const ExpressionPtr &column) { return column->is_aggregate(); };
  const bool is_grouped = select.group_by || std::any_of(select.columns.begin(), select.columns.end(), is_aggregate);
  std::vector<Row> rows;
  if (is_grouped) rows = project_groups(select, matches);
  else
    for (const Match &match : matches) rows.push_back(project(select, {{match.first, match.second}, nullptr}));
  if (const size_t column = select.order_by - 1; select.order_by)
    std::sort(rows.begin(), rows.end(), [&](const Row &a, const Row &b) {
      if (a[column] == b[column]) return a < b;
      return select.descends ? b[column] < a[column] : a[column] < b[column];
    });
  if (rows.size() > select.limit) rows.resize(select.limit);
  return rows;
}

std::vector<Row> Database::run(std::string_view statement) {
  Parser parser(*this, statement);
  if (parser.takes("SELECT")) return execute(parser.select());
  if (parser.takes("CREATE")) {
    parser.expect("TABLE");
    Table &table = tables_[parser.word()];
    parser.expect("(");
    do table.columns.push_back(parser.word());
    while (parser.takes(","));
    return {};
  }
  parser.expect("INSERT");
  parser.expect("INTO");
  Table &table = this->table(parser.word());
  parser.expect("VALUES");
  do {
    Row row;
    parser.expect("(");
    do row.push_back(parser.literal());
    while (parser.takes(","));
    parser.expect(")");
    table.insert(std::move(row));
  } while (parser.takes(","));
  return {};
}

void fill(Database &database, uint32_t orders) {
  static const char *const kCities[] = {"Bern", "Lima", "Oslo", "Pune", "Quito", "Riga", "Suva"};
  uint32_t state = 7;
  const auto below = [&](uint32_t end) { return std::to_string((next_random(&state) >> 8) % end); };
  const uint32_t users = orders / 20 + 1;
  database.run("CREATE TABLE users (id, city, age)");
  database.run("CREATE TABLE orders (number, user, item, amount, price)");
  for (uint32_t i = 0; i < users; i++)
    database.run("INSERT INTO users VALUES (" + std::to_string(i) + ", '" + kCities[(next_random(&state) >> 8) % 7] + "', " + below(80) + ")");
  for (uint32_t i = 0; i < orders; i += 2) {
    const auto row = [&](uint32_t number) {
      return "(" + std::to_string(number) + ", " + below(users) + ", 'item " + below(500) + "', " + below(10) + ", " + below(10000) + ")";
    };
    database.run("INSERT INTO orders VALUES " + row(i) + ", " + row(i + 1));
  }
}

constexpr const char *kQueries[] = {
    "SELECT COUNT(*), SUM(amount * price), MIN(price), MAX(price) FROM orders WHERE amount > 2 AND price % 7 <> 3",
    "SELECT city, COUNT(*), SUM(amount * price) FROM orders JOIN users ON user = users.id WHERE age >= 18 GROUP BY city ORDER BY 3 DESC",
    "SELECT item, COUNT(*), MAX(price) FROM orders WHERE price < 5000 OR amount = 9 GROUP BY item ORDER BY 2 DESC LIMIT 20",
    "SELECT number, city, amount * price FROM orders JOIN users ON user = users.id WHERE city = 'Oslo' AND amount > 5 ORDER BY 3 DESC LIMIT 50",
    "SELECT age / 10, MIN(city), COUNT(*) FROM users GROUP BY age / 10 ORDER BY 1",
};

}  // namespace

int main(int argc, char **argv) {
  const uint32_t orders = size_argument(argc, argv, 60000);
  Database database;
  fill(database, orders);
  uint64_t checksum = CHECKSUM_START;
  for (uint32_t round = 0; round < 5; round++) {
    for (const char *query : kQueries)
      for (const Row &row : database.run(query))
        for (const Value &value : row) {
          checksum = add_to_checksum(checksum, uint64_t(value.number));
          for (char c : value.text) checksum = add_to_checksum(checksum, uint8_t(c));
        }
    const std::string number = std::to_string(orders + round);
    database.run("INSERT INTO orders VALUES (" + number + ", " + std::to_string(round) + ", 'item " + number + "', 9, 9999)");
  }
  return report(checksum);
}
