// What commands of scripts come to.
#pragma once
#include <cstdint>
#include <expected>
#include <string>

namespace wasmc::wast {

/// Why a command did not pass.
struct Problem {
  enum class Kind : uint8_t {
    Failed,   ///< wasmc is wrong, or the script
    Skipped,  ///< it cannot be judged yet; `why` is the reason to count it under
  };
  Kind kind;
  std::string why;
  std::string shown{};  ///< what people are shown instead: the place before `why`, and in lines below it the text there
};
template <class T = void> using Or = std::expected<T, Problem>;

inline std::unexpected<Problem> failed(std::string why) { return std::unexpected(Problem{.kind = Problem::Kind::Failed, .why = std::move(why)}); }
inline std::unexpected<Problem> skipped(std::string why) { return std::unexpected(Problem{.kind = Problem::Kind::Skipped, .why = std::move(why)}); }

}  // namespace wasmc::wast
