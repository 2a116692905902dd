// The tally of a run, by file, and how it is printed.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace wasmc::spec {

struct Remark {
  uint32_t line;
  std::string text;
};

/// What became of the commands of one script.
struct FileTally {
  std::string file;
  uint32_t passed = 0;
  std::vector<Remark> failures;
  std::vector<Remark> wording;               ///< right errors in other words than the script's
  std::map<std::string, uint32_t> skipped;   ///< by reason

  /// Nothing was skipped for want of a proposal.
  bool in_scope() const;
};

struct Report {
  std::string mode;
  std::vector<FileTally> files;

  bool failed() const;
  /// A line per file that is not simply all passed, then failures, skip reasons and totals.
  void print(bool every_file, bool wording) const;
  std::string json() const;
};

}  // namespace wasmc::spec
