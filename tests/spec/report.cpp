// Printing, for people and as JSON.
#include "report.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace wasmc::spec {
namespace {

uint32_t skipped_in(const FileTally &file) {
  return std::accumulate(file.skipped.begin(), file.skipped.end(), 0u, [](uint32_t sum, const auto &entry) { return sum + entry.second; });
}

struct Totals {
  uint64_t passed = 0, failed = 0, skipped = 0, wording = 0, in_scope = 0, clean_in_scope = 0;
  std::map<std::string, uint64_t> reasons;
};

Totals add_up(const std::vector<FileTally> &files) {
  Totals out;
  for (const FileTally &file : files) {
    out.passed += file.passed;
    out.failed += file.failures.size();
    out.skipped += skipped_in(file);
    out.wording += file.wording.size();
    out.in_scope += file.in_scope();
    out.clean_in_scope += file.in_scope() && file.failures.empty();
    for (const auto &[reason, count] : file.skipped) out.reasons[reason] += count;
  }
  return out;
}

void print_file(const FileTally &file) {
  std::printf("%-44s %6u passed %4zu failed %5u skipped", file.file.c_str(), file.passed, file.failures.size(), skipped_in(file));
  const char *separator = "  (";
  for (const auto &[reason, count] : file.skipped) {
    std::printf("%s%s: %u", separator, reason.c_str(), count);
    separator = ", ";
  }
  std::puts(file.skipped.empty() ? "" : ")");
}

void print_remarks(const char *kind, const FileTally &file, const std::vector<Remark> &remarks) {
  for (const Remark &remark : remarks) std::printf("%s:%u: %s: %s\n", file.file.c_str(), remark.line, kind, remark.text.c_str());
}

std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (uint8_t(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", uint8_t(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_remarks(const std::vector<Remark> &remarks) {
  std::string out = "[";
  for (const Remark &remark : remarks)
    out += (out.size() > 1 ? "," : "") + std::string("{\"line\":") + std::to_string(remark.line) + ",\"text\":" + quoted(remark.text) + "}";
  return out + "]";
}

std::string json_file(const FileTally &file) {
  std::string reasons;
  for (const auto &[reason, count] : file.skipped) reasons += (reasons.empty() ? "" : ",") + quoted(reason) + ":" + std::to_string(count);
  return "{\"file\":" + quoted(file.file) + ",\"in_scope\":" + (file.in_scope() ? "true" : "false") + ",\"passed\":" + std::to_string(file.passed) +
         ",\"skipped\":{" + reasons + "},\"failures\":" + json_remarks(file.failures) + ",\"wording\":" + json_remarks(file.wording) + "}";
}

}  // namespace

bool FileTally::in_scope() const {
  return std::ranges::none_of(skipped, [](const auto &entry) { return entry.first != "text format"; });
}

bool Report::failed() const {
  return std::ranges::any_of(files, [](const FileTally &file) { return !file.failures.empty(); });
}

void Report::print(bool every_file, bool wording) const {
  for (const FileTally &file : files)
    if (every_file || !file.failures.empty()) print_file(file);
  for (const FileTally &file : files) print_remarks("failed", file, file.failures);
  if (wording)
    for (const FileTally &file : files) print_remarks("wording", file, file.wording);
  const Totals totals = add_up(files);
  for (const auto &[reason, count] : totals.reasons) std::printf("skipped %6llu: %s\n", (unsigned long long)count, reason.c_str());
  std::printf("%s: %llu passed, %llu failed, %llu skipped; %llu errors worded differently; %llu of %llu files in scope without failure, %zu files in all\n",
              mode.c_str(), (unsigned long long)totals.passed, (unsigned long long)totals.failed, (unsigned long long)totals.skipped,
              (unsigned long long)totals.wording, (unsigned long long)totals.clean_in_scope, (unsigned long long)totals.in_scope, files.size());
}

std::string Report::json() const {
  std::string out = "{\"mode\":" + quoted(mode) + ",\"files\":[";
  for (size_t i = 0; i < files.size(); i++) out += (i ? ",\n" : "\n") + json_file(files[i]);
  return out + "\n]}\n";
}

}  // namespace wasmc::spec
