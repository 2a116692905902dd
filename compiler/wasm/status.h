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
  Status(std::unexpected<Error> error) : error_(keep(std::move(error))) {}
  Status(Status &&other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  Status &operator=(Status &&) = delete;
  [[gnu::always_inline]] ~Status() {
    if (error_) [[unlikely]] drop(error_);
  }

  explicit operator bool() const { return !error_; }
  void operator*() const {}
  Error &&error() && { return std::move(*error_); }

 private:
  // Static, because a Status whose address nobody asks for stays in its register.
  [[gnu::cold]] static Error *keep(std::unexpected<Error> error);
  [[gnu::cold]] static void drop(Error *error);

  Error *error_ = nullptr;  ///< owned
};

}  // namespace wasmc::wasm

/// Returns from a function that returns a Status too if `expression` failed. Shorter code than TRY, which moves the Error.
#define CHECK(expression) \
  if (auto check_status = (expression); !check_status) [[unlikely]] return check_status
