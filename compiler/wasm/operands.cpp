#include "wasm/operands.h"

#include <algorithm>

namespace wasmc::wasm {

void Operands::grow(size_t count) {
  const size_t floor = size_t(floor_ - room_.data()), height = size();
  room_.resize(std::max(2 * room_.size(), height + std::max<size_t>(count, 64)));
  floor_ = room_.data() + floor;
  top_ = room_.data() + height;
  end_ = room_.data() + room_.size();
}

}  // namespace wasmc::wasm
