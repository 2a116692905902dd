// BLAKE3, as LLVM has it: nobody can make two inputs with the same digest. (XXH3, which artifacts carry, finds accidents only.)
// LLVM's headers stay behind this one, and of its archives only the hash itself is linked in.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wasmc::cli {

class Digest {
 public:
  Digest();
  ~Digest();
  /// Each part counts with its length: ("ab", "c") differs from ("a", "bc").
  void add(std::span<const uint8_t> part);
  void add(std::string_view part);
  void add(uint64_t part);
  /// 64 hexadecimal digits of what was added.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasmc::cli
