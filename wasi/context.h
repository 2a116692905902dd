// The state of one guest, used by all its threads: only the descriptors change once it is made.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/descriptors.h"
#include "wasi/paths.h"
#include "wasi/wasi.h"

namespace wasmc::wasi {

/// Strings as args_get and environ_get hand them out: one block of NUL-terminated text, and where each begins.
class StringBlock {
 public:
  void add(std::string_view text) {
    starts_.push_back(static_cast<uint32_t>(text_.size()));
    text_ += text;
    text_ += '\0';
  }
  uint32_t count() const { return static_cast<uint32_t>(starts_.size()); }
  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }
  uint32_t start(uint32_t index) const { return starts_[index]; }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
  std::vector<uint32_t> starts_;
};

class Context {
 public:
  explicit Context(uint32_t max_descriptors) : descriptors(max_descriptors) {}

  StringBlock args, env;
  DescriptorTable descriptors;
  std::unique_ptr<PathResolver> resolver = make_resolver();
  std::vector<FileId> immutable_files;
};

}  // namespace wasmc::wasi
