#!/usr/bin/env python3
"""Compares wasmc with native code, with another wasmc and with an earlier session.

Builds every program of programs/ for this machine and as Wasm, compiles the Wasm with `wasmc compile`, runs native and Wasm in
turn, checks that both print the same and exit alike, and prints times, ratios and memory; or, by another kind of session, the
start of hello world, first runs, instructions, or what compiling takes. See README.md."""
import argparse
import pathlib
import re
import sys
import tempfile

import compare
import outcome
import sides
from compiling import Compile
from counting import Instructions
from measure import BASELINE_CPU
from session import Session
from timing import Cold, Programs, Startup


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_mutually_exclusive_group()
    parser.set_defaults(kind=Programs)
    for kind in (Startup, Cold, Instructions, Compile):
        kinds.add_argument(f"--{kind.name}", dest="kind", action="store_const", const=kind, help=kind.help)
    parser.add_argument("--wasmc", default="wasmc", help="the wasmc to measure")
    parser.add_argument("--wasmc-flags", default=f"-O2 --cpu {BASELINE_CPU}", help="for `wasmc compile` (default: %(default)s)")
    parser.add_argument("--profile", action="store_true", help="compile for a profile of the same run; not so the side of --against")
    parser.add_argument("--against", metavar="WASMC", help="another wasmc, measured in the same turns")
    parser.add_argument("--against-flags", help="for its `compile` (default: the same)")
    parser.add_argument("--run-flags", default="", help="for `wasmc run`")
    parser.add_argument("--clang", default="clang-22", help="compiles for this machine; clang++ is found by the same name")
    parser.add_argument("--wasm-clang", help="compiles to wasm32-wasi (default: the same)")
    parser.add_argument("--native-flags", default="", help="added to -O3, such as -march=native")
    parser.add_argument("--wasm-flags", default="", help="added to --target=wasm32-wasi -O3, such as -msimd128")
    parser.add_argument("--filter", default="", help="only programs whose name matches this regular expression")
    parser.add_argument("--runs", type=int, help="of each program and side (default: 5; 200 with --startup, 1 with --instructions, 3 with --compile)")
    parser.add_argument("--wall", action="store_true", help="ratios of wall time instead of CPU time")
    sides.add_arguments(parser)
    parser.add_argument("--json", type=pathlib.Path, help="save everything measured")
    parser.add_argument("--compare", type=pathlib.Path, metavar="JSON", help="show the change against a saved session of the same kind")
    parser.add_argument("--keep", type=pathlib.Path, help="build in this directory and leave the files there")
    options = parser.parse_args()
    options.runs = options.runs or options.kind.default_runs
    return options


def chosen_sources(kind, pattern):
    sources = [path for path in kind.sources() if re.search(pattern, path.stem)]
    return sources or sys.exit(f"no program matches '{pattern}'")


def measure_all(kind, session):
    outcomes = []
    for source in chosen_sources(kind, session.options.filter):
        print(f"\r{source.stem:20}", end="", file=sys.stderr, flush=True)
        outcomes.append(kind.measure(session, source))
    print("\r" + " " * 20 + "\r", end="", file=sys.stderr)
    return outcomes


def run(options, scratch):
    kind = options.kind(options)
    saved = outcome.load(options.compare, kind.name) if options.compare else None
    session = Session(options, scratch)
    conditions = session.conditions()
    for key, value in conditions.items():
        print(f"{key + ':':8} {value}")
    outcomes = measure_all(kind, session)
    kind.show(outcomes)
    if options.json:
        outcome.save(options.json, kind.name, conditions, outcomes)
    if saved:
        compare.show(saved, conditions, outcomes, kind.metrics())


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        run(options, (options.keep or pathlib.Path(scratch)).resolve())


if __name__ == "__main__":
    main()
