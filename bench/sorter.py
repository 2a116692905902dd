#!/usr/bin/env python3
"""The table of the thesis that wasmc began with: a program that sorts a file, at sizes from 1 KB to 500 MB.

Builds tests/programs/sorter.c for this machine and as Wasm and runs it natively, by wasmc ahead of time, just in time without and
with its cache, under Node if there is one, and by peers, in turns. Each sorts the same file of random numbers; what it writes must be
what native code writes. Prints time and peak memory, and with --output leaves them as JSON, Markdown and plots. See README.md."""
import argparse
import hashlib
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

import compare
import outcome
import plot
import sides
import table
from measure import BASELINE_CPU, HERE, MEASURED, Launcher, build_native, build_wasm, machine
from outcome import Metric, Outcome, columns
from sides import Side
from stats import explain_intervals

SIZES = "1K,10K,100K,1M,10M,100M,500M"
PROGRAMS = HERE.parent / "tests" / "programs"
KIND = "sorter"
# File, title, axis, field and how much of it is 1.
PLOTS = (("time", "Sorting a file: time", "wall time, s", "wall", 1), ("memory", "Sorting a file: peak memory", "resident, MB", "peak", 1e6))


def parse_size(text):
    """`10K` and the like, by thousands; the sorter's numbers have four bytes."""
    found = re.fullmatch(r"(\d+)([KMG]?)", text)
    number = int(found[1]) * 1000 ** " KMG".index(found[2] or " ") if found else 0
    if number <= 0 or number % 4:
        raise ValueError(text)
    return number


def parse_sizes(text):
    return sorted({parse_size(each) for each in text.split(",")})


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasmc", default="wasmc", help="the wasmc to measure")
    parser.add_argument("--wasmc-flags", default=f"-O2 --cpu {BASELINE_CPU}", 
                        help="for compiling, ahead of time and just in time (default: %(default)s)")
    parser.add_argument("--clang", default="clang-22", help="builds the sorter")
    parser.add_argument("--sizes", type=parse_sizes, default=SIZES, help="of the files, a multiple of 4 bytes (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=15, help="of each size and side (default: %(default)s)")
    parser.add_argument("--sort", choices=("quick", "merge", "bubble"), default="quick", help="(default: %(default)s)")
    parser.add_argument("--without-node", action="store_true", help="leave Node out")
    sides.add_arguments(parser)
    parser.add_argument("--directory", type=pathlib.Path, help="where the files are made (default: the system's directory for such)")
    parser.add_argument("--output", type=pathlib.Path, help="write sorter.json, sorter.md and the plots into this directory")
    parser.add_argument("--compare", type=pathlib.Path, metavar="JSON", help="show the change against a saved session")
    return parser.parse_args()


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()


class Sorter:
    """One session: the program in a scratch directory, the sides that run it, what was measured so far."""

    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.launcher = Launcher(options.clang, scratch)
        self.input, self.result = scratch / "in.bin", scratch / "out.bin"
        built = {name: scratch / f"sorter.{name}" for name in ("native", "wasm", "aot")}
        self.places = {"dir": scratch, "in": self.input, "out": self.result, **built}
        self.arguments = [options.sort, self.input.name, self.result.name]  # of guests: the directory is granted as theirs
        self.sides = sides.check_names([*self.own_sides(), *self.node(), *options.peer])
        self.outcomes, self.gave_up = [], []

    def own_sides(self):
        wasmc, flags = self.options.wasmc, shlex.split(self.options.wasmc_flags)
        grant = "--dir={dir}::."
        return [Side("native", ["{native}", self.options.sort, "{in}", "{out}"]),
                Side("wasmc AOT", [wasmc, "run", grant, "{aot}", "{args}"]),
                Side("wasmc JIT, cold", ["env", "WASMC_CACHE_SIZE=0", wasmc, "run", *flags, grant, "{wasm}", "{args}"]),
                Side("wasmc JIT, cached", [wasmc, "run", "--tier-up=never", *flags, grant, "{wasm}", "{args}"])]

    def node(self):
        if self.options.without_node or not shutil.which("node"):
            return []
        return [Side("Node", ["node", "--no-warnings", str(PROGRAMS / "node_host.mjs"), "--dir={dir}::.", "{wasm}", "{args}"])]

    def conditions(self):
        options = self.options
        peers = "; ".join(map(str, options.peer))
        node = self.must_run(["node", "--version"]).output.decode().strip() if self.node() else "none"
        return {"machine": machine(), "sort": options.sort, "runs": options.runs, "native and wasm": f"{options.clang} -O3 -ffp-contract=off",
                "wasmc": options.wasmc_flags, "Node": node, "peers": peers or "none", **({"gave up": "; ".join(self.gave_up)} if self.gave_up else {})}

    def build(self):
        build_native(PROGRAMS / "sorter.c", self.places["native"], self.options.clang, [])
        build_wasm(PROGRAMS / "sorter.c", self.places["wasm"], self.options.clang, [])
        flags = shlex.split(self.options.wasmc_flags)
        self.must_run([self.options.wasmc, "compile", *flags, str(self.places["wasm"]), "-o", str(self.places["aot"])])
        sides.prepare(self.options.prepare, self.places, self.launcher)

    def must_run(self, command):
        return self.check(command, self.launcher.run(command))

    @staticmethod
    def check(command, used):
        if used.code != 0:
            sys.exit(f"{shlex.join(command)} exits with {used.code}\n{used.output.decode(errors='replace')}{used.errors}".rstrip())
        return used

    def make_input(self, size):
        """The sorter's own generator always gives the same numbers. What native code makes of them is the reference."""
        self.must_run([str(self.places["native"]), "make", str(size), str(self.input)])
        self.must_run(self.sides[0].command(self.places))
        self.expected = digest(self.result)

    def run(self, side):
        """One run, into a fresh file: truncating an old one would be part of the time."""
        self.result.unlink(missing_ok=True)
        command = side.command(self.places, self.arguments)
        used = self.launcher.run(command)
        if used.code != 0 and self.lets_fail(side):
            return used
        self.check(command, used)
        if not self.result.exists() or digest(self.result) != self.expected:
            sys.exit(f"{side.name} writes something else than native code")
        return used

    def lets_fail(self, side):
        """Others may not bear large files, which does not end the session. At the least size they must run: there it is the command that is wrong."""
        return bool(self.outcomes) and side.name not in {own.name for own in self.own_sides()}

    def turn(self, size):
        """A run of each side; one that fails gives up, from this size on."""
        used = {side.name: self.run(side) for side in self.sides}
        for side in [side for side in self.sides if used[side.name].code != 0]:
            self.sides.remove(side)
            self.gave_up.append(f"{side.name} at {table.size(size)}, exit code {used[side.name].code}")
        return used

    def warm_up(self):
        """One run of each side at the least size, which does not count: it brings the programs into memory and fills the cache."""
        self.make_input(self.options.sizes[0])
        for side in self.sides:
            self.run(side)

    def measure(self, size):
        self.make_input(size)
        turns = []
        for turn in range(self.options.runs):
            print(f"\r{table.size(size)}, {turn + 1} of {self.options.runs} ", end="", file=sys.stderr, flush=True)
            turns.append(self.turn(size))
        self.outcomes.append(Outcome(str(size), {side.name: columns([used[side.name] for used in turns], MEASURED) for side in self.sides}))

    def metrics(self):
        for side in self.sides[1:]:
            yield Metric(f"{side.name} / native, wall", side.name, "native", "wall")
            yield Metric(f"{side.name}, peak memory", side.name, None, "peak")


def tables(outcomes):
    """Title, header and rows of each table."""
    names = list(outcomes[0].sides)

    def rows(cell, among):
        return [[table.size(int(each.name)), *(cell(each, side) if side in each.sides else "gave up" for side in among)] for each in outcomes]
    yield "Wall time", ["size", *names], rows(lambda each, side: table.seconds(each.median(side, "wall")), names)
    yield "Wall time as a ratio to native code", ["size", *names[1:]], \
        rows(lambda each, side: table.interval(each.ratio(side, "native", "wall")), names[1:])
    yield "CPU time", ["size", *names], rows(lambda each, side: table.seconds(each.median(side, "cpu")), names)
    yield "Peak memory, MB", ["size", *names], rows(lambda each, side: table.megabytes(max(each.values(side, "peak"))), names)


def explanation(runs):
    return f"Medians of {runs} runs in turn, {explain_intervals(runs)}; of memory the highest peak."


def as_markdown(conditions, outcomes):
    lines = [f"{key}: {value}  " for key, value in conditions.items()]
    parts = [f"{title}:\n\n{table.markdown(header, rows)}" for title, header, rows in tables(outcomes)]
    return "\n\n".join(["\n".join(lines), explanation(outcomes[0].runs()), "\n".join(parts)])


def write_plots(directory, outcomes):
    ticks = [(table.size(int(each.name)), int(each.name)) for each in outcomes]
    for name, title, label, field, unit in PLOTS:
        points = {side: [(each.name, each.median(side, field).scaled(1 / unit)) for each in outcomes if side in each.sides] for side in outcomes[0].sides}
        plot.write(directory / f"sorter-{name}.svg", title, "size of the file", label, points, ticks)


def write_results(directory, conditions, outcomes):
    outcome.save(directory / "sorter.json", KIND, conditions, outcomes)
    (directory / "sorter.md").write_text(as_markdown(conditions, outcomes))
    write_plots(directory, outcomes)


def run(options, scratch):
    saved = outcome.load(options.compare, KIND) if options.compare else None
    sorter = Sorter(options, scratch)
    sorter.build()
    sorter.warm_up()
    for size in options.sizes:
        sorter.measure(size)
        if options.output:  # what is there is kept if a long session ends early
            write_results(options.output, sorter.conditions(), sorter.outcomes)
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    print(as_markdown(sorter.conditions(), sorter.outcomes), end="")
    if saved:
        compare.show(saved, sorter.conditions(), sorter.outcomes, sorter.metrics())


def main():
    options = parse_arguments()
    if options.output:
        plot.require()
        options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.directory) as scratch:
        run(options, pathlib.Path(scratch).resolve())


if __name__ == "__main__":
    main()
