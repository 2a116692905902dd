#include "link/image.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <set>

namespace wasmc::link {
namespace {

/// An image of mostly zeros is not made: a byte of data in each block would make an artifact of gigabytes. Its segments are copied.
constexpr uint64_t kMaxSparseImage = 1 << 20, kMaxSparseness = 16;

/// Where an active segment goes, if that is known now.
std::optional<uint64_t> known_address(const wasm::Module &module, const wasm::DataSegment &segment) {
  if (raw(segment.memory) != 0 || module.imported_memories > 0 || module.memories.empty()) return std::nullopt;
  // A shared memory is not the instance's alone, and one of single bytes may end where no file can be mapped.
  const wasm::MemoryType &memory = module.memories[0];
  if (memory.limits.is_shared || memory.page_size_log2 != 16 || memory.limits.min > abi::kMaxMemory64 / abi::kWasmPageSize) return std::nullopt;
  const std::optional<uint64_t> address = segment.offset->constant();
  const uint64_t size = memory.limits.min * abi::kWasmPageSize;
  if (!address || *address > size || segment.bytes.size() > size - *address) return std::nullopt;
  return address;
}

/// If instantiation fails after element segments were written to somebody else's table, the functions in that table live on
/// and would see an image that has not been copied yet (spec 4.5.4: elements come before data).
bool writes_imported_table(const wasm::Module &module) {
  return std::ranges::any_of(module.elements, [&](const wasm::ElemSegment &segment) {
    return segment.mode == wasm::SegmentMode::Active && raw(segment.table) < module.imported_tables;
  });
}

std::vector<bool> choose_segments(const wasm::Module &module) {
  std::vector<bool> holds(module.data.size());
  if (writes_imported_table(module)) return holds;
  for (size_t i = 0; i < holds.size(); ++i) {
    if (module.data[i].mode != wasm::SegmentMode::Active) continue;
    if (!known_address(module, module.data[i])) break;
    holds[i] = true;
  }
  return holds;
}

/// Calls `action(block, offset in the block, bytes)` for each piece of a segment that lies in one block of kImageAlignment.
template <class Action> void for_each_block(uint64_t address, std::span<const uint8_t> bytes, Action action) {
  while (!bytes.empty()) {
    const uint64_t within = address % abi::kImageAlignment;
    const auto piece = bytes.first(std::min<uint64_t>(bytes.size(), abi::kImageAlignment - within));
    action(address / abi::kImageAlignment, within, piece);
    address += piece.size();
    bytes = bytes.subspan(piece.size());
  }
}

/// Blocks that are not all zero, joined where at most one block of zeros lies between: a mapping costs more than the zeros.
std::vector<abi::ImageRun> plan_runs(const std::set<uint64_t> &blocks) {
  std::vector<abi::ImageRun> runs;
  uint64_t file = 0;
  for (uint64_t block : blocks) {
    const uint64_t address = block * abi::kImageAlignment;
    if (runs.empty() || address > runs.back().address + runs.back().size + abi::kImageAlignment)
      runs.push_back({address, file, 0});
    abi::ImageRun &run = runs.back();
    run.size = address + abi::kImageAlignment - run.address;
    file = run.file + run.size;
  }
  return runs;
}

uint8_t *place(Image &image, uint64_t address) {
  const auto after = std::ranges::upper_bound(image.runs, address, {}, &abi::ImageRun::address);
  assert(after != image.runs.begin());
  const abi::ImageRun &run = *std::prev(after);
  return image.bytes.data() + run.file + (address - run.address);
}

/// Cuts the zeros off the last run's end, but not within a page: a mapping of a file shows whole pages of it.
void trim(Image &image, uint64_t page_size) {
  if (image.runs.empty()) return;
  const auto last = std::find_if(image.bytes.rbegin(), image.bytes.rend(), [](uint8_t byte) { return byte != 0; });
  const uint64_t used = uint64_t(image.bytes.rend() - last);
  image.bytes.resize((used + page_size - 1) / page_size * page_size);
  image.runs.back().size = image.bytes.size() - image.runs.back().file;
}

}  // namespace

Image flatten_data(const wasm::Module &module, abi::Arch arch) {
  Image image;
  image.holds = choose_segments(module);
  const auto for_each_held = [&](auto action) {
    for (size_t i = 0; i < image.holds.size(); ++i)
      if (image.holds[i]) for_each_block(*known_address(module, module.data[i]), module.data[i].bytes, action);
  };
  std::set<uint64_t> blocks;
  for_each_held([&](uint64_t block, uint64_t, std::span<const uint8_t> bytes) {
    if (std::ranges::any_of(bytes, [](uint8_t byte) { return byte != 0; })) blocks.insert(block);
  });
  image.runs = plan_runs(blocks);
  if (image.runs.empty()) return image;
  uint64_t held = 0;
  for_each_held([&](uint64_t, uint64_t, std::span<const uint8_t> bytes) { held += bytes.size(); });
  if (image.runs.back().file + image.runs.back().size > kMaxSparseImage + kMaxSparseness * held) return {.holds = std::vector<bool>(module.data.size())};
  image.bytes.resize(image.runs.back().file + image.runs.back().size);
  for_each_held([&](uint64_t block, uint64_t within, std::span<const uint8_t> bytes) {
    if (blocks.contains(block)) std::memcpy(place(image, block * abi::kImageAlignment) + within, bytes.data(), bytes.size());
  });
  trim(image, arch == abi::Arch::X86_64 ? 4096 : 65536);
  return image;
}

}  // namespace wasmc::link
