// `wasmc run`, as the whole wasmc has it.
#include "command_line.h"
#include "commands.h"
#include "jit.h"
#include "report.h"
#include "run.h"
#include "tiers.h"

namespace wasmc::cli {
namespace {

constexpr char kUsage[] = "[OPTIONS] FILE [ARGUMENTS…]";
constexpr char kExamples[] =
    "FILE is told by its contents: an artifact of `wasmc compile` runs at once, a module is compiled first. Its code is cached: the next\n"
    "run of the same module with the same options compiles nothing (`wasmc cache --help` tells more). A larger module begins in -O0 code\n"
    "and changes over as soon as a process beside it has compiled what -O says. What follows FILE goes to the guest, options too. The\n"
    "guest sees no file, directory or environment variable that is not granted.\n\n"
    "Exit codes: the guest's own; 134 after a trap; 1 for an error of wasmc.\n\n"
    "Examples:\n"
    "  wasmc run hello.aot\n"
    "  wasmc run --dir=. sort.aot quick in.bin out.bin    grants the current directory\n"
    "  wasmc run --dir=/srv/data::/data --env=LANG=C app.wasm --verbose\n"
    "  wasmc run --invoke add library.wasm 2 40\n\n"
    "An artifact is native code: run it only if you would run an executable from the same source.\n";

/// CLI11 leaves FILE and what follows untouched; an unknown option of ours before FILE is there too.
Result<> take_file_and_arguments(std::vector<std::string> rest, RunOptions &options) {
  size_t next = 0;
  if (!rest.empty() && rest[0] == "--") next = 1;
  else if (!rest.empty() && rest[0].starts_with('-') && rest[0].size() > 1) return fail("run: unknown option " + rest[0] + "; see wasmc run --help");
  if (next == rest.size()) return fail("run: FILE is required; see wasmc run --help");
  set_program(options, {rest.begin() + ptrdiff_t(next), rest.end()});
  return {};
}

/// One compile function serves all modules of a run, and a profile is of one; there are none of code that is native already.
void exclude_profiles(CLI::App &app) {
  for (const char *profile : {"--profile-out", "--profile-use"})
    for (const char *other : {"--preload", "--allow-precompiled"}) app.get_option(profile)->excludes(app.get_option(other));
  app.get_option("--profile-out")->excludes(app.get_option("--profile-use"));
}

}  // namespace

int run_command(int argc, char **argv) {
  RunOptions options;
  CLI::App app("Runs a module in the sandbox.");
  set_up(app, "run", kUsage, kExamples);
  add_options(app, run_option_list(options));
  exclude_profiles(app);
  app.prefix_command();  // everything from the first positional on is FILE and the guest's
  if (const auto finished = parse(app, argc, argv)) return *finished;
  if (const auto rest = take_file_and_arguments(app.remaining(), options); !rest) return report(rest.error());
  if (options.tier_up == "always" && options.load.no_cache) return report("run: --no-cache compiles all before it runs; leave out --tier-up=always");
  Engine engine(engine_config(options, jit(options.load.code, options.file)));
  Tiers tiers(engine, options.tier_up);
  options.load.compile = [&tiers](Engine &, auto &&...arguments) { return tiers.compile(arguments...); };
  options.before_guest = [&tiers] { tiers.watch(); };
  return report(run(engine, options).error());
}

}  // namespace wasmc::cli
