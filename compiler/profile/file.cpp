#include "profile/file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace wasmc::profile {
namespace {

using Bytes = std::vector<uint8_t>;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t code[4];  ///< two numbers of 64 bits, without padding before them
};
static_assert(sizeof(Header) == 28);

constexpr size_t kChecksumSize = sizeof(uint64_t);

Header header_of(const Layout &layout) {
  Header header{};
  std::ranges::copy(kMagic, header.magic);
  header.version = kVersion;
  std::memcpy(header.code, &layout.code, sizeof header.code);
  return header;
}

template <class T> void append(Bytes &bytes, const T &value) {
  const auto *first = reinterpret_cast<const uint8_t *>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

void append_leb(Bytes &bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(uint8_t(value | 0x80));
  bytes.push_back(uint8_t(value));
}

/// Reads numbers until something is wrong; from then on all are 0.
class Numbers {
 public:
  explicit Numbers(std::span<const uint8_t> bytes) : rest_(bytes) {}
  uint64_t next() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const uint8_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    is_bad_ = true;
    rest_ = {};
    return 0;
  }
  bool is_bad() const { return is_bad_; }
  bool is_done() const { return rest_.empty(); }

 private:
  std::span<const uint8_t> rest_;
  bool is_bad_ = false;
};

/// False if the runs are not exactly as long as the counters.
bool read_runs(std::span<const uint8_t> bytes, std::span<uint64_t> counters) {
  Numbers numbers(bytes);
  while (!counters.empty()) {
    const uint64_t zeros = numbers.next(), others = numbers.next();
    if (numbers.is_bad() || zeros + others == 0 || zeros > counters.size() || others > counters.size() - zeros) return false;
    for (uint64_t &counter : counters.subspan(zeros, others)) counter = numbers.next();
    counters = counters.subspan(zeros + others);
  }
  return numbers.is_done() && !numbers.is_bad();
}

}  // namespace

std::vector<uint8_t> encode(const Layout &layout, std::span<const uint64_t> counters) {
  Bytes bytes;
  append(bytes, header_of(layout));
  for (size_t i = 0; i < counters.size();) {
    const auto rest = counters.subspan(i);
    const auto first = std::ranges::find_if(rest, [](uint64_t counter) { return counter != 0; });
    const auto last = std::find(first, rest.end(), uint64_t{0});
    append_leb(bytes, uint64_t(first - rest.begin()));
    append_leb(bytes, uint64_t(last - first));
    for (auto it = first; it != last; ++it) append_leb(bytes, *it);
    i += size_t(last - rest.begin());
  }
  append(bytes, uint64_t{XXH3_64bits(bytes.data(), bytes.size())});
  return bytes;
}

Result<std::vector<uint64_t>> decode(std::span<const uint8_t> bytes, const Layout &layout) {
  const Header expected = header_of(layout);
  if (bytes.size() < sizeof kMagic || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    return fail("is no profile of `wasmc run --profile-out`");
  if (bytes.size() < sizeof(Header) + kChecksumSize) return fail("is damaged: it is too short");
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version != kVersion)
    return fail("has version " + std::to_string(header.version) + ", this wasmc reads version " + std::to_string(kVersion));
  const auto content = bytes.first(bytes.size() - kChecksumSize);
  uint64_t checksum;
  std::memcpy(&checksum, content.data() + content.size(), sizeof checksum);
  if (checksum != XXH3_64bits(content.data(), content.size())) return fail("is damaged: its checksum is wrong");
  if (std::memcmp(&header, &expected, sizeof header) != 0) return fail("is of another module");
  std::vector<uint64_t> counters(layout.count());
  if (!read_runs(content.subspan(sizeof(Header)), counters)) return fail("is damaged: it has not the counters of the module");
  return counters;
}

}  // namespace wasmc::profile
