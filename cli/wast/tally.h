// What became of the commands of scripts, by file, and how it is printed.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "abi/result.h"

namespace wasmc::wast {

struct Remark {
  uint32_t line;
  std::string text;  ///< more lines than one where a part of the script is shown
};

struct FileTally {
  std::string file;
  uint32_t passed = 0;
  std::vector<Remark> failures;
  std::vector<Remark> wording;              ///< modules that are rightly refused, in other words than the script's
  std::map<std::string, uint32_t> skipped;  ///< by reason

  bool is_clean() const { return failures.empty() && skipped.empty(); }
};

/// What is known not to pass, and why: `FILE: reason` for a script of which commands are skipped, `FILE:LINE: reason` for a command that
/// fails; `#` begins a comment.
class KnownFailures {
 public:
  static Result<KnownFailures> read(const std::string &path);
  /// What contradicts the list, a line each: what is listed and passes, or is not listed and does not pass; if `is_complete`, what is listed
  /// and was not run.
  std::vector<std::string> contradictions(const std::vector<FileTally> &files, bool is_complete) const;

 private:
  std::string path_;
  std::set<std::string> places_;  ///< `FILE` or `FILE:LINE`
};

struct Report {
  std::string mode;
  std::vector<FileTally> files;
  std::vector<std::string> contradictions;  ///< to the list of known failures

  /// A line per file, unless `quiet`; failures, other words, reasons to skip, and totals.
  std::string text(bool quiet) const;
  std::string json() const;
};

}  // namespace wasmc::wast
