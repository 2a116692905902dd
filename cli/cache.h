// A user's directory of compiled code. Nothing here knows WebAssembly: an entry is a file that is found by its name.
//
// What is found will be executed, so nobody else may have a hand in it: the directory is the user's and closed to others, and a file counts
// only if it is the user's and has the one set of permissions that entries get. These are an executable's, which no guest can give a file.
#pragma once
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "abi/result.h"
#include "file.h"

namespace wasmc::cli {

/// WASMC_CACHE_DIR, else `wasmc` in XDG_CACHE_HOME, else `.cache/wasmc` in HOME. Errors: none of them says, or the process has rights that
/// who set them has not.
Result<std::string> cache_directory();
/// Bytes, of WASMC_CACHE_SIZE, else 2 GiB. 0: no cache. Errors: not a number of bytes.
Result<uint64_t> cache_limit();

struct CacheEntry {
  std::string name;
  uint64_t size;
  timespec used;  ///< last, to a minute
};

struct Removed {
  size_t count = 0;
  uint64_t bytes = 0;
};

class Cache {
 public:
  /// A directory that does not exist is an empty cache. Errors (with the path): it cannot be used, or not safely.
  static Result<Cache> open(std::string path, uint64_t limit);

  /// None if there is no entry of that name. It counts as used now.
  Fd find(const std::string &name) const;
  /// Copies a file, all of it, to an entry; `label` is for people. Makes the directory, and room by removing entries not used for longest.
  /// A reader sees an entry whole or not at all; of several that store it, the first stays: they are equal. Errors: no room, no right to write.
  /// `wait_for_disk`: what it has a name for is whole even after a power failure.
  Result<> store(const std::string &name, int content, const std::string &label, bool wait_for_disk);
  bool remove(const std::string &name) const;

  /// Those used last come first. Other files in the directory are none of ours.
  std::vector<CacheEntry> entries() const;
  /// What it was stored with; empty where the file system has no attributes.
  std::string label(const CacheEntry &entry) const;
  /// Removes entries, those used longest ago first, until the others have no more than `limit` bytes; and what broken processes left.
  Result<Removed> prune(uint64_t limit) const;
  /// Removes all of them.
  Result<Removed> clear() const;

 private:
  Cache(std::string path, uint64_t limit) : path_(std::move(path)), limit_(limit) {}
  Result<> open_directory() const;
  std::vector<std::string> files() const;
  bool give_name(const std::string &temporary, const std::string &name) const;
  bool should_prune(uint64_t size, uint64_t chance) const;
  void remove_temporaries(time_t youngest) const;
  Result<> remove_entry(const CacheEntry &entry, Removed &removed) const;

  std::string path_;
  uint64_t limit_;
  mutable Fd directory_;  ///< none: it did not exist when it was last asked for
};

}  // namespace wasmc::cli
