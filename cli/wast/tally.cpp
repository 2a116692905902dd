// Printing, for people and as JSON.
#include "tally.h"

#include <algorithm>
#include <fstream>
#include <numeric>

#include "report.h"

namespace wasmc::wast {
namespace {

uint32_t skipped_in(const FileTally &file) {
  return std::accumulate(file.skipped.begin(), file.skipped.end(), 0u, [](uint32_t sum, const auto &entry) { return sum + entry.second; });
}

struct Totals {
  uint64_t passed = 0, failed = 0, skipped = 0, wording = 0, clean = 0;
  std::map<std::string, uint64_t> reasons;
};

Totals add_up(const std::vector<FileTally> &files) {
  Totals out;
  for (const FileTally &file : files) {
    out.passed += file.passed;
    out.failed += file.failures.size();
    out.skipped += skipped_in(file);
    out.wording += file.wording.size();
    out.clean += file.is_clean();
    for (const auto &[reason, count] : file.skipped) out.reasons[reason] += count;
  }
  return out;
}

std::string counts(uint64_t passed, uint64_t failed, uint64_t skipped, uint64_t wording) {
  std::string out = std::to_string(passed) + " passed, " + std::to_string(failed) + " failed, " + std::to_string(skipped) + " skipped";
  return wording ? out + ", " + std::to_string(wording) + " refused in other words" : out;
}

std::string file_line(const FileTally &file) {
  std::string out = cli::printable(file.file) + ": " + counts(file.passed, file.failures.size(), skipped_in(file), file.wording.size());
  const char *separator = " (";
  for (const auto &[reason, count] : file.skipped) {
    out += separator + reason + ": " + std::to_string(count);
    separator = ", ";
  }
  return out + (file.skipped.empty() ? "\n" : ")\n");
}

std::string remark_lines(const char *kind, const FileTally &file, const std::vector<Remark> &remarks) {
  std::string out;
  for (const Remark &remark : remarks)
    out += cli::printable(file.file) + ':' + std::to_string(remark.line) + ": " + kind + ": " + cli::printable_lines(remark.text);
  return out;
}

std::string json_remarks(const std::vector<Remark> &remarks) {
  std::string out = "[";
  for (const Remark &remark : remarks)
    out += (out.size() > 1 ? "," : "") + std::string("{\"line\":") + std::to_string(remark.line) + ",\"text\":" + cli::json_string(remark.text) + "}";
  return out + "]";
}

std::string json_file(const FileTally &file) {
  std::string reasons;
  for (const auto &[reason, count] : file.skipped) reasons += (reasons.empty() ? "" : ",") + cli::json_string(reason) + ":" + std::to_string(count);
  return "{\"file\":" + cli::json_string(file.file) + ",\"passed\":" + std::to_string(file.passed) + ",\"failed\":" + std::to_string(file.failures.size()) +
         ",\"skipped\":{" + reasons + "},\"failures\":" + json_remarks(file.failures) + ",\"wording\":" + json_remarks(file.wording) + "}";
}

}  // namespace

Result<KnownFailures> KnownFailures::read(const std::string &path) {
  KnownFailures out;
  out.path_ = path;
  std::ifstream in(path);
  if (!in) return std::unexpected(cli::system_error("cannot open", errno).in_file(path));
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const size_t colon = line.find(": ");
    if (colon == line.npos) return std::unexpected(Error("no line `FILE: reason` or `FILE:LINE: reason`: " + line).in_file(path));
    out.places_.insert(line.substr(0, colon));
  }
  return out;
}

std::vector<std::string> KnownFailures::contradictions(const std::vector<FileTally> &files, bool is_complete) const {
  std::vector<std::string> out;
  std::set<std::string> unseen = places_;
  const auto expect = [&](const std::string &place, bool passes, const char *what) {
    const bool is_listed = unseen.erase(place) || places_.contains(place);
    if (is_listed && passes) out.push_back(place + ": passes, but is listed in " + path_);
    if (!is_listed && !passes) out.push_back(place + ": " + what + ", and is not listed in " + path_);
  };
  for (const FileTally &file : files) {
    expect(file.file, file.skipped.empty(), "does not pass as a whole");
    for (const Remark &failure : file.failures) expect(file.file + ':' + std::to_string(failure.line), false, "fails");
    // Whatever is left of the file are lines that did not fail.
    const std::string line_of_file = file.file + ':';
    for (auto at = unseen.lower_bound(line_of_file); at != unseen.end() && at->starts_with(line_of_file); at = unseen.erase(at))
      out.push_back(*at + ": passes, but is listed in " + path_);
  }
  if (!is_complete) return out;
  for (const std::string &place : unseen) out.push_back(place + ": is listed in " + path_ + ", but there is no such file");
  return out;
}

std::string Report::text(bool quiet) const {
  std::string out;
  for (const FileTally &file : files)
    if (!quiet) out += file_line(file);
  for (const FileTally &file : files) out += remark_lines("failed", file, file.failures);
  for (const FileTally &file : files) out += remark_lines("wording", file, file.wording);
  const Totals totals = add_up(files);
  for (const auto &[reason, count] : totals.reasons) out += "skipped " + std::to_string(count) + ": " + reason + '\n';
  for (const std::string &line : contradictions) out += "known failures: " + cli::printable(line) + '\n';
  return out + mode + ": " + counts(totals.passed, totals.failed, totals.skipped, totals.wording) + "; " + std::to_string(totals.clean) + " of " +
         std::to_string(files.size()) + " files pass as a whole\n";
}

std::string Report::json() const {
  const Totals totals = add_up(files);
  std::string out = "{\"mode\":" + cli::json_string(mode) + ",\"passed\":" + std::to_string(totals.passed) + ",\"failed\":" + std::to_string(totals.failed) +
                    ",\"skipped\":" + std::to_string(totals.skipped) + ",\"wording\":" + std::to_string(totals.wording) + ",\"contradictions\":[";
  for (size_t i = 0; i < contradictions.size(); i++) out += (i ? "," : "") + cli::json_string(contradictions[i]);
  out += "],\"files\":[";
  for (size_t i = 0; i < files.size(); i++) out += (i ? ",\n" : "\n") + json_file(files[i]);
  return out + "\n]}\n";
}

}  // namespace wasmc::wast
