// An artifact, mapped. Checks everything that abi/artifact.h promises before anything of it is used.
#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "abi/artifact.h"
#include "abi/result.h"
#include "platform/memory.h"

namespace wasmc::load {

class Artifact {
 public:
  /// `fd` stays open as long as the artifact: memory images are mapped from it.
  static Result<std::unique_ptr<Artifact>> load(int fd, uint64_t offset, uint64_t size, const std::string &name);
  ~Artifact();

  const abi::ModuleHeader &header() const { return *header_; }
  template <class T> std::span<const T> list(abi::Range range) const {
    return {reinterpret_cast<const T *>(module_.data() + range.offset), range.count};
  }
  std::string_view string(abi::StringRef ref) const {
    return {reinterpret_cast<const char *>(module_.data()) + header_->strings.offset + ref.offset, ref.size};
  }
  std::span<const abi::ValueType> types_of(const abi::TypeEntry &type) const {
    return {reinterpret_cast<const abi::ValueType *>(module_.data() + type.types), size_t(type.params) + type.results};
  }
  const void *code(uint32_t entry) const { return code_base_ + code_table_[entry]; }
  /// Makes the process's unwinder know the code's frames, once. Not done at load: only a trap needs it.
  void register_frames() const;
  uintptr_t text_begin() const { return text_begin_; }
  bool in_text(uintptr_t pc) const { return pc - text_begin_ < text_size_; }
  std::string_view function_name(uint32_t function) const;
  std::span<const uint8_t> data() const { return data_; }
  std::span<const uint8_t> wasm() const { return wasm_; }
  std::span<const uint8_t> traps() const { return traps_; }
  /// Where the memory image begins in the file.
  int fd() const { return fd_; }
  uint64_t image_file_offset() const { return image_offset_; }
  std::span<const uint8_t> image() const { return image_bytes_; }
  bool image_holds(const abi::ImageRun &run) const { return run.file <= image_bytes_.size() && run.size <= image_bytes_.size() - run.file; }

 private:
  Artifact() = default;
  Result<> map_file(int fd, uint64_t offset, uint64_t size);
  Result<> read_sections();
  Result<> check_header();
  Result<> check_ranges();
  Result<> map_segments();

  int fd_ = -1;
  uint64_t file_offset_ = 0;
  platform::Reservation file_map_, image_;
  std::span<const uint8_t> file_, module_, names_, data_, wasm_, traps_, image_bytes_;
  const abi::ModuleHeader *header_ = nullptr;
  const uint8_t *code_base_ = nullptr;
  const int32_t *code_table_ = nullptr;
  uint64_t code_vaddr_ = 0, code_size_ = 0, image_offset_ = 0;
  uintptr_t text_begin_ = 0, text_size_ = 0;
  uint64_t frames_vaddr_ = 0, frames_size_ = 0;  ///< .eh_frame
  mutable std::once_flag frames_once_;
  mutable void *registered_frames_ = nullptr;
};

}  // namespace wasmc::load
