#!/usr/bin/env python3
"""Compares wasmc with native code.

Builds every program of programs/ for this machine and as Wasm, compiles the Wasm with `wasmc compile`, runs native and Wasm in
turn, checks that both print the same and exit alike, and prints times, ratios and memory. See README.md."""
import argparse
import json
import pathlib
import re
import shlex
import sys
import tempfile

from measure import (BASELINE_CPU, HERE, Launcher, build_native, build_wasm, geometric_mean, machine, megabytes, middle, print_table,
                     ratio)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasmc", default="wasmc", help="the wasmc to measure")
    parser.add_argument("--wasmc-flags", default=f"-O2 --cpu {BASELINE_CPU}", help="for `wasmc compile` (default: %(default)s)")
    parser.add_argument("--run-flags", default="", help="for `wasmc run`")
    parser.add_argument("--clang", default="clang-22", help="compiles for this machine; clang++ is found by the same name")
    parser.add_argument("--wasm-clang", help="compiles to wasm32-wasi (default: the same)")
    parser.add_argument("--native-flags", default="", help="added to -O3, such as -march=native")
    parser.add_argument("--wasm-flags", default="", help="added to --target=wasm32-wasi -O3, such as -msimd128")
    parser.add_argument("--filter", default="", help="only programs whose name matches this regular expression")
    parser.add_argument("--runs", type=int, default=5, help="of each program and side (default: %(default)s)")
    parser.add_argument("--wall", action="store_true", help="ratios of wall time instead of CPU time")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="another way to run the module, in the same turns: a command with {wasm} and {args}")
    parser.add_argument("--json", type=pathlib.Path, help="save everything measured")
    parser.add_argument("--compare", type=pathlib.Path, help="show the change against a saved result")
    parser.add_argument("--startup", action="store_true", help="measure the start of hello world instead")
    parser.add_argument("--startup-runs", type=int, default=200, help="(default: %(default)s)")
    parser.add_argument("--keep", type=pathlib.Path, help="build in this directory and leave the files there")
    return parser.parse_args()


class Bench:
    """One session: the options, a directory for what is built, the launcher."""

    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.launcher = Launcher(options.clang, scratch)
        self.field = "wall" if options.wall or options.startup else "cpu"
        self.peers = [peer.partition("=")[::2] for peer in options.peer]

    def build(self, source):
        """Builds both sides; gives the paths of native, wasm and artifact, and what compiling took."""
        native, wasm, artifact = (self.scratch / (source.stem + end) for end in ("", ".wasm", ".aot"))
        build_native(source, native, self.options.clang, shlex.split(self.options.native_flags))
        build_wasm(source, wasm, self.options.wasm_clang or self.options.clang, shlex.split(self.options.wasm_flags))
        compiled = self.launcher.run([self.options.wasmc, "compile", *shlex.split(self.options.wasmc_flags), str(wasm), "-o", str(artifact)])
        if compiled.code != 0:
            sys.exit(f"{source.stem}: wasmc compile exits with {compiled.code}")
        return native, wasm, artifact, compiled

    def commands(self, native, wasm, artifact):
        yield [str(native)]
        yield [self.options.wasmc, "run", *shlex.split(self.options.run_flags), str(artifact)]
        for _, template in self.peers:
            yield [part.replace("{wasm}", str(wasm)) for part in shlex.split(template) if part != "{args}"]

    def check_equal(self, name, sides):
        expected = sides[0][0]
        labels = ["native", "wasmc", *(peer for peer, _ in self.peers)]
        for label, used in zip(labels, sides):
            for each in used:
                if (each.output, each.code) != (expected.output, expected.code):
                    sys.exit(f"{name}: {label} prints {each.output!r} and exits with {each.code}, "
                             f"native prints {expected.output!r} and exits with {expected.code}")

    def measure(self, source, runs):
        native, wasm, artifact, compiled = self.build(source)
        sides = self.launcher.alternate(list(self.commands(native, wasm, artifact)), runs)
        self.check_equal(source.stem, sides)
        return Outcome(source.stem, self.field, sides, [peer for peer, _ in self.peers], compiled, artifact.stat().st_size)


class Outcome:
    """All runs of one program."""

    def __init__(self, name, field, sides, peers, compiled, artifact_size):
        self.name, self.field, self.sides, self.peers = name, field, sides, peers
        self.native, self.ours = sides[0], sides[1]
        self.compiled, self.artifact_size = compiled, artifact_size
        self.ratio = ratio(self.ours, self.native, field)

    def peer_ratios(self):
        return {peer: ratio(side, self.native, self.field) for peer, side in zip(self.peers, self.sides[2:])}

    def row(self):
        return [self.name, f"{middle(self.native, self.field):.3f}", f"{middle(self.ours, self.field):.3f}", self.ratio, f"{self.ratio.best:.2f}",
                megabytes(max(each.peak for each in self.native)), megabytes(max(each.peak for each in self.ours)),
                f"{self.compiled.wall:.2f}", f"{self.artifact_size / 1000:.0f}", *self.peer_ratios().values()]

    def to_json(self):
        def side(used):
            return [{"wall": each.wall, "cpu": each.cpu, "peak": each.peak} for each in used]
        return {"ratio": self.ratio.middle, "best_ratio": self.ratio.best, "native": side(self.native), "wasmc": side(self.ours),
                "peers": {peer: side(used) for peer, used in zip(self.peers, self.sides[2:])},
                "compile_seconds": self.compiled.wall, "artifact_bytes": self.artifact_size}


def print_conditions(options):
    print(f"machine: {machine()}")
    print(f"native:  {options.clang} -O3 -ffp-contract=off {options.native_flags}".rstrip())
    print(f"wasm:    {options.wasm_clang or options.clang} --target=wasm32-wasi -O3 -ffp-contract=off {options.wasm_flags}".rstrip())
    print(f"wasmc:   compile {options.wasmc_flags}")


def print_programs(outcomes, bench):
    header = ["program", "native s", "wasmc s", "ratio (min–max)", "of best", "native MB", "wasmc MB", "compile s", "artifact kB", *(peer for peer, _ in bench.peers)]
    mean = ["geometric mean", "", "", *(f"{geometric_mean([getattr(each.ratio, kind) for each in outcomes]):.3f}" for kind in ("middle", "best")),
            "", "", "", ""]
    mean += [f"{geometric_mean([each.peer_ratios()[peer].middle for each in outcomes]):.3f}" for peer, _ in bench.peers]
    print_table(header, [*(each.row() for each in outcomes), mean])


def print_comparison(outcomes, saved):
    common = [(each, saved["programs"][each.name]["ratio"]) for each in outcomes if each.name in saved["programs"]]
    if not common:
        return print("\nnothing in common with the saved result")
    print("\nratio to native, saved and now:")
    rows = [[each.name, f"{before:.2f}", f"{each.ratio.middle:.2f}", f"{100 * (each.ratio.middle / before - 1):+.1f} %"] for each, before in common]
    then, now = (geometric_mean(values) for values in zip(*((before, each.ratio.middle) for each, before in common)))
    print_table(["program", "saved", "now", "change"], [*rows, ["geometric mean", f"{then:.3f}", f"{now:.3f}", f"{100 * (now / then - 1):+.1f} %"]])


def run_programs(bench):
    options = bench.options
    sources = [path for path in sorted((HERE / "programs").glob("*.c*")) if re.search(options.filter, path.stem)]
    if not sources:
        sys.exit(f"no program matches '{options.filter}'")
    outcomes = []
    for source in sources:
        print(f"\r{source.stem:20}", end="", file=sys.stderr, flush=True)
        outcomes.append(bench.measure(source, options.runs))
    print("\r" + " " * 20 + "\r", end="", file=sys.stderr)
    print(f"{'wall' if options.wall else 'CPU'} time, medians of {options.runs} runs in turn; ratios are medians of pairs, and of the shortest runs\n")
    print_programs(outcomes, bench)
    if options.json:
        conditions = {"machine": machine(), "native_flags": options.native_flags, "wasm_flags": options.wasm_flags, "wasmc_flags": options.wasmc_flags}
        options.json.write_text(json.dumps({"conditions": conditions, "programs": {each.name: each.to_json() for each in outcomes}}, indent=1) + "\n")
    if options.compare:
        print_comparison(outcomes, json.loads(options.compare.read_text()))


def run_startup(bench):
    source = HERE / "hello.c"
    outcome = bench.measure(source, bench.options.startup_runs)
    print(f"hello world, whole process, wall time, medians of {bench.options.startup_runs} runs in turn\n")
    rows = []
    for label, used in zip(["native, dynamic", "wasmc run hello.aot", *outcome.peers], outcome.sides):
        against = ratio(used, outcome.native, "wall")
        rows.append([label, f"{1000 * middle(used, 'wall'):.2f}", f"{1000 * min(each.wall for each in used):.2f}", f"{against.middle:.2f}",
                     megabytes(max(each.peak for each in used))])
    print_table(["command", "median ms", "best ms", "ratio", "peak MB"], rows)


def main():
    options = parse_arguments()
    print_conditions(options)
    with tempfile.TemporaryDirectory() as scratch:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        bench = Bench(options, (options.keep or pathlib.Path(scratch)).resolve())
        run_startup(bench) if options.startup else run_programs(bench)


if __name__ == "__main__":
    main()
