"""Kinds of session that run programs and weigh them: the programs of programs/, their first runs, and the start of hello world."""
import shlex
import sys

import table
from compare import precise, show_against
from measure import HERE, MEASURED, programs
from outcome import Metric, Outcome, columns
from session import check_equal
from sides import Side, check_names
from stats import explain_intervals, geometric_mean, mean_estimate


def time_sides(session, source, places, ways):
    used = dict(zip((way.name for way in ways), session.launcher.alternate([way.command(places) for way in ways], session.options.runs)))
    check_equal(source.stem, used)
    return Outcome(source.stem, {name: columns(runs, MEASURED) for name, runs in used.items()})


def run_in_turns(session, source):
    """Times all sides; beside it, what compiling took."""
    places, compiled = session.build_all(source)
    outcome = time_sides(session, source, places, session.all_sides())
    for name, each in compiled.items():
        outcome.sides[name] |= {"compile_wall": [each.usage.wall], "artifact": [each.artifact.stat().st_size]}
    return outcome


class Programs:
    name = "programs"
    default_runs = 5
    measure = staticmethod(run_in_turns)

    def __init__(self, options):
        self.field = "wall" if options.wall else "cpu"
        self.peers = [peer.name for peer in options.peer]
        self.against = ["against"] if options.against else []

    def sources(self):
        return programs()

    def metrics(self):
        return [Metric(f"{side} / native, {self.field}", side, "native", self.field) for side in ("wasmc", *self.peers)]

    def row(self, outcome):
        native, ours = (outcome.median(side, self.field).middle for side in ("native", "wasmc"))
        peaks = (table.megabytes(max(outcome.values(side, "peak"))) for side in ("native", "wasmc"))
        return [outcome.name, f"{native:.3f}", f"{ours:.3f}", outcome.ratio("wasmc", "native", self.field),
                f"{outcome.best_ratio('wasmc', 'native', self.field):.2f}", *peaks, f"{outcome.values('wasmc', 'compile_wall')[0]:.2f}",
                f"{outcome.values('wasmc', 'artifact')[0] / 1000:.0f}", *(outcome.ratio(peer, "native", self.field) for peer in self.peers)]

    def mean(self, outcomes):
        of = [mean_estimate([each.ratio(side, "native", self.field) for each in outcomes]) for side in ("wasmc", *self.peers)]
        best = geometric_mean([each.best_ratio("wasmc", "native", self.field) for each in outcomes])
        return ["geometric mean", "", "", precise(of[0]), f"{best:.3f}", "", "", "", "", *map(precise, of[1:])]

    def show(self, outcomes):
        runs = outcomes[0].runs()
        print(f"{'CPU' if self.field == 'cpu' else 'wall'} time, medians of {runs} runs in turn; ratios are medians of pairs, and of the shortest\n"
              f"runs; {explain_intervals(runs)}\n")
        header = ["program", "native s", "wasmc s", "ratio", "of best", "native MB", "wasmc MB", "compile s", "artifact kB", *self.peers]
        print(table.text(header, [*map(self.row, outcomes), self.mean(outcomes)]), end="")
        if self.against:
            show_against(outcomes, [self.field])


class Startup:
    name = "startup"
    help = "the start of hello world instead"
    default_runs = 200
    measure = staticmethod(run_in_turns)
    labels = {"native": "native, dynamic", "wasmc": "wasmc run hello.aot", "against": "the other wasmc"}

    def __init__(self, options):
        self.peers = [peer.name for peer in options.peer]

    def sources(self):
        return [HERE / "hello.c"]

    def metrics(self):
        return [Metric(f"{side} / native, wall", side, "native", "wall") for side in ("wasmc", *self.peers)]

    def show(self, outcomes):
        outcome = outcomes[0]
        runs = outcome.runs()
        print(f"hello world, whole process, wall time, medians of {runs} runs in turn; {explain_intervals(runs)}\n")
        rows = [[self.labels.get(side, side), f"{1000 * outcome.median(side, 'wall').middle:.2f}", f"{1000 * min(outcome.values(side, 'wall')):.2f}",
                 outcome.ratio(side, "native", "wall"), table.megabytes(max(outcome.values(side, "peak")))] for side in outcome.sides]
        print(table.text(["command", "median ms", "best ms", "ratio", "peak MB"], rows), end="")
        if "against" in outcome.sides:
            show_against(outcomes, ["wall"])


class Cold:
    name = "cold"
    help = "first runs of modules instead, of which no code is kept: waiting for it, and tiers"
    default_runs = 5

    def __init__(self, options):
        if options.against:
            sys.exit("--cold compares with waiting, not with another wasmc")
        self.peers = [peer.name for peer in options.peer]

    def sources(self):
        return programs()

    def metrics(self):
        return [Metric("tiers / waiting, wall", "tiers", "waiting", "wall")]

    def own_sides(self, options):
        run = ["env", "WASMC_CACHE_SIZE=0", options.wasmc, "run", *shlex.split(options.wasmc_flags), *shlex.split(options.run_flags)]
        return [Side("waiting", [*run, "--tier-up=never", "{wasm}", "{args}"]), Side("tiers", [*run, "{wasm}", "{args}"])]

    def measure(self, session, source):
        return time_sides(session, source, session.build(source), check_names([*self.own_sides(session.options), *session.options.peer]))

    def row(self, outcome):
        return [outcome.name, *(f"{outcome.median(side, 'wall').middle:.3f}" for side in ("waiting", "tiers", *self.peers)), outcome.ratio("tiers", "waiting", "wall")]

    def show(self, outcomes):
        runs = outcomes[0].runs()
        print(f"first runs, wall time, medians of {runs} in turn; {explain_intervals(runs)}\n")
        mean = mean_estimate([each.ratio("tiers", "waiting", "wall") for each in outcomes])
        header = ["program", "waiting s", "tiers s", *(f"{peer} s" for peer in self.peers), "tiers / waiting"]
        print(table.text(header, [*map(self.row, outcomes), ["geometric mean", *[""] * (2 + len(self.peers)), precise(mean)]]), end="")
