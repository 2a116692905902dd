// The types of a function's operands (spec 7.3.1: the value stack), of which the innermost open block sees those above its floor.
// Pointers instead of a vector's push_back: whatever an instruction does here is a few machine instructions, and growing is elsewhere.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "wasm/types.h"

namespace wasmc::wasm {

class Operands {
 public:
  Operands() { grow(1); }
  Operands(const Operands &) = delete;
  Operands &operator=(const Operands &) = delete;

  /// Of all blocks.
  size_t size() const { return size_t(top_ - room_.data()); }
  /// Of the innermost block.
  size_t available() const { return size_t(top_ - floor_); }
  /// Where the innermost block's operands begin; at most `size`.
  void set_floor(size_t height) { floor_ = room_.data() + height; }
  void clear() { floor_ = top_ = room_.data(); }

  /// The highest `count`, which must be available; the last is the top.
  [[gnu::always_inline]] ValType *top(size_t count) { return top_ - count; }
  [[gnu::always_inline]] void push(ValType type) {
    if (top_ == end_) [[unlikely]] grow(1);
    *top_++ = type;
  }
  void push(std::span<const ValType> types) {
    if (types.size() > size_t(end_ - top_)) [[unlikely]] grow(types.size());
    for (ValType type : types) *top_++ = type;
  }
  /// As many as are available at most.
  [[gnu::always_inline]] void pop(size_t count) { top_ -= count; }
  void pop_all() { top_ = floor_; }

 private:
  /// Makes room for so many more.
  [[gnu::cold, gnu::noinline]] void grow(size_t count);

  std::vector<ValType> room_;
  ValType *floor_ = room_.data(), *top_ = room_.data(), *end_ = room_.data();
};

}  // namespace wasmc::wasm
