"""The kind of session that counts instructions instead of seconds: they do not depend on what else the machine does, so that a difference
of a thousandth can be seen. They are not time: a miss of the cache or of a prediction costs none."""
import re
import shutil
import sys

import table
from compare import show_against
from measure import programs
from outcome import Metric, Outcome
from session import check_equal
from stats import geometric_mean

# Cachegrind without its caches: the same count as callgrind's in half the time.
VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]


def count(log):
    """The number from valgrind's summary, `==1== I   refs:      88,636,730`; none if it gives none."""
    found = re.search(r"^==\d+== I +refs: +([\d,]+)$", log, re.MULTILINE)
    return int(found[1].replace(",", "")) if found else None


class Instructions:
    name = "instructions"
    help = "count instructions with valgrind instead, which takes twenty times as long as running"
    default_runs = 1

    def __init__(self, options):
        if not shutil.which("valgrind"):
            sys.exit("counting instructions needs valgrind")
        if options.peer:
            sys.exit("--instructions counts native code and artifacts of wasmc, not peers: valgrind would count their compilers too")
        self.ours = ["wasmc", *(["against"] if options.against else [])]

    def sources(self):
        return programs()

    def metrics(self):
        return [Metric("wasmc, instructions", "wasmc", None, "instructions"), Metric("native, instructions", "native", None, "instructions")]

    def measure(self, session, source):
        places, _ = session.build_all(source)
        log = session.scratch / "valgrind.log"
        used, counts = {}, {}
        for way in session.own_sides():
            used[way.name], counts[way.name] = [], {"instructions": []}
            for _ in range(session.options.runs):
                used[way.name].append(session.launcher.run([*VALGRIND, f"--log-file={log}", *way.command(places)]))
                counts[way.name]["instructions"].append(count(log.read_text(errors="replace")))
        if None in sum((side["instructions"] for side in counts.values()), []):
            sys.exit(f"{source.stem}: valgrind counts nothing (it knows no AVX-512; the code must be for --cpu x86-64 or the like)")
        check_equal(source.stem, used)
        return Outcome(source.stem, counts)

    def row(self, outcome):
        millions = (f"{outcome.median(side, 'instructions').middle / 1e6:.1f}" for side in ("native", *self.ours))
        return [outcome.name, *millions, *(f"{outcome.ratio(side, 'native', 'instructions').middle:.3f}" for side in self.ours)]

    def show(self, outcomes):
        print("millions of instructions of the whole process, and ratios to native\n")
        means = [geometric_mean([each.ratio(side, "native", "instructions").middle for each in outcomes]) for side in self.ours]
        mean = ["geometric mean", *[""] * (1 + len(self.ours)), *(f"{each:.3f}" for each in means)]
        header = ["program", "native", *self.ours, *(f"{side} / native" for side in self.ours)]
        print(table.text(header, [*map(self.row, outcomes), mean]), end="")
        if "against" in self.ours:
            show_against(outcomes, ["instructions"])
