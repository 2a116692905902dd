// `wasmc cache`: what `wasmc run` keeps of what it compiled.
#include <ctime>

#include "byte_count.h"
#include "cache.h"
#include "command_line.h"
#include "commands.h"
#include "report.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[list|dir|prune [BYTES]|clear]";
constexpr char kExamples[] =
    "`wasmc run` keeps the code of modules that it compiles and finds it again by what is in the module, the options, wasmc's own\n"
    "version and the CPU. What was not used for longest goes when there is no room. Nobody but its owner is to write in the directory:\n"
    "what lies there is run.\n\n"
    "Environment:\n"
    "  WASMC_CACHE_DIR     the directory; without it, wasmc in XDG_CACHE_HOME or .cache/wasmc in HOME\n"
    "  WASMC_CACHE_SIZE    bytes, perhaps with K, M or G, that it may hold (2G); 0: no cache\n\n"
    "Examples:\n"
    "  wasmc cache                    what is in it\n"
    "  wasmc cache dir                where it is\n"
    "  wasmc cache prune 100M         make it smaller, by what was not used for longest\n"
    "  wasmc cache clear\n";

struct CacheOptions {
  std::string action = "list";
  std::optional<uint64_t> bytes;
};

std::string date_text(time_t when) {
  char text[32];
  struct tm local;
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", localtime_r(&when, &local))};
}

std::string count_text(size_t count) { return std::to_string(count) + (count == 1 ? " module, " : " modules, "); }

int list(const Cache &cache, uint64_t limit) {
  std::string text;
  uint64_t total = 0;
  const std::vector<CacheEntry> entries = cache.entries();
  for (const CacheEntry &entry : entries) {
    const std::string size = byte_count_text(entry.size);
    text += std::string(size.size() < 9 ? 9 - size.size() : 0, ' ') + size + "  " + date_text(entry.used.tv_sec) + "  " + entry.name.substr(0, 12) + "  " +
            printable(cache.label(entry)) + '\n';
    total += entry.size;
  }
  return print_out(text + count_text(entries.size()) + byte_count_text(total) + " of at most " + byte_count_text(limit) + '\n');
}

int tell(const Result<Removed> &removed) {
  if (!removed) return report(removed.error());
  return print_out("removed " + count_text(removed->count) + byte_count_text(removed->bytes) + '\n');
}

Result<int> act(const CacheOptions &options) {
  if (options.bytes && options.action != "prune") return fail("cache: only prune takes BYTES");
  const std::string directory = TRY(cache_directory());
  if (options.action == "dir") return print_out(directory + '\n');
  const uint64_t limit = TRY(cache_limit());
  const Cache cache = TRY(Cache::open(directory, limit));
  if (options.action == "prune") return tell(cache.prune(options.bytes.value_or(limit)));
  return options.action == "clear" ? tell(cache.clear()) : list(cache, limit);
}

}  // namespace

int cache_command(int argc, char **argv) {
  CacheOptions options;
  CLI::App app("Shows or empties the cache of compiled modules.");
  set_up(app, "cache", kUsage, kExamples);
  app.add_option("ACTION", options.action, "list (without any), dir, prune or clear")->check(one_of({"list", "dir", "prune", "clear"}));
  app.add_option("BYTES", options.bytes, "what prune leaves (the cache's limit)")->transform(byte_count());
  if (const auto finished = parse(app, argc, argv)) return *finished;
  const auto code = act(options);
  return code ? *code : report(code.error());
}

}  // namespace wasmc::cli
