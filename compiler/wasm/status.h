// Success or an Error in one register. A Result<> is more than a hundred bytes and is returned through memory, which halves the
// speed of validation; what runs per instruction returns a Status instead. TRY takes both.
#pragma once
#include <memory>
#include <utility>

#include "abi/result.h"

namespace wasmc::wasm {

class [[nodiscard]] [[clang::trivial_abi]] Status {
 public:
  Status() = default;
  [[gnu::cold]] Status(std::unexpected<Error> error);
  Status(Status &&other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  Status &operator=(Status &&) = delete;
  [[gnu::always_inline]] ~Status() {
    if (error_) [[unlikely]] drop();
  }

  explicit operator bool() const { return !error_; }
  void operator*() const {}
  Error &&error() && { return std::move(*error_); }

 private:
  [[gnu::cold]] void drop();

  Error *error_ = nullptr;  ///< owned
};

}  // namespace wasmc::wasm

/// Returns from a function that returns a Status too if `expression` failed. Shorter code than TRY, which moves the Error.
#define CHECK(expression) \
  if (auto check_status = (expression); !check_status) [[unlikely]] return check_status
